package chat.engine.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import chat.engine.examples.cluster.ClusterOptions;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(300)
final class LocalClusterTest {
  private static final Path JAR = Path.of("../chat-server/target/chat-server.jar");

  private final ByteArrayOutputStream printed = new ByteArrayOutputStream();

  private boolean run(String commands, String... args) throws Exception {
    return LocalCluster.run(
        null,
        new ByteArrayInputStream(commands.getBytes(StandardCharsets.UTF_8)),
        new PrintStream(printed, true, StandardCharsets.UTF_8),
        args);
  }

  @Tag("thorough")
  @Test
  void nothingIsLostWhileEachPartIsBrokenAndTheEndOfTheInputEndsEverything() throws Exception {
    assumeTrue(Files.isReadable(JAR), "mvn package makes " + JAR);
    long children = ProcessHandle.current().descendants().count();
    String commands =
        """
        kill 2
        kill r
        wait 2
        kill 2
        start 2
        stop 1
        wait 3
        continue 1
        start r
        cut 3
        wait 2
        mend 3
        kill p
        wait 1
        start p
        check
        """;
    boolean passed = run(commands, JAR.toString(), "--port", "0");
    String text = printed.toString(StandardCharsets.UTF_8);
    System.out.print(text);
    assertThat(passed).isTrue();
    assertThat(text)
        .containsPattern("\\n[0-9]+ messages sent, .* 0 lost, .*\\nStopping everything");
    assertThat(text)
        .contains("node 2 was killed with -9", "node 2 does not run", "node 1 stands still")
        .contains("node 3 is cut off", "PostgreSQL was started again", "Redis killed")
        .contains("PASSED: ", " 0 lost, 0 doubled; ")
        .doesNotContain("0 doubled; 0 reconnects");
    assertThat(ProcessHandle.current().descendants().filter(ProcessHandle::isAlive).count())
        .isLessThanOrEqualTo(children);
  }

  @Test
  void nodesThatEndAtOnceEndItWithWhatTheyWrote(@TempDir Path folder) throws Exception {
    Path noJar = Files.writeString(folder.resolve("broken.jar"), "this is no jar");
    assertThatThrownBy(() -> run("", noJar.toString(), "--port", "0"))
        .hasMessageContaining(": ended by itself\n")
        .hasMessageContaining("Invalid or corrupt jarfile " + noJar);
    assertThat(printed.toString(StandardCharsets.UTF_8)).contains("Invalid or corrupt jarfile");
  }

  @Test
  void whatCannotBeRunIsRefused() {
    assertThatThrownBy(() -> run("", "no-such.jar")).hasMessageContaining("mvn -ntp -Pcluster");
    assertThatThrownBy(() -> run("", "--nodes", "12")).hasMessageContaining("1 to 9, not 12");
    assertThatThrownBy(() -> run("", "--rate", "x")).hasMessageContaining("1 to 1000, not x");
    assertThatThrownBy(() -> run("", "--port")).hasMessageContaining("--port needs a value");
    assertThatThrownBy(() -> run("", "--fast", "1")).hasMessageContaining("unknown: --fast");
    assertThatThrownBy(() -> run("", "--help")).hasMessageContaining("Usage: LocalCluster [JAR]");
  }

  @Test
  void aPortThatIsTakenIsRefusedOnlyIfItWasAskedFor() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      String port = Integer.toString(taken.getLocalPort());
      ClusterOptions options = ClusterOptions.parse("--port", port);
      assertThatThrownBy(options::freePort).hasMessageContaining("port " + port + " is taken");
    }
    assertThat(ClusterOptions.parse("--port", "0").freePort()).isPositive();
    assertThat(ClusterOptions.parse().freePort()).isPositive();
    assertThat(ClusterOptions.parse().opensBrowser()).isTrue();
    assertThat(ClusterOptions.parse("--plain", "--no-browser").opensBrowser()).isFalse();
  }
}
