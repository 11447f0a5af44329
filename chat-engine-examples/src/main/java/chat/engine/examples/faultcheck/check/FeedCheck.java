package chat.engine.examples.faultcheck.check;

import chat.engine.examples.faultcheck.check.evidence.Check;
import chat.engine.examples.faultcheck.check.evidence.Evidence;
import chat.engine.examples.faultcheck.check.evidence.Violation;
import chat.engine.examples.faultcheck.check.evidence.Violation.Scope;
import chat.engine.examples.faultcheck.history.Event;
import chat.engine.examples.faultcheck.history.Fact;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * Promise 13: a feed delivers every message and every change that is stored, at least once, and in
 * the order of their conversation: what is repeated begins at a place where the cursor was, and
 * goes up from there without gaps. What is not stored any more may be delivered or not. Histories
 * in which no feed was followed keep it.
 */
public final class FeedCheck implements Check {
  /** The place of an entry: a change comes behind the message at which it was made. */
  private record Entry(String name, long atSeq, long rev) {}

  /** What there is to deliver of a conversation, in its order, and how much of it was. */
  private static final class Log {
    private final long conversation;
    private final List<Entry> entries;
    private final Map<String, Integer> places = new HashMap<>();
    private int delivered;

    Log(long conversation, List<Entry> entries) {
      this.conversation = conversation;
      this.entries = entries.stream().sorted(BY_PLACE).toList();
      for (int i = 0; i < this.entries.size(); i++) {
        places.put(this.entries.get(i).name(), i);
      }
    }

    /** False if the batch does not go on where it may. */
    boolean deliver(Event.Delivered batch, Consumer<Violation> violations) {
      int next = -1;
      for (String name : batch.entries()) {
        Integer place = places.get(name);
        if (place == null) {
          continue; // expired
        }
        if (next < 0 ? place > delivered : place != next) {
          int due = next < 0 ? delivered : next;
          report(
              "node %s was given %s where %s was due: %s"
                  .formatted(
                      batch.node(),
                      name,
                      due < entries.size() ? entries.get(due).name() : "nothing",
                      batch.entries()),
              entries.get(place),
              violations);
          return false;
        }
        next = place + 1;
        delivered = Math.max(delivered, next);
      }
      return true;
    }

    void end(Consumer<Violation> violations) {
      if (delivered < entries.size()) {
        Entry missing = entries.get(delivered);
        report(
            "%d entries were not delivered, from %s on"
                .formatted(entries.size() - delivered, missing.name()),
            missing,
            violations);
      }
    }

    private void report(String what, Entry entry, Consumer<Violation> violations) {
      violations.accept(
          new Violation(13, what, Scope.of(conversation).seq(Math.max(1, entry.atSeq()))));
    }
  }

  private static final Comparator<Entry> BY_PLACE =
      Comparator.comparingLong(Entry::atSeq).thenComparingLong(Entry::rev);

  /** Also of histories with erased users and deleted conversations: it looks at numbers only. */
  @Override
  public void run(Evidence evidence, Consumer<Violation> violations) {
    if (evidence.history().events(Event.Followed.class).findAny().isEmpty()) {
      return;
    }
    Map<Long, List<Event.Delivered>> batches = new HashMap<>();
    evidence
        .history()
        .events(Event.Delivered.class)
        .sorted(Comparator.comparingLong(Event.Delivered::nanos))
        .forEach(
            batch ->
                batches
                    .computeIfAbsent(batch.conversation(), none -> new ArrayList<>())
                    .add(batch));
    stored(evidence)
        .forEach(
            (conversation, entries) -> {
              Log log = new Log(conversation, entries);
              boolean isInOrder =
                  batches.getOrDefault(conversation, List.of()).stream()
                      .allMatch(batch -> log.deliver(batch, violations));
              if (isInOrder) { // else the first fault tells enough
                log.end(violations);
              }
            });
  }

  private static Map<Long, List<Entry>> stored(Evidence evidence) {
    Map<Long, List<Entry>> stored = new TreeMap<>();
    evidence
        .history()
        .facts(Fact.Message.class)
        .forEach(
            message ->
                stored
                    .computeIfAbsent(message.conversation(), none -> new ArrayList<>())
                    .add(new Entry(Event.Delivered.MESSAGE + message.seq(), message.seq(), 0)));
    evidence
        .history()
        .facts(Fact.Change.class)
        .forEach(
            change ->
                stored
                    .computeIfAbsent(change.conversation(), none -> new ArrayList<>())
                    .add(
                        new Entry(
                            Event.Delivered.CHANGE + change.rev(), change.atSeq(), change.rev())));
    return stored;
  }
}
