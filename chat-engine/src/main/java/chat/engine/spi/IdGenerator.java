package chat.engine.spi;

/**
 * Gives the ids of messages, conversations and changes: positive 63-bit numbers, unique in the
 * cluster, roughly sorted by time. See {@link chat.engine.sonyflake.Sonyflake} for their layout, on
 * which the engine relies to turn a time into an id.
 *
 * <p>Thread-safe.
 */
public interface IdGenerator extends AutoCloseable {
  /**
   * The next ids, ascending and above all that this generator gave before. Waits where they would
   * run ahead of the clock, or the clock was set back; never long enough to matter to a person.
   *
   * @param count 1 or more
   * @throws StoreUnavailableException if uniqueness cannot be guaranteed at present, for example
   *     because a lease ran out and cannot be renewed
   */
  long[] next(int count);

  /**
   * Whether {@link #next} would give ids now, as far as this node knows. Does not block. A
   * generator that never has to refuse need not implement it.
   */
  default boolean ready() {
    return true;
  }

  @Override
  void close();
}
