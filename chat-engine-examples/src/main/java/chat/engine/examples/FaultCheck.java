package chat.engine.examples;

import chat.engine.examples.faultcheck.Options;
import chat.engine.examples.faultcheck.Report;
import chat.engine.examples.faultcheck.SeedQueue;
import chat.engine.examples.faultcheck.check.Checks;
import chat.engine.examples.faultcheck.check.evidence.Violation;
import chat.engine.examples.faultcheck.history.History;
import chat.engine.examples.faultcheck.history.HistoryFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * Proves what the engine promises while everything fails: several engines, each a process of its
 * own, over a real PostgreSQL and a real Redis, with links between all of them that are cut, slowed
 * down and made to lose things, servers that are killed, stopped and filled up, and users who
 * write, read, come and go. Everything that they did and saw is compared with what the engine
 * promises and with what is stored in the end; what breaks a promise is printed with the smallest
 * history that shows it, its seed, and its faults.
 *
 * <pre>FaultCheck [--seeds N] [--first-seed S] [--seconds 60] [--nodes 3] [--users 14]
 *            [--parallel 1] [--faults all|none|a,b,c] [--sabotage NAME]
 *            [--router redis|postgres] [--long-stop-every 5] [--keep FOLDER]
 * FaultCheck --check HISTORY</pre>
 *
 * <p>Ends with status 1 if a promise was broken; with {@code --sabotage}, which breaks the nodes on
 * purpose, if none was. A seed has the same faults at the same times every time it runs, and the
 * same users; what happens between them is not the same. One seed of five (4, 9, 14, ...; {@code
 * --long-stop-every} for another number, 0 for none) has a node, a server or a link that stands
 * still for 5 to 90 s; such a run is as much longer as that takes.
 */
public final class FaultCheck {
  private FaultCheck() {}

  /** See above. */
  public static void main(String[] args) throws IOException, InterruptedException {
    boolean passed;
    try {
      passed = run(args);
    } catch (IllegalArgumentException wrong) {
      System.err.println(wrong.getMessage());
      passed = false;
    }
    System.out.flush();
    System.exit(passed ? 0 : 1);
  }

  /** As the program, but gives whether its status would be 0. */
  static boolean run(String... args) throws IOException, InterruptedException {
    Options options = Options.parse(args);
    Report report = new Report(System.out, Checks::run);
    Path stored = options.check();
    if (stored == null) {
      return SeedQueue.run(options, report);
    }
    History history = HistoryFile.read(stored);
    List<Violation> violations = Checks.run(history);
    report.violations(history, violations);
    return violations.isEmpty();
  }
}
