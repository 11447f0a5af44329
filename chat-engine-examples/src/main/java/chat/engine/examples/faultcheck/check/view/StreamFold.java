package chat.engine.examples.faultcheck.check.view;

import chat.engine.examples.faultcheck.check.evidence.Evidence;
import chat.engine.examples.faultcheck.check.evidence.Sessions;
import chat.engine.examples.faultcheck.check.evidence.Violation;
import chat.engine.examples.faultcheck.check.evidence.Violation.Scope;
import chat.engine.examples.faultcheck.history.Event;
import chat.engine.examples.faultcheck.history.Fact;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Follows the stream of one session and knows where each conversation stands in it; what must not
 * be in a stream is reported. Before the first sync nothing is expected. Not thread-safe.
 */
final class StreamFold {
  /** Where a conversation stands. */
  record Stand(long seq, long rev, String name) {
    Stand at(long newSeq) {
      return new Stand(newSeq, rev, name);
    }
  }

  private final Evidence evidence;
  private final Sessions.View session;
  private final Consumer<Violation> violations;
  private final Map<Long, Stand> stands = new HashMap<>();
  private final Set<Long> left = new HashSet<>();
  private final Map<Long, Set<Long>> told = new HashMap<>();
  private boolean synced;
  private boolean cut;
  private long syncedAt = Long.MAX_VALUE;

  StreamFold(Evidence evidence, Sessions.View session, Consumer<Violation> violations) {
    this.evidence = evidence;
    this.session = session;
    this.violations = violations;
  }

  /**
   * Where a session stands in the end; null if it is over, or had not the time to be told
   * everything.
   */
  static @Nullable StreamFold ofSettled(Evidence evidence, Sessions.View session) {
    StreamFold fold = new StreamFold(evidence, session, ignored -> {});
    session.events().stream()
        .filter(event -> event.at() <= evidence.settledAt())
        .forEach(fold::apply);
    boolean counts =
        session.openAt(evidence.settledAt())
            && !fold.isCut()
            && evidence.quiet().due(fold.syncedAt()) <= evidence.settledAt();
    return counts ? fold : null;
  }

  Map<Long, Stand> stands() {
    return stands;
  }

  /** Whether the stream was cut and not taken up by a sync since. */
  boolean isCut() {
    return cut || !synced;
  }

  /** When the last sync was answered. */
  long syncedAt() {
    return syncedAt;
  }

  boolean wasTold(long conversation, long seq) {
    return told.getOrDefault(conversation, Set.of()).contains(seq);
  }

  void apply(Event.OfSession event) {
    if (event instanceof Event.Synced sync) {
      stands.clear();
      left.clear();
      synced = true;
      cut = false;
      syncedAt = sync.at();
    } else if (event instanceof Event.Position position) {
      stands.put(
          position.conversation(), new Stand(position.seq(), position.rev(), position.name()));
    } else if (event instanceof Event.ResyncTold) {
      cut = true;
    } else if (!synced) {
      return; // what comes before the first answer is held to nothing
    } else if (event instanceof Event.MessageTold message && message.how() == Event.How.LIVE) {
      message(message);
    } else if (event instanceof Event.ForwardTold forward && forward.op() == 0) {
      origin(forward);
    } else if (event instanceof Event.CreatedTold created) {
      stands.putIfAbsent(created.conversation(), new Stand(0, 0, created.name()));
    } else if (event instanceof Event.ChangeTold change) {
      change(change);
    } else if (event instanceof Event.TypingTold typing) {
      afterRemoval(typing.conversation(), "typing of " + typing.user());
    } else if (event instanceof Event.PreferencesTold told && told.op() == 0) {
      afterRemoval(told.conversation(), "its user's preferences");
    } else if (event instanceof Event.ReceiptTold receipt && receipt.how() == Event.How.LIVE) {
      afterRemoval(receipt.conversation(), "a receipt of " + receipt.user());
    }
  }

  private void afterRemoval(long conversation, String what) {
    if (left.contains(conversation)) {
      report(
          7,
          "session %s was told %s after its user's removal".formatted(session.name(), what),
          conversation,
          0);
    }
  }

  private void message(Event.MessageTold message) {
    long conversation = message.conversation();
    afterRemoval(conversation, "message " + message.seq());
    if (cut) {
      report(
          4,
          "session %s was told message %d between resync and sync"
              .formatted(session.name(), message.seq()),
          conversation,
          message.seq());
      return;
    }
    Stand stand = stands.get(conversation);
    if (stand == null) {
      Fact.Conversation stored = evidence.conversation(conversation);
      if (stored != null && stored.group() && !left.contains(conversation)) {
        report(
            4,
            "session %s was told message %d of a group that it was not told of"
                .formatted(session.name(), message.seq()),
            conversation,
            message.seq());
      }
      stand = new Stand(stored != null && stored.group() ? message.seq() - 1 : 0, 0, "");
    }
    if (message.seq() <= stand.seq()) {
      report(
          4,
          "session %s was told message %d when it stood at %d"
              .formatted(session.name(), message.seq(), stand.seq()),
          conversation,
          message.seq());
      return;
    }
    gap(conversation, stand.seq() + 1, message.seq() - 1, "message " + message.seq());
    told.computeIfAbsent(conversation, unused -> new HashSet<>()).add(message.seq());
    stands.put(conversation, stand.at(message.seq()));
  }

