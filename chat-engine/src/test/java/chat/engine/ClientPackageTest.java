package chat.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** What npm is to publish of the JavaScript client, held against the build. */
final class ClientPackageTest {
  private static final Path CLIENT =
      Path.of("src/main/resources/META-INF/resources/webjars/chat-engine");

  @Test
  void theClientHasTheVersionOfTheEngine() throws IOException {
    assertThat(first("\"version\": \"([^\"]*)\"", CLIENT.resolve("package.json")))
        .isEqualTo(first("<version>([^<]*?)(-SNAPSHOT)?</version>", Path.of("pom.xml")));
  }

  @Test
  void theClientHasTheLicenseOfTheProject() throws IOException {
    assertThat(CLIENT.resolve("LICENSE")).hasSameTextualContentAs(Path.of("../LICENSE"));
  }

  private static String first(String pattern, Path file) throws IOException {
    return Pattern.compile(pattern)
        .matcher(Files.readString(file))
        .results()
        .findFirst()
        .map((MatchResult found) -> found.group(1))
        .orElseThrow();
  }
}
