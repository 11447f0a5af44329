package chat.engine.feed;

import chat.engine.Experimental;

/**
 * Lets the stage of a {@link FeedConsumer} fail when only the first entries of a batch are done:
 * the cursor moves behind them, and only the others come again, after the first pause. It carries
 * no stack trace.
 */
@Experimental
public final class PartlyDone extends RuntimeException {
  private static final long serialVersionUID = 1;
  private final int entries;

  /**
   * @param entries how many, counted from the first one on; none if this is 0
   * @param cause why the next one is not
   */
  public PartlyDone(int entries, Throwable cause) {
    super(cause.getMessage(), cause, false, false);
    this.entries = entries;
  }

  public int entries() {
    return entries;
  }
}
