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
 *
 * <p>Readers see a repetition once in half the time-out at most (3 s). Other nodes hear of it three
 * times as often, so that for their readers, too, the typing ends the time-out after the last
 * repetition, give or take a sixth of it. Thread-safe.
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

  /**
   * @param shownNanos when the readers of this node were told last
   * @param forwardedNanos when the other nodes were told last
   */
  private record Typing(
      Conversation conversation,
      @Nullable Session session,
      long untilNanos,
      long shownNanos,
      long forwardedNanos) {}

  /** A sign of a user of this node whose membership is being looked up. Compared by identity. */
  public static final class Sign {
    private final Typist typist;

    private Sign(Typist typist) {
      this.typist = typist;
    }
  }

  private final Audience audience;
  private final long timeoutNanos;

  /** A repetition is shown at most this often. */
  private final long showingNanos;

  /** A repetition goes to the other nodes at most this often. */
  private final long forwardingNanos;

  private final LongSupplier nanoTime;

  /** The newest sign of each user that waits for its look-up. */
  private final Map<Typist, Sign> waiting = new ConcurrentHashMap<>();

  private final Map<Typist, Typing> typists = new ConcurrentHashMap<>();

  /**
   * @param timeout for how long one who is silent counts as typing
   * @param nanoTime the clock that nobody sets
   */
  public TypingTracker(Audience audience, Duration timeout, LongSupplier nanoTime) {
    this.timeoutNanos = timeout.toNanos();
    this.showingNanos = timeoutNanos / 2;
    this.forwardingNanos = timeoutNanos / 6;
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
   * Whether a sign that a user types tells anything new. If not, nobody need look up whether the
   * user may.
   */
  public boolean isNews(ConversationId conversation, UserId user) {
    Typist typist = new Typist(conversation, user);
    Typing known = typists.get(typist);
    return known == null
        || waiting.containsKey(typist)
        || nanoTime.getAsLong() - known.forwardedNanos() >= forwardingNanos;
  }

  /**
   * Takes a place for a sign whose look-up is about to begin. The look-ups of one user may end in
   * any order, and a message may overtake them: what is newer counts.
   */
  public Sign await(ConversationId conversation, UserId user) {
    Sign sign = new Sign(new Typist(conversation, user));
    waiting.put(sign.typist, sign);
    return sign;
  }

  /**
   * Gives the place back; call it for each sign, however the look-up ended.
   *
   * @return false if there was a newer sign, or a message of the user: then this one is void
   */
  public boolean isNewest(Sign sign) {
    return waiting.remove(sign.typist, sign);
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
    if (!waiting.isEmpty()) {
      waiting.remove(new Typist(conversation.id(), user));
    }
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
    boolean[] show = new boolean[1];
    boolean[] forward = new boolean[1];
    typists.compute(
        typist,
        (key, before) -> {
          show[0] = before == null || now - before.shownNanos() >= showingNanos;
          forward[0] = before == null || now - before.forwardedNanos() >= forwardingNanos;
          return new Typing(
              conversation,
              session,
              until,
              before == null || show[0] ? now : before.shownNanos(),
              before == null || forward[0] ? now : before.forwardedNanos());
        });
    if (show[0]) { // not the first only: one who came since, or missed it, sees it too
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
