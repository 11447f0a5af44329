package chat.engine.examples.faultcheck.check.evidence;

import chat.engine.examples.faultcheck.history.Event.Verb;
import java.util.ArrayList;
import java.util.List;

/**
 * When somebody certainly was no member of a conversation any more: after an acknowledged removal,
 * till they may be back.
 */
public record Absence(long conversation, String user, long from, long to) {
  /** Whether the call began and ended within it. */
  public boolean contains(Op op) {
    return from < op.call().at() && op.end() < to;
  }

  /** All of a history. */
  public static List<Absence> all(Evidence evidence) {
    List<Op> additions = evidence.ops(Verb.ADD, Verb.JOIN);
    List<Absence> absences = new ArrayList<>();
    for (Op removal : evidence.ops(Verb.REMOVE, Verb.LEAVE, Verb.BAN)) {
      long conversation = removal.call().conversation();
      for (String user : removal.call().subjects()) {
        List<Op> own =
            additions.stream()
                .filter(op -> op.call().conversation() == conversation)
                .filter(op -> op.call().subjects().contains(user))
                .toList();
        for (Spans.Span span : Spans.of(List.of(removal), own)) {
          absences.add(new Absence(conversation, user, span.from(), span.to()));
        }
      }
    }
    return absences;
  }
}
