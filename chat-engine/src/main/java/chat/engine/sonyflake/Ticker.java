package chat.engine.sonyflake;

/** The two clocks of a machine: one that people set, and one that only runs. */
interface Ticker {
  /** Milliseconds since 1970; may be set forwards or back. */
  long currentTimeMillis();

  /** Nanoseconds since some moment; never goes back. */
  long nanoTime();

  static Ticker system() {
    return new Ticker() {
      @Override
      public long currentTimeMillis() {
        return System.currentTimeMillis();
      }

      @Override
      public long nanoTime() {
        return System.nanoTime();
      }
    };
  }
}
