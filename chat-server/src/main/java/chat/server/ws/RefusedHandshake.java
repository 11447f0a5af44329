package chat.server.ws;

/** Why a connection never became a WebSocket, where the transport alone decides. */
public enum RefusedHandshake {
  /** There are as many connections as there may be. */
  FULL,
  /** Its address has as many as it may have. */
  ADDRESS_FULL,
  /** The head of the handshake did not come in time. */
  SLOW,
  /** What came is no handshake, or too long for one. */
  BROKEN
}
