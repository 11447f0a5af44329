package chat.engine.examples;

import static org.assertj.core.api.Assertions.assertThat;

import chat.engine.examples.local.LocalServers;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
final class ExamplesTest {
  @TempDir private Path folder;

  private static LocalServers servers;

  /** One PostgreSQL for all of them: to start one takes longer than what most examples do. */
  @BeforeAll
  static void startServers() {
    servers = LocalServers.start();
    System.setProperty(LocalServers.POSTGRES, servers.postgresUrl());
  }

  @AfterAll
  static void stopServers() {
    System.clearProperty(LocalServers.POSTGRES);
    servers.close();
  }

  @Test
  void twoUsersTalkInMemory() throws Exception {
    assertThat(output(() -> TwoUsers.main(new String[0]))).contains("bob hears ada: Hello, Bob");
  }

  @Test
  void usersOfTwoNodesTalk() throws Exception {
    assertThat(output(() -> TwoNodes.main(new String[0])))
        .contains("bob, on south, hears ada: Hello from the north")
        .contains("cleo, on south, hears bob: Where shall we go?")
        .contains("Done.");
  }

  @Test
  void aBotAnswersAtOnceAndPieceByPiece() throws Exception {
    assertThat(output(() -> BotExample.main(new String[0])))
        .contains("clerk: At nine, every day but Sunday.")
        .contains("clerk writes: …", "clerk writes: Leave the station by the north exit,")
        .contains("clerk: Leave the station by the north exit, turn left, and ring.")
        .contains("Done.");
  }

  @Test
  void aProjectsGroupFollowsTheRowsOfTheApplication() throws Exception {
    assertThat(output(() -> Projects.main(new String[0])))
        .contains("bob reads (system): bob works on this project now")
        .contains("ada reads bob: What shall we build it of?")
        .contains("ada cannot remove bob: ")
        .contains("bob sees in The bridge: REMOVED [bob]")
        .contains("ada sees in The bridge: ADDED [eve]")
        .contains("ada sees in The bridge: DELETED []")
        .doesNotContain("bob reads ada")
        .contains("Done.");
  }

  @Test
  void aLogReplaysCompletelyWhileRedisIsKilledAndRestarted() throws Exception {
    Path log = syntheticLog();
    String printed =
        output(() -> assertThat(ReplayLog.run(log.toString(), "--fault", "redis")).isTrue());
    assertThat(printed)
        .contains("900 messages of 30 users, 2 other lines skipped")
        .contains("killing Redis")
        .contains("PASSED: each of 30 users saw each of 900 messages once, in one order");
  }

  @Tag("thorough")
  @Test
  void theStoreBenchmarkRunsAndPrintsItsRatios() throws Exception {
    assertThat(output(() -> StoreBench.main(new String[] {"--smoke"})))
        .contains("machine:")
        .contains("fsync on")
        .contains("(e)")
        .contains("ratio");
  }

  @Tag("thorough")
  @Test
  void theRouterBenchmarkRunsAndPrintsItsRatio() throws Exception {
    assertThat(output(() -> RouterBench.main(new String[] {"--smoke"})))
        .contains("fsync on", "two nodes, Redis", "two nodes, PostgreSQL", "ratio");
  }

  private Path syntheticLog() throws IOException {
    List<String> lines = new ArrayList<>(List.of("=== nick1 joins", "[10:00]  * nick2 waves"));
    for (int i = 0; i < 900; i++) {
      lines.add("[10:%02d] <nick%d> line %d, with some words in it".formatted(i / 60, i % 30, i));
    }
    return Files.write(folder.resolve("synthetic.txt"), lines);
  }

  private interface Program {
    void run() throws Exception;
  }

  private static String output(Program program) throws Exception {
    PrintStream before = System.out;
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
    try {
      program.run();
    } finally {
      System.setOut(before);
      before.print(printed.toString(StandardCharsets.UTF_8));
    }
    return printed.toString(StandardCharsets.UTF_8);
  }
}
