package chat.engine.examples.faultcheck.check.rule;

import chat.engine.examples.faultcheck.check.evidence.Check;
import chat.engine.examples.faultcheck.check.evidence.Evidence;
import chat.engine.examples.faultcheck.check.evidence.Settings;
import chat.engine.examples.faultcheck.check.evidence.Violation;
import chat.engine.examples.faultcheck.check.evidence.Violation.Scope;
import chat.engine.examples.faultcheck.history.Event.Verb;
import chat.engine.examples.faultcheck.history.Fact;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/**
 * In slow mode a plain member waits between two sends (promise 7, as a silence). The times are
 * those that are stored with the messages; the pace is that of the second send, if slow mode did
 * not end in between.
 */
public final class SlowModeCheck implements Check {
  private static final String MEMBER = "M";
  private static final long MILLIS = 1_000;

  private record Place(long conversation, long seq) {}

  @Override
  public void run(Evidence evidence, Consumer<Violation> violations) {
    Map<Place, Long> sent = new HashMap<>();
    evidence
        .history()
        .facts(Fact.Sent.class)
        .forEach(fact -> sent.put(new Place(fact.conversation(), fact.seq()), fact.at()));
    for (Fact.Conversation group : evidence.conversations()) {
      group(evidence, group.conversation(), sent, violations);
    }
  }

  private static void group(
      Evidence evidence, long group, Map<Place, Long> sent, Consumer<Violation> violations) {
    Settings settings = evidence.settings(group);
    Set<String> others = withOtherRoles(evidence, group);
    Map<String, Fact.Message> last = new HashMap<>();
    for (Fact.Message message : evidence.messages(group).values()) {
      long rev = evidence.membership(group).revAt(message.seq());
      long pace = settings.slowSecondsAt(rev);
      if (pace == 0 || others.contains(message.from())) {
        continue;
      }
      Fact.Message before = last.put(message.from(), message);
      Long now = sent.get(new Place(group, message.seq()));
      if (before == null || now == null) {
        continue;
      }
      Long then = sent.get(new Place(group, before.seq()));
      boolean isOneMode =
          !settings.wasQuickBetween(evidence.membership(group).revAt(before.seq()), rev);
      if (then != null && isOneMode && now - then < pace * MILLIS) {
        violations.accept(
            new Violation(
                7,
                "%s sent messages %d and %d within %d ms, in spite of slow mode of %d s"
                    .formatted(message.from(), before.seq(), message.seq(), now - then, pace),
                new Scope(group, Set.of(message.from()), Set.of(), before.seq(), message.seq())));
      }
    }
  }

  /** Who made the group, or has or had another role than a plain member. */
  private static Set<String> withOtherRoles(Evidence evidence, long group) {
    Set<String> others = new HashSet<>();
    evidence
        .members(group)
        .values()
        .forEach(
            member -> {
              if (!member.role().equals(MEMBER)) {
                others.add(member.user());
              }
            });
    evidence.membership(group).changes().stream()
        .filter(change -> change.kind() == Fact.Kind.ROLE_SET)
        .forEach(change -> others.addAll(change.subjects()));
    evidence.ops(Verb.GROUP).stream()
        .filter(op -> op.id() == group)
        .forEach(op -> others.add(op.call().user()));
    return others;
  }
}
