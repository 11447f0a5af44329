package chat.engine.internal.session;

import chat.engine.ChatSession;
import chat.engine.ConversationKind;
import chat.engine.event.ChatEvent;
import chat.engine.internal.runtime.Metrics;
import chat.engine.internal.util.LogThrottle;
import chat.engine.spi.Router;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/** What every session of an engine shares, so that each holds one reference to it. Thread-safe. */
public final class SessionContext {
  private static final Duration LOG_PERIOD = Duration.ofMinutes(1);

  private final int budgetBytes;
  private final Metrics metrics;
  private final Executor delivery;
  private final SessionRegistry registry;
  private final Router router;
  private final LogThrottle listenerFaults = new LogThrottle(LOG_PERIOD);
  private @Nullable Owner owner;

  public SessionContext(
      int budgetBytes,
      Metrics metrics,
      Executor delivery,
      SessionRegistry registry,
      Router router) {
    this.budgetBytes = budgetBytes;
    this.metrics = metrics;
    this.delivery = delivery;
    this.registry = registry;
    this.router = router;
  }

  /** What sessions need from the rooms above theirs. */
  public interface Owner {
    /** Delivers again what lies in these gaps. */
    void refill(List<Session.Gap> gaps);

    /** What the application holds of a session; cheap, and equal each time. */
    ChatSession handle(Session session);

    /** Forgets a session that has ended. */
    void closed(Session session);
  }

  /** Completes the wiring, before the first session exists: the owner needs the context itself. */
  public void wire(Owner sessionOwner) {
    this.owner = sessionOwner;
  }

  int budgetBytes() {
    return budgetBytes;
  }

  public Metrics metrics() {
    return metrics;
  }

  /** One line for the listeners of all sessions: what they call is often broken for all. */
  LogThrottle listenerFaults() {
    return listenerFaults;
  }

  Executor delivery() {
    return delivery;
  }

  /** The id of a session, made when asked for: few are, and a string each is not small. */
  String sessionId(long number) {
    return router.nodeId() + "-" + number;
  }

  public SharedEvent outgoing(ChatEvent event) {
    return new SharedEvent(event, null, metrics);
  }

  public SharedEvent outgoing(ChatEvent event, ConversationKind kind) {
    return new SharedEvent(event, kind, metrics);
  }

  public void refill(List<Session.Gap> gaps) {
    requireWired(owner).refill(gaps);
  }

  ChatSession handle(Session session) {
    return requireWired(owner).handle(session);
  }

  void onCut(Session session) {
    registry.cut(session);
  }

  void onClosed(Session session) {
    registry.remove(session);
    requireWired(owner).closed(session);
  }

  private static <T> T requireWired(@Nullable T part) {
    if (part == null) {
      throw new IllegalStateException("used before it was wired");
    }
    return part;
  }
}
