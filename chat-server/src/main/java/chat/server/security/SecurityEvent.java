package chat.server.security;

import java.util.Locale;

/** What is counted as {@code chat_security_events_total}, with its name as the label. */
public enum SecurityEvent {
  /** A wrong password, or an e-mail address that nobody has. */
  LOGIN_FAILED("a login failed"),
  /** A password was not looked at, for too many were wrong before. */
  LOGIN_LIMITED("a login was refused after too many wrong passwords"),
  /** A registration that was one too many for its address. */
  REGISTRATION_LIMITED("a registration was refused: too many from this address"),
  /** A call that was one too many for its user or its address. */
  CALL_LIMITED("a call was refused: too many"),
  /** A post to an incoming webhook that was one too many. */
  WEBHOOK_LIMITED("a post to an incoming webhook was refused: too many"),
  /** An incoming webhook that was one too many for the user who makes them. */
  WEBHOOKS_LIMITED("an incoming webhook was not made: too many of one user"),
  /** A refresh token that was replaced before: it was stolen, or its owner was stolen from. */
  REFRESH_TOKEN_REUSED("a refresh token was used again, and its login has ended"),
  /** A page of an origin that is not allowed wanted a WebSocket. */
  HANDSHAKE_ORIGIN("a WebSocket was refused to a page of another origin"),
  /** There are as many connections to this node as there may be. */
  HANDSHAKE_FULL("a connection was refused: this node has as many as it takes"),
  /** An address has as many connections as it may have. */
  HANDSHAKE_ADDRESS_FULL("a connection was refused: its address has as many as it may"),
  /** A user has as many connections as users may have, or this node cannot take one in now. */
  HANDSHAKE_BUSY("a WebSocket was refused: too many of its user, or this node is too busy"),
  /** The head of a handshake did not come in time. */
  HANDSHAKE_SLOW("a connection ended: no handshake came in time"),
  /** Something else than a handshake came, or too much of one. */
  HANDSHAKE_BROKEN("a connection was refused: what it said is no handshake"),
  /** There is nothing at the address that was asked for. */
  HANDSHAKE_PATH("a WebSocket was refused: there is none at its path"),
  /** A device or a username that cannot be one. */
  HANDSHAKE_NAME("a WebSocket was refused: its device or username cannot be one"),
  /** A WebSocket without a ticket or token, or with one that is worth nothing. */
  HANDSHAKE_UNAUTHORIZED("a WebSocket was refused without a valid ticket or token"),
  /** A WebSocket of somebody who can never come in. */
  HANDSHAKE_FORBIDDEN("a WebSocket was refused to a user who may not come in"),
  /** Somebody who is no administrator called {@code /v1/admin}. */
  ADMIN_REFUSED("a call for administrators was refused");

  private final String words;

  SecurityEvent(String words) {
    this.words = words;
  }

  String words() {
    return words;
  }

  /** The value of the label. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
