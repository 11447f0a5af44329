package chat.engine.protocol;

/** The close codes with which a connection ends (RFC 6455, 7.4; 4000 to 4999 are our own). */
public final class CloseCode {
  /** A flood of requests, or an argument of the connection that cannot be. Do not come back. */
  public static final int POLICY = 1008;

  /** A frame above the limit that {@code welcome} tells. */
  public static final int TOO_BIG = 1009;

  /** A fault of the server. */
  public static final int INTERNAL = 1011;

  /** The node stops: come back, to this or another one. */
  public static final int RESTART = 1012;

  /** Too slow a reader, too many connections, or too much to do: come back later. */
  public static final int TRY_LATER = 1013;

  /** Not logged in, or not any more: come back with other credentials. */
  public static final int UNAUTHORIZED = 4401;

  /** This user can never come in. Do not come back. */
  public static final int FORBIDDEN = 4403;

  private CloseCode() {}
}
