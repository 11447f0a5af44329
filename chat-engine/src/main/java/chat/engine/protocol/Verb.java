package chat.engine.protocol;

/**
 * What one type of request does. Stateless, or thread-safe: one object serves all connections. The
 * requests of a connection are handled one after the other; see {@link Outcome} for when the next
 * one follows.
 */
@FunctionalInterface
public interface Verb {
  /**
   * Handles a request. Must not block: see {@link VerbCall#blocking} for what has to.
   *
   * @throws chat.engine.ChatException what the client is answered; any other exception is answered
   *     with {@code internal} and logged
   */
  Outcome handle(VerbCall call);
}
