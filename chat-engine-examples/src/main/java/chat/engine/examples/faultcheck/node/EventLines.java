package chat.engine.examples.faultcheck.node;

import chat.engine.Conversation;
import chat.engine.ConversationChange;
import chat.engine.ConversationKind;
import chat.engine.ForwardOf;
import chat.engine.Message;
import chat.engine.Preferences;
import chat.engine.ReactionChange;
import chat.engine.UserId;
import chat.engine.event.ChatEvent;
import chat.engine.event.ConversationChanged;
import chat.engine.event.MessageChanged;
import chat.engine.event.MessageReceived;
import chat.engine.event.PreferencesChanged;
import chat.engine.event.PresenceChanged;
import chat.engine.event.ReactionChanged;
import chat.engine.event.ReceiptMoved;
import chat.engine.event.Resync;
import chat.engine.event.SessionEnded;
import chat.engine.event.TypingChanged;
import java.time.Instant;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Events as lines of text. Stateless. */
final class EventLines {
  private EventLines() {}

  static String of(ChatEvent event) {
    return "* " + text(event) + "\n";
  }

  private static String text(ChatEvent event) {
    if (event instanceof MessageReceived received) {
      return message(received.message());
    } else if (event instanceof ConversationChanged changed) {
      return changed(changed);
    } else if (event instanceof MessageChanged changed) {
      return edited(changed);
    } else if (event instanceof ReactionChanged changed && changed.change().reaction() != null) {
      return reacted(changed.conversation(), changed.change(), changed.change().reaction());
    } else if (event instanceof ReceiptMoved receipt) {
      return "receipt %s %s %s %d"
          .formatted(receipt.conversation(), receipt.user(), receipt.kind(), receipt.seq());
    } else if (event instanceof PreferencesChanged changed) {
      return "preferences %s %s"
          .formatted(changed.conversation(), preferences(changed.preferences()));
    } else if (event instanceof TypingChanged typing) {
      return "typing %s %s %s".formatted(typing.conversation(), typing.user(), typing.on());
    } else if (event instanceof PresenceChanged presence) {
      return "presence %s %s".formatted(presence.presence().user(), presence.presence().online());
    } else if (event instanceof SessionEnded ended) {
      return "ended " + ended.reason();
    } else if (event instanceof Resync) {
      return "resync";
    }
    throw new IllegalArgumentException("an event of a new kind: " + event);
  }

  static String message(Message message) {
    return "message %s %d %s %s %s %d %s %s %s"
        .formatted(
            message.conversation(),
            message.seq(),
            message.id(),
            message.from(),
            message.clientMessageId().value(),
            message.rev(),
            content(message),
            reactions(message),
            origin(message.forwardOf()));
  }

  /** Of a forward, as far as the reader may know it; a dash for other messages. */
  private static String origin(@Nullable ForwardOf forward) {
    if (forward == null) {
      return "-";
    }
    return forward.isKnown() ? forward.conversation() + ":" + forward.seq() : "0:0";
  }

  /** Seqs, those pinned last first. */
  static String pinned(List<Long> seqs) {
    return seqs.isEmpty()
        ? "-"
        : seqs.stream().map(String::valueOf).collect(Collectors.joining(";"));
  }

  private static String content(Message message) {
    return message.deleted() ? "-" : message.text();
  }

  /** What a message is now. */
  static String state(Message message) {
    return "state %s %d %d %s %s"
        .formatted(
            message.conversation(),
            message.seq(),
            message.rev(),
            content(message),
            reactions(message));
  }

  private static String reactions(Message message) {
    return message.reactions().isEmpty()
        ? "-"
        : message.reactions().stream()
            .map(it -> it.emoji().value() + "=" + it.count() + sign(it.me()))
            .collect(Collectors.joining(";"));
  }

  private static String sign(@Nullable Boolean me) {
    return me == null ? "?" : me ? "+" : "-";
  }

  private static String reacted(
      Conversation conversation, ConversationChange change, ReactionChange reaction) {
    return "reaction %s %d %d %d %s %s %s %d %s"
        .formatted(
            conversation.id(),
            change.rev(),
            change.atSeq(),
            reaction.seq(),
            reaction.emoji().value(),
            change.actor(),
            reaction.on(),
            reaction.count(),
            Requests.name(conversation));
  }

  /** With -1 for what there is not. */
  static String preferences(Preferences preferences) {
    Instant mutedUntil = preferences.mutedUntil();
    return "%d %d %d %s %d"
        .formatted(
            preferences.version(),
            mutedUntil == null ? -1 : mutedUntil.toEpochMilli(),
            orNone(preferences.archivedAtSeq()),
            preferences.pinned(),
            orNone(preferences.unreadFrom()));
  }

  private static long orNone(@Nullable Long seq) {
    return seq == null ? -1 : seq;
  }

  private static String edited(MessageChanged changed) {
    ConversationChange change = changed.change();
    return "edited %s %d %d %s %s %d %d %s %s"
        .formatted(
            changed.conversation().id(),
            change.rev(),
            change.atSeq(),
            change.kind(),
            Requests.name(changed.conversation()),
            changed.message().seq(),
            changed.message().rev(),
            content(changed.message()),
            reactions(changed.message()));
  }

  private static String changed(ConversationChanged changed) {
    ConversationChange change = changed.change();
    if (change == null) {
      return "created %s %s %s"
          .formatted(
              changed.conversation().id(),
              changed.conversation().kind() == ConversationKind.GROUP,
              Requests.name(changed.conversation()));
    }
    return "change %s %d %d %s %s %s %d"
        .formatted(
            changed.conversation().id(),
            change.rev(),
            change.atSeq(),
            change.kind(),
            subjects(change),
            Requests.name(changed.conversation()),
            change.pinSeq() == null ? 0 : change.pinSeq());
  }

  private static String subjects(ConversationChange change) {
    return change.subjects().isEmpty()
        ? "-"
        : change.subjects().stream().map(UserId::value).collect(Collectors.joining(","));
  }
}
