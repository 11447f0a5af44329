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
  /** A refresh token that was replaced before: it was stolen, or its owner was stolen from. */
  REFRESH_TOKEN_REUSED("a refresh token was used again, and its login has ended"),
  /** A page of an origin that is not allowed wanted a WebSocket. */
  HANDSHAKE_ORIGIN("a WebSocket was refused to a page of another origin"),
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
