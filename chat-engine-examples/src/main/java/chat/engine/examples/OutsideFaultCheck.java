package chat.engine.examples;

import chat.engine.examples.faultcheck.Report;
import chat.engine.examples.faultcheck.check.evidence.Violation;
import chat.engine.examples.faultcheck.check.outside.OutsideChecks;
import chat.engine.examples.faultcheck.history.History;
import chat.engine.examples.faultcheck.history.HistoryFile;
import chat.engine.examples.faultcheck.outside.OutsideOptions;
import chat.engine.examples.faultcheck.outside.OutsideSeeds;
import java.io.IOException;
import java.util.List;

/**
 * Proves what chat-server promises to the world outside while that fails, and the servers do, too:
 * nodes of the packaged server with outgoing webhooks, a bot behind a webhook and a bot of a
 * language model that streams, all of which this program itself answers for. Users write to each
 * other, to groups and to bots; nodes are killed with {@code -9}, or stopped for up to 20 s, and
 * webhooks and providers refuse, hang, break off, or answer nonsense. In the end every stored
 * message must have reached every webhook, in order and signed, and every question must have one
 * answer, with exactly the text of the provider or, after three attempts, the one sentence. What
 * breaks that is printed with the smallest history that shows it.
 *
 * <pre>OutsideFaultCheck chat-server.jar [--seeds N] [--first-seed S] [--seconds 60] [--nodes 2]
 *            [--keep FOLDER]
 * OutsideFaultCheck --check HISTORY</pre>
 *
 * <p>Ends with status 1 if a promise was broken. A seed has the same faults at the same times every
 * time it runs; what happens between them is not the same.
 */
public final class OutsideFaultCheck {
  private OutsideFaultCheck() {}

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

  private static boolean run(String... args) throws IOException, InterruptedException {
    OutsideOptions options = OutsideOptions.parse(args);
    Report report = new Report(System.out, OutsideChecks::run);
    if (options.check() == null) {
      return OutsideSeeds.run(options, report);
    }
    History history = HistoryFile.read(options.check());
    List<Violation> violations = OutsideChecks.run(history);
    report.violations(history, violations);
    return violations.isEmpty();
  }
}
