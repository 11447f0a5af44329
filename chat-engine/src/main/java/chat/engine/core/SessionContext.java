package chat.engine.core;

import chat.engine.ConversationKind;
import chat.engine.EventEncoder;
import chat.engine.event.ChatEvent;
import chat.engine.spi.Router;
import java.util.List;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/** What every session of an engine shares, so that each holds one reference to it. Thread-safe. */
final class SessionContext {
  private final int budgetBytes;
  private final @Nullable EventEncoder encoder;
  private final Metrics metrics;
  private final Executor delivery;
  private final SessionRegistry registry;
  private final Router router;
  private @Nullable UserCalls calls;
  private @Nullable Feeds feeds;

  SessionContext(
      int budgetBytes,
      @Nullable EventEncoder encoder,
      Metrics metrics,
      Executor delivery,
      SessionRegistry registry,
      Router router) {
    this.budgetBytes = budgetBytes;
    this.encoder = encoder;
    this.metrics = metrics;
    this.delivery = delivery;
    this.registry = registry;
    this.router = router;
  }

  /**
   * Completes the wiring, before the first session exists: these two need the context themselves.
   */
  void wire(UserCalls userCalls, Feeds conversationFeeds) {
    this.calls = userCalls;
    this.feeds = conversationFeeds;
  }

  int budgetBytes() {
    return budgetBytes;
  }

  Metrics metrics() {
    return metrics;
  }

  Executor delivery() {
    return delivery;
  }

  /** The id of a session, made when asked for: few are, and a string each is not small. */
  String sessionId(long number) {
    return router.nodeId() + "-" + number;
  }

  UserCalls calls() {
    return requireWired(calls);
  }

  Outgoing outgoing(ChatEvent event) {
    return new Outgoing(event, null, encoder, metrics);
  }

  Outgoing outgoing(ChatEvent event, ConversationKind kind) {
    return new Outgoing(event, kind, encoder, metrics);
  }

  void refill(List<Session.Gap> gaps) {
    requireWired(feeds).refill(gaps);
  }

  void onCut(Session session) {
    registry.cut(session);
  }

  void onClosed(Session session) {
    registry.remove(session);
    requireWired(calls).unwatchPresence(session);
  }

  private static <T> T requireWired(@Nullable T part) {
    if (part == null) {
      throw new IllegalStateException("used before it was wired");
    }
    return part;
  }
}
