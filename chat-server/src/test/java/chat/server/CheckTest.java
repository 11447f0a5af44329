package chat.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code admin check} says of a server's settings what the start of that server would. */
@Timeout(120)
final class CheckTest {
  private static final String BROKEN =
      """
      {"webhooks": [{"name": "crm", "url": "ftp://crm.example.org", "secret_env": "CRM_SECRET"}]}""";

  @TempDir private Path directory;
  private String database;

  @BeforeEach
  void database() throws Exception {
    database = "--database-url=" + TestServer.freshDatabase();
  }

  private AdminShell.Result check(Map<String, String> environment, String... flags) {
    String[] words =
        Stream.concat(Stream.of(database, "check"), Stream.of(flags)).toArray(String[]::new);
    return AdminShell.run("", environment, words);
  }

  private Path integrations(String content) throws IOException {
    return Files.writeString(directory.resolve("integrations.json"), content);
  }

  @Test
  void aFilesDirectoryThatCannotBeMade() {
    AdminShell.Result checked = check(Map.of(), "--files-dir=/dev/null/x");
    assertThat(checked.out())
        .containsPattern("failed +files +/dev/null is no directory; check --files-dir");
    assertThat(checked.code()).isEqualTo(1);
    assertThatThrownBy(() -> TestServer.start(database, "--files-dir=/dev/null/x").close())
        .isInstanceOf(IOException.class)
        .hasMessageContaining("/dev/null is no directory")
        .hasMessageContaining("choose another --files-dir");
  }

  @Test
  void aFilesDirectoryThatIsAFile() throws Exception {
    String flag = "--files-dir=" + Files.createFile(directory.resolve("file"));
    assertThat(check(Map.of(), flag).out()).containsPattern("failed +files .*is no directory");
    assertThatThrownBy(() -> TestServer.start(database, flag).close())
        .isInstanceOf(IOException.class)
        .hasMessageContaining("is no directory");
  }

  @Test
  void aServerThatTakesNoFilesNeedsNoDirectory() throws Exception {
    String[] flags = {"--files-dir=/dev/null/x", "--max-file-bytes=0"};
    assertThat(check(Map.of(), flags).out())
        .containsPattern("ok +files")
        .doesNotContain("are free for");
    TestServer.start(database, flags[0], flags[1]).close();
  }

  @Test
  void aCheckMakesNothingAndAStartDoes() throws Exception {
    Path files = directory.resolve("a").resolve("b");
    String flag = "--files-dir=" + files;
    assertThat(check(Map.of(), flag).out())
        .containsPattern("ok +files +they lie in " + files)
        .containsPattern("(ok|warning|failed) +disk +[0-9,]+ MiB are free for " + files);
    assertThat(directory).isEmptyDirectory();
    TestServer.start(database, flag).close();
    assertThat(files).isEmptyDirectory();
  }

  @Test
  void aFileOfIntegrationsThatIsWrong() throws Exception {
    Path file = integrations(BROKEN);
    AdminShell.Result checked =
        check(Map.of("CRM_SECRET", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"), integrations(file));
    assertThat(checked.out()).containsPattern("failed +integrations .*url");
    assertThat(checked.code()).isEqualTo(1);
    assertThat(check(Map.of(), integrations(integrations("{"))).out())
        .containsPattern("failed +integrations .*is no JSON object");
    assertThat(check(Map.of(), "--integrations=" + directory.resolve("missing")).out())
        .containsPattern("failed +integrations .*cannot be read");
    assertThat(check(Map.of(), integrations(integrations("{\"moderation\": {}}"))).out())
        .containsPattern("failed +integrations .*moderation");
    assertThat(check(Map.of(), integrations(integrations("{\"push\": {}}"))).out())
        .containsPattern("failed +integrations .*push");
    assertThat(check(Map.of(), integrations(integrations("{\"bots\": [{}]}"))).out())
        .containsPattern("failed +integrations .*bots");
  }

  private static String integrations(Path file) {
    return "--integrations=" + file;
  }

  @Test
  void aFileOfIntegrationsThatIsRight() throws Exception {
    Path file = integrations(BROKEN.replace("ftp:", "https:"));
    AdminShell.Result checked =
        check(Map.of("CRM_SECRET", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"), integrations(file));
    assertThat(checked.out()).containsPattern("ok +integrations .*bots: 0, webhooks: 1");
    assertThat(check(Map.of(), integrations(file)).out())
        .as("without the secret")
        .containsPattern("failed +integrations .*CRM_SECRET");
  }

  @Test
  void settingsWithoutARouterWhileNodesRun() throws Exception {
    assertThat(check(Map.of()).out()).containsPattern("ok +router +these settings name no router");
    try (ChatServer north = TestServer.start(database, "--router=postgres");
        ChatServer south = TestServer.start(database, "--router=postgres")) {
      assertThat(north.httpPort()).isNotEqualTo(south.httpPort());
      await()
          .atMost(Duration.ofSeconds(10))
          .untilAsserted(
              () ->
                  assertThat(check(Map.of()).out())
                      .containsPattern(
                          "warning +router +these settings name no router .*and 2 nodes run"));
      AdminShell.Result linked = check(Map.of(), "--router=postgres");
      assertThat(linked.out()).containsPattern("ok +router");
      assertThat(linked.code()).isZero();
    }
  }
}
