package chat.engine.hook;

import java.time.Duration;

/**
 * Receives durations, for histograms. Called often, by one thread of the engine that does nothing
 * else, up to 20 ms after what is measured. Measurements are dropped while an implementation does
 * not keep up.
 */
public interface EngineTimings {
  /** Ignores all measurements. */
  EngineTimings NONE = new EngineTimings() {};

  /**
   * The store committed a batch in one transaction.
   *
   * @param sends how many messages were in it, including those that turned out to be repeated
   */
  default void committed(int sends, Duration took) {}

  /**
   * A message is handed to its members' sessions on this node.
   *
   * @param lag from the message's time to now, by the clock of the store as both nodes measured it;
   *     may be negative by the error of that measurement
   */
  default void delivered(Duration lag) {}
}
