package chat.engine.sonyflake;

/** Where a generator gets its machine ids from. Thread-safe; only {@link #close} may block. */
interface Machines extends AutoCloseable {
  /** What may be used at present. */
  Reservation reservation();

  /** Asks for one more machine id, if there may be more; it comes with a later reservation. */
  void requestMore();

  /** Gives the machine ids back. Idempotent. */
  @Override
  void close();

  /** A machine id that is always used and never leased, and a clock that follows nothing. */
  static Machines fixed(Reservation reservation) {
    return new Machines() {
      @Override
      public Reservation reservation() {
        return reservation;
      }

      @Override
      public void requestMore() {}

      @Override
      public void close() {}
    };
  }
}
