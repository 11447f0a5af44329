package chat.server.process;

import static org.assertj.core.api.Assertions.assertThat;

import chat.server.ChatClient;
import chat.server.ChatServer;
import chat.server.TestServer;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Machines of one deployment may have different locales, and be moved to another one. */
@Timeout(180)
@Tag("thorough")
final class LocaleTest {
  private static final String PASSWORD = "correct horse"; // of ChatClient

  /** Turkish has an i without a dot, and Arabic digits of its own. */
  @ParameterizedTest
  @ValueSource(
      strings = {"-Duser.language=tr -Duser.country=TR", "-Duser.language=ar -Duser.country=EG"})
  void passwordsAndNamesAreTheSameUnderAnyLocale(String locale, @TempDir Path folder)
      throws Exception {
    String database = "--database-url=" + TestServer.freshDatabase();
    try (ChatServer here = TestServer.start(database)) {
      new ChatClient(here.httpPort(), here.wsPort()).register("IRIS");
    }
    String files = "--files-dir=" + folder.resolve("files");
    try (ChildServer there =
        ChildServer.start(folder, List.of(locale.split(" ")), Map.of(), database, files)) {
      ChatClient iris = new ChatClient(there.httpPort(), there.wsPort());
      assertThat(iris.logIn("IRIS@example.org", PASSWORD).status()).isEqualTo(201);
      ChatClient inci = new ChatClient(there.httpPort(), there.wsPort()).register("INCI");
      inci.connect();
      assertThat(there.said()).doesNotContain("ERROR");
    }
    try (ChatServer here = TestServer.start(database)) {
      ChatClient inci = new ChatClient(here.httpPort(), here.wsPort());
      assertThat(inci.logIn("inci@example.org", PASSWORD).status()).isEqualTo(201);
    }
  }
}
