package chat.engine.internal.presence;

import chat.engine.Conversation;
import chat.engine.ConversationId;
import chat.engine.UserId;
import chat.engine.event.TypingChanged;
import chat.engine.internal.session.Session;
import chat.engine.internal.util.Timers;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Who is typing, as this node's sessions were told. A message ends it. Each node forgets a typist
 * who is silent for the time-out, so that a lost "off", or a lost node, leaves nobody typing.
 * Thread-safe.
 */
public final class TypingTracker {
  static final int MAX_TYPISTS = 16_384;
  private static final Duration TICK = Duration.ofMillis(250);

  /** Shows an event to those sessions of this node that are in the conversation. */
  @FunctionalInterface
  public interface Audience {
    /**
     * @param except the session that caused it, if it is on this node
     * @param about the user whose own sessions do not need it
     */
    void show(
        Conversation conversation, TypingChanged event, @Nullable Session except, UserId about);
  }

  private record Typist(ConversationId conversation, UserId user) {}

  private record Typing(
      Conversation conversation, @Nullable Session session, long untilNanos, long forwardedNanos) {}

  private final Audience audience;
  private final long timeoutNanos;

  /** A repetition goes to the other nodes at most this often, so well within the time-out. */
  private final long forwardingNanos;

  private final LongSupplier nanoTime;
  private final Map<Typist, Typing> typists = new ConcurrentHashMap<>();

  /**
   * @param timeout for how long one who is silent counts as typing
   * @param nanoTime the clock that nobody sets
   */
  public TypingTracker(Audience audience, Duration timeout, LongSupplier nanoTime) {
    this.timeoutNanos = timeout.toNanos();
    this.forwardingNanos = timeoutNanos / 2;
    this.audience = audience;
    this.nanoTime = nanoTime;
  }

  public void start(Timers timers) {
    timers.every(TICK, this::expire);
  }

  /** Another node tells that a user types, or has ceased to. */
  public void changed(Conversation conversation, UserId user, boolean on) {
    change(conversation, user, on, null);
  }

  /**
   * A session of this node tells that its user types, or has ceased to.
   *
   * @return whether to tell the other nodes
   */
  public boolean announced(Conversation conversation, UserId user, boolean on, Session session) {
    return change(conversation, user, on, session);
  }

  /** A message of the user was committed: that ends the typing, on every node that learns of it. */
  public void wrote(Conversation conversation, UserId user) {
    if (!typists.isEmpty()) {
      end(conversation, user, null);
    }
  }

  private boolean change(
      Conversation conversation, UserId user, boolean on, @Nullable Session session) {
    return on ? begin(conversation, user, session) : end(conversation, user, session);
  }

  private boolean begin(Conversation conversation, UserId user, @Nullable Session session) {
    Typist typist = new Typist(conversation.id(), user);
    long now = nanoTime.getAsLong();
    long until = now + timeoutNanos;
    if (typists.size() >= MAX_TYPISTS && !typists.containsKey(typist)) {
      return false;
    }
    boolean[] forward = new boolean[1];
    typists.compute(
        typist,
        (key, before) -> {
          forward[0] = before == null || now - before.forwardedNanos() >= forwardingNanos;
          return new Typing(
              conversation,
              session,
              until,
              before == null || forward[0] ? now : before.forwardedNanos());
        });
    if (forward[0]) { // not the first only: one who came since, or missed it, sees it too
      tell(conversation, user, true, session);
    }
    return forward[0];
  }

  private boolean end(Conversation conversation, UserId user, @Nullable Session session) {
    Typing ended = typists.remove(new Typist(conversation.id(), user));
    if (ended == null) {
      return false;
    }
    tell(conversation, user, false, session != null ? session : ended.session());
    return true;
  }

  void expire() {
    long now = nanoTime.getAsLong();
    typists.forEach(
        (typist, typing) -> {
          if (now - typing.untilNanos() >= 0 && typists.remove(typist, typing)) {
            tell(typing.conversation(), typist.user(), false, typing.session());
          }
        });
  }

  private void tell(Conversation conversation, UserId user, boolean on, @Nullable Session except) {
    audience.show(conversation, new TypingChanged(conversation.id(), user, on), except, user);
  }
}