  /** Where a message was forwarded from is told to those who have been given the original. */
  private void origin(Event.ForwardTold forward) {
    long origin = forward.origin();
    Stand stand = stands.get(origin);
    if (origin == 0 || cut || evidence.conversation(origin) == null) {
      return;
    }
    boolean given =
        stand == null
            ? isDirect(origin) && isOwnUpTo(origin, 0, forward.originSeq())
            : isOwnUpTo(origin, stand.seq(), forward.originSeq())
                && forward.originSeq()
                    > evidence.readableAfter(session.user(), origin, stand.rev() + 1);
    if (!given) {
      report(
          7,
          "session %s was told that message %d was forwarded from message %d of %d, which it had not been given"
              .formatted(session.name(), forward.seq(), forward.originSeq(), origin),
          forward.conversation(),
          forward.seq());
    }
  }

  /** Whether the session itself sent all messages behind one seq up to another. */
  private boolean isOwnUpTo(long conversation, long from, long to) {
    for (long seq = from + 1; seq <= to; seq++) {
      if (!evidence.wasSentOn(session.name(), evidence.messages(conversation).get(seq))
          && !evidence.isExpired(conversation, seq)) {
        return false;
      }
    }
    return true;
  }

  private boolean isDirect(long conversation) {
    Fact.Conversation stored = evidence.conversation(conversation);
    return stored != null && !stored.group();
  }

  /** Of what lies between, all must have been sent on this session, which then got answers. */
  private void gap(long conversation, long from, long to, String before) {
    for (long seq = from; seq <= to; seq++) {
      Fact.@Nullable Message missing = evidence.messages(conversation).get(seq);
      if (!evidence.wasSentOn(session.name(), missing) && !evidence.isExpired(conversation, seq)) {
        report(
            4,
            "session %s was told %s, but not message %d before it"
                .formatted(session.name(), before, seq),
            conversation,
            seq);
        return;
      }
    }
  }

  private void change(Event.ChangeTold change) {
    long conversation = change.conversation();
    boolean aboutMe = change.subjects().contains(session.user());
    if (aboutMe && change.kind() == Fact.Kind.ADDED) {
      left.remove(conversation);
      stands.put(conversation, new Stand(change.atSeq(), change.rev(), change.name()));
      return;
    }
    afterRemoval(conversation, "change " + change.rev());
    Stand stand = stands.get(conversation);
    if (stand == null && isDirect(conversation)) {
      stand = new Stand(0, 0, ""); // its messages until now are the session's own
    }
    if (cut || stand == null) {
      if (!cut && !left.contains(conversation)) {
        report(
            4,
            "session %s was told change %d of a group that it was not told of"
                .formatted(session.name(), change.rev()),
            conversation,
            0);
      }
      return;
    }
    if (!evidence.mayFollow(session, conversation, stand.rev(), change.rev())) {
      report(
          4,
          "session %s was told change %d when it stood at change %d"
              .formatted(session.name(), change.rev(), stand.rev()),
          conversation,
          0);
    }
    if (evidence.isHidden(session.user(), conversation, change.rev())) {
      report(
          7,
          "session %s was told change %d, of a message from before %s joined"
              .formatted(session.name(), change.rev(), session.user()),
          conversation,
          0);
    }
    // later messages wait for changes of the conversation only
    if (change.atSeq() < stand.seq() && !change.kind().isOfMessage()) {
      report(
          4,
          "session %s was told change %d, which was made at message %d, after message %d"
              .formatted(session.name(), change.rev(), change.atSeq(), stand.seq()),
          conversation,
          stand.seq());
    }
    gap(conversation, stand.seq() + 1, change.atSeq(), "change " + change.rev());
    if (aboutMe && change.kind() == Fact.Kind.REMOVED) {
      stands.remove(conversation);
      left.add(conversation);
    } else {
      stands.put(
          conversation,
          new Stand(Math.max(stand.seq(), change.atSeq()), change.rev(), change.name()));
    }
  }

  private void report(int promise, String what, long conversation, long seq) {
    Scope scope = Scope.of(conversation).session(session.name()).user(session.user());
    violations.accept(new Violation(promise, what, seq == 0 ? scope : scope.seq(seq)));
  }
}
