package chat.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The tests of {@link WebClientModuleTest}, in Node. Skipped where there is none. */
@Timeout(120)
final class ClientInNodeTest {
  @Test
  void theClientKeepsItsPromises(@TempDir Path folder) throws Exception {
    assumeTrue(NodeProgram.isInstalled(), "no Node on the path");
    ClientFiles.copyTo(folder);
    assertThat(NodeProgram.run(folder, "tests/in-node.js").lines())
        .hasSizeGreaterThan(100)
        .allMatch(line -> line.startsWith("ok "));
  }
}
