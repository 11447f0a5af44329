package chat.engine.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

final class ReadmeTest {
  private static final Path ROOT = Path.of("..");

  @Test
  void theReadmeShowsTheEmbeddingThatIsCompiled() throws IOException {
    assertThat(Files.readString(ROOT.resolve("README.md")))
        .contains("```java\n" + shown("Embedding") + "\n```");
  }

  @Test
  void theReadmeOfTheEngineShowsTheMembershipThatIsCompiled() throws IOException {
    assertThat(Files.readString(ROOT.resolve("chat-engine/README.md")))
        .contains("\n" + shown("Projects") + "\n```");
  }

  /** The lines of an example between its marks. */
  private static String shown(String example) throws IOException {
    String source =
        Files.readString(Path.of("src/main/java/chat/engine/examples/" + example + ".java"));
    return source
        .substring(source.indexOf("// readme-begin") + 16, source.indexOf("// readme-end"))
        .stripTrailing()
        .stripIndent();
  }

  @Test
  void theCiRunsTheTestCommandOfTheReadme() throws IOException {
    String readme = Files.readString(ROOT.resolve("README.md"));
    String command =
        readme.substring(readme.indexOf("## Test it")).split("```sh\n")[1].split("\n")[0];
    assertThat(Files.readString(ROOT.resolve(".ci/run"))).contains("\n" + command + "\n");
  }
}
