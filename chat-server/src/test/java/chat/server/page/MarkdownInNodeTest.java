package chat.server.page;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import chat.server.NodeProgram;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What the page makes of the marks in a text: {@code markdown-tests.js}, in Node. */
@Timeout(60)
final class MarkdownInNodeTest {
  @Test
  void textsBecomeTheTreesOfTheTable(@TempDir Path folder) throws Exception {
    assumeTrue(NodeProgram.isInstalled(), "no Node on the path");
    Files.writeString(folder.resolve("package.json"), "{\"type\":\"module\"}");
    copy("/chat/server/web/text/markdown.js", folder.resolve("text/markdown.js"));
    copy("/chat/server/page/markdown-tests.js", folder.resolve("markdown-tests.js"));
    assertThat(NodeProgram.run(folder, "markdown-tests.js").lines())
        .hasSizeGreaterThan(50)
        .allMatch(line -> line.startsWith("ok "));
  }

  private static void copy(String resource, Path to) throws Exception {
    Files.createDirectories(to.getParent());
    try (InputStream in = MarkdownInNodeTest.class.getResourceAsStream(resource)) {
      Files.copy(in, to);
    }
  }
}
