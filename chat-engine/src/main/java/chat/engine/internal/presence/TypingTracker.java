package chat.engine.internal.presence;

import chat.engine.Conversation;
import chat.engine.ConversationId;
import chat.engine.UserId;
import chat.engine.event.TypingChanged;
import chat.engine.internal.feed.ShardedFeeds;
import chat.engine.internal.session.Session;
import chat.engine.internal.util.Timers;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Who is typing, as this node's sessions were told. Each node forgets a typist who is silent for
 * {@link #TIMEOUT} by itself, so that a lost "off", or a lost node, leaves nobody typing for ever.
 * Thread-safe.
 */
public final class TypingTracker {
  static final Duration TIMEOUT = Duration.ofSeconds(6);
  private static final Duration TICK = Duration.ofMillis(250);
  private static final int MAX_TYPISTS = 16_384;

  private record Typist(ConversationId conversation, UserId user) {}

  private record Typing(Conversation conversation, @Nullable Session session, long untilNanos) {}

  private final ShardedFeeds feeds;
  private final Map<Typist, Typing> typists = new ConcurrentHashMap<>();

  public TypingTracker(ShardedFeeds feeds) {
    this.feeds = feeds;
  }

  public void start(Timers timers) {
    timers.every(TICK, this::expire);
  }

  /**
   * @param session the typist's, if it is on this node
   */
  public void changed(
      Conversation conversation, UserId user, boolean on, @Nullable Session session) {
    Typist typist = new Typist(conversation.id(), user);
    if (!on) {
      if (typists.remove(typist) != null) {
        tell(conversation, user, false, session);
      }
    } else if (typists.size() < MAX_TYPISTS || typists.containsKey(typist)) {
      Typing typing = new Typing(conversation, session, System.nanoTime() + TIMEOUT.toNanos());
      if (typists.put(typist, typing) == null) {
        tell(conversation, user, true, session);
      }
    }
  }

  private void expire() {
    long now = System.nanoTime();
    typists.forEach(
        (typist, typing) -> {
          if (now - typing.untilNanos() >= 0 && typists.remove(typist, typing)) {
            tell(typing.conversation(), typist.user(), false, typing.session());
          }
        });
  }

  private void tell(Conversation conversation, UserId user, boolean on, @Nullable Session except) {
    feeds.ephemeral(conversation, new TypingChanged(conversation.id(), user, on), except, user);
  }
}
