package chat.engine.spi;

/**
 * Gives the ids of messages, conversations and changes: positive 63-bit numbers, unique in the
 * cluster, roughly sorted by time. See {@link chat.engine.sonyflake.Sonyflake} for their layout, on
 * which the engine relies to turn a time into an id.
 *
 * <p>Ids name things; the order of messages and changes is that of {@code seq} and {@code rev}.
 * What "newer is larger" means for ids:
 *
 * <ul>
 *   <li><b>One generator:</b> every id is larger than all that it gave before.
 *   <li><b>The clock:</b> the time in an id is never before the generator's clock at the start of
 *       the call, and never more than 20 ms ahead of the generator's clock when the call returns.
 *   <li><b>Two generators:</b> if a call begins on one more than 20 ms, plus the difference between
 *       the clocks of the two, after a call has returned on the other, its ids are larger.
 * </ul>
 *
 * <p>A generator's clock is the wall clock of its machine as long as nobody sets it. A wall clock
 * that is set forwards is followed, but only after about a minute if it is set by more than a
 * second. A wall clock that is set back by d leaves ids up to d ahead of it; the difference shrinks
 * by half a second per second and is gone after about 2 d, or with a restart. A restart, a crash or
 * an outage of the lease service puts nothing ahead of the clock.
 *
 * <p>Ids are unique even if a clock is set forwards or back.
 *
 * <p>Thread-safe.
 */
public interface IdGenerator extends AutoCloseable {
  /**
   * The next ids, ascending and above all that this generator gave before. Waits while they would
   * run ahead of the clock: 10 ms for every 256 ids and machine id.
   *
   * @param count 1 or more
   * @throws StoreUnavailableException if uniqueness cannot be guaranteed at present, for example
   *     because a lease ran out and cannot be renewed, or if this generator is closed
   */
  long[] next(int count);

  /**
   * Whether {@link #next} would give ids now, as far as this node knows. Does not block. A
   * generator that never has to refuse need not implement it.
   */
  default boolean ready() {
    return true;
  }

  /** Idempotent. From now on {@link #next} refuses. */
  @Override
  void close();
}
