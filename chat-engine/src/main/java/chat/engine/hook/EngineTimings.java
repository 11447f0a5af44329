package chat.engine.hook;

import java.time.Duration;

/**
 * Is told how long things take, for histograms. Called on the engine's own threads, from several at
 * once, often: an implementation is thread-safe, and must neither block nor throw.
 */
public interface EngineTimings {
  /** Is told nothing. */
  EngineTimings NONE = new EngineTimings() {};

  /**
   * The store took a batch through one transaction.
   *
   * @param sends how many, those included that turned out to be repeated
   */
  default void committed(int sends, Duration took) {}

  /**
   * A message is handed to its members' sessions on this node.
   *
   * @param lag since the node that took it in gave it its time, by the two nodes' clocks; negative
   *     if they differ by more
   */
  default void delivered(Duration lag) {}
}
