package chat.engine.examples.faultcheck.check;

import chat.engine.examples.faultcheck.check.evidence.Check;
import chat.engine.examples.faultcheck.check.evidence.Evidence;
import chat.engine.examples.faultcheck.check.evidence.Violation;
import chat.engine.examples.faultcheck.check.rule.EditHistoryCheck;
import chat.engine.examples.faultcheck.check.rule.ErasedUsers;
import chat.engine.examples.faultcheck.check.rule.ErasureCheck;
import chat.engine.examples.faultcheck.check.rule.ForwardCheck;
import chat.engine.examples.faultcheck.check.rule.HistoryAccessCheck;
import chat.engine.examples.faultcheck.check.rule.InviteCheck;
import chat.engine.examples.faultcheck.check.rule.RestrictionCheck;
import chat.engine.examples.faultcheck.check.rule.RetentionCheck;
import chat.engine.examples.faultcheck.check.rule.SlowModeCheck;
import chat.engine.examples.faultcheck.check.view.ConvergenceCheck;
import chat.engine.examples.faultcheck.check.view.MessageStateCheck;
import chat.engine.examples.faultcheck.check.view.PinCheck;
import chat.engine.examples.faultcheck.check.view.PreferencesCheck;
import chat.engine.examples.faultcheck.check.view.PresenceCheck;
import chat.engine.examples.faultcheck.check.view.ReceiptCheck;
import chat.engine.examples.faultcheck.check.view.StreamCheck;
import chat.engine.examples.faultcheck.history.History;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** All promises at once. */
public final class Checks {
  private static final List<Check> ALL =
      List.of(
          new AvailabilityCheck(),
          new DurabilityCheck(),
          new IdempotenceCheck(),
          new OrderCheck(),
          new StreamCheck(),
          new ReadYourWritesCheck(),
          new ReceiptCheck(),
          new LeakCheck(),
          new BoundsCheck(),
          new IdCheck(),
          new ConvergenceCheck(),
          new MessageStateCheck(),
          new PreferencesCheck(),
          new PinCheck(),
          new RestrictionCheck(),
          new InviteCheck(),
          new SlowModeCheck(),
          new EditHistoryCheck(),
          new ForwardCheck(),
          new HistoryAccessCheck(),
          new RetentionCheck(),
          new BotCheck(),
          new PresenceCheck());

  private Checks() {}

  /** What the history breaks, by promise; empty if it keeps them all. */
  public static List<Violation> run(History history) {
    List<Violation> found = new ArrayList<>();
    Evidence everything = new Evidence(history);
    DeletionCheck.run(everything, found::add);
    new ErasureCheck().run(everything, found::add);
    new FeedCheck().run(everything, found::add);
    Evidence evidence =
        new Evidence(
            ErasedUsers.replacedIn(DeletionCheck.without(DeletionCheck.deleted(history), history)));
    ALL.forEach(check -> check.run(evidence, found::add));
    found.sort(Comparator.comparingInt(Violation::promise));
    return found;
  }
}
