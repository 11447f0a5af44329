package chat.engine.internal.session;

import chat.engine.ChatListener;
import chat.engine.ChatSession;
import chat.engine.ConversationKind;
import chat.engine.EncodedChatListener;
import chat.engine.EventEncoder;
import chat.engine.Message;
import chat.engine.UserId;
import chat.engine.event.ChatEvent;
import chat.engine.event.ConversationChanged;
import chat.engine.event.MessageChanged;
import chat.engine.event.MessageReceived;
import chat.engine.internal.runtime.MessageWeight;
import chat.engine.internal.runtime.Metrics;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * An event on its way to the sessions of this node: one object shared by all of them, so that it is
 * encoded once. The bytes of one encoder are kept, since nearly always there is only one. Of a
 * message that not everybody may see all of there are as many of these as there are views of it.
 * Thread-safe.
 */
public final class SharedEvent implements DeliveryQueue.Item {
  private static final int BASE_WEIGHT = 256;
  private static final int SUBJECT_WEIGHT = 64;
  private static final int FEW = 4;

  private final ChatEvent event;
  private final @Nullable ConversationKind kind;
  private final Metrics metrics;
  private @Nullable EventEncoder<?> encodedBy;
  private @Nullable Object encoded;
  private @Nullable Set<UserId> subjectSet;

  /** What others see of it; seldom any. */
  private List<SharedEvent> variants = List.of();

  /**
   * @param kind of the conversation that the event belongs to; null if it belongs to none
   */
  SharedEvent(ChatEvent event, @Nullable ConversationKind kind, Metrics metrics) {
    this.event = event;
    this.kind = kind;
    this.metrics = metrics;
  }

  /** The message that it tells of; null if it tells of none. */
  @Nullable Message message() {
    if (event instanceof MessageReceived received) {
      return received.message();
    }
    return event instanceof MessageChanged changed ? changed.message() : null;
  }

  /**
   * The same event for those who must not see all of it, made once for all of them.
   *
   * @param seen its message as they may see it
   */
  synchronized SharedEvent with(Message seen) {
    for (SharedEvent variant : variants) {
      if (seen.equals(variant.message())) {
        return variant;
      }
    }
    ChatEvent other =
        event instanceof MessageChanged changed
            ? new MessageChanged(changed.conversation(), seen, changed.change().withMessage(seen))
            : new MessageReceived(seen);
    SharedEvent variant = new SharedEvent(other, kind, metrics);
    variants = new ArrayList<>(variants);
    variants.add(variant);
    return variant;
  }

  ChatEvent event() {
    return event;
  }

  @Nullable ConversationKind kind() {
    return kind;
  }

  /** Whether it is a change of which the user is a subject. */
  boolean isAbout(UserId user) {
    if (event instanceof ConversationChanged changed && changed.change() != null) {
      List<UserId> subjects = changed.change().subjects();
      return subjects.size() <= FEW ? subjects.contains(user) : setOf(subjects).contains(user);
    }
    return false;
  }

  /** Made once, because every session of a large group asks. */
  private synchronized Set<UserId> setOf(List<UserId> subjects) {
    Set<UserId> set = subjectSet;
    if (set == null) {
      set = new HashSet<>(subjects);
      subjectSet = set;
    }
    return set;
  }

  /**
   * About the bytes that it holds in memory while it waits; counted in full for each session that
   * it waits for.
   */
  int weight() {
    if (event instanceof MessageReceived received) {
      return MessageWeight.of(received.message());
    }
    if (event instanceof MessageChanged changed) {
      return MessageWeight.of(changed.message());
    }
    if (event instanceof ConversationChanged changed) {
      int subjects = changed.change() == null ? 0 : changed.change().subjects().size();
      return BASE_WEIGHT
          + SUBJECT_WEIGHT * subjects
          + weight(changed.conversation().attributes())
          + weight(changed.conversation().description())
          + weight(changed.conversation().avatarUrl());
    }
    return BASE_WEIGHT;
  }

  private static int weight(@Nullable String text) {
    return text == null ? 0 : 2 * text.length();
  }

  void deliverTo(ChatListener listener, ChatSession session) {
    if (listener instanceof EncodedChatListener<?> wired) {
      deliverEncoded(wired, session);
    } else {
      listener.onEvent(session, event);
    }
  }

  private <T> void deliverEncoded(EncodedChatListener<T> listener, ChatSession session) {
    listener.onEvent(session, event, encoded(listener.encoder()));
  }

  @SuppressWarnings("unchecked") // what this encoder gave is of its type
  private synchronized <T> T encoded(EventEncoder<T> encoder) {
    T bytes = (T) encoded;
    if (bytes == null || encodedBy != encoder) {
      bytes = encode(encoder);
      encoded = bytes;
      encodedBy = encoder;
      metrics.count(Metrics.Counter.ENCODES);
    }
    return bytes;
  }

  /**
   * @throws IllegalStateException if the encoder, which is the application's, returns null
   */
  private <T> T encode(EventEncoder<T> encoder) {
    @Nullable T bytes = encoder.encode(event);
    if (bytes == null) {
      throw new IllegalStateException(
          "the encoder " + encoder + " returned null for " + event.getClass().getSimpleName());
    }
    return bytes;
  }
}
