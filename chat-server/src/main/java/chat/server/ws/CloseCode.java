package chat.server.ws;

/** Close codes that an endpoint or its listeners send (RFC 6455, 7.4; 4000-4999 are our own). */
public final class CloseCode {
  public static final int GOING_AWAY = 1001;
  public static final int UNSUPPORTED_DATA = 1003;
  public static final int POLICY = 1008;
  public static final int TOO_BIG = 1009;
  public static final int INTERNAL = 1011;
  public static final int RESTART = 1012;
  public static final int TRY_LATER = 1013;
  public static final int UNAUTHORIZED = 4401;
  public static final int FORBIDDEN = 4403;

  private CloseCode() {}
}
