package chat.engine;

import java.util.Locale;

/** Why a call was refused; the closed list that a client of any transport sees. */
public enum ErrorCode {
  /** An argument is malformed or out of range; the same call can never succeed. */
  BAD_REQUEST,
  /** The caller's role, or a hook, does not allow it. */
  FORBIDDEN,
  /** Does not exist, or the caller is no member; callers cannot tell the two apart, by design. */
  NOT_FOUND,
  /**
   * Contradicts what is stored, for example a client message id that was used with other content.
   */
  CONFLICT,
  /** An argument exceeds a documented limit in bytes or items. */
  TOO_LARGE,
  /** The caller does this too often, or has too many of something; see {@code retryAfter}. */
  RATE_LIMITED,
  /**
   * A queue or the conversation is full or locked right now; nothing was done, and a retry may
   * succeed.
   */
  BUSY,
  /**
   * The store cannot be reached, or the session or engine is closed; see {@link
   * ChatException#inDoubt()}.
   */
  UNAVAILABLE,
  /** A fault of the engine or of an implementation of a SPI; it is in the log. */
  INTERNAL;

  /** The name on the wire: lower case with underscores, such as {@code not_found}. */
  public String wireName() {
    return name().toLowerCase(Locale.ROOT);
  }
}
