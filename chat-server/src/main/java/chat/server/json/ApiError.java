package chat.server.json;

import chat.engine.ErrorCode;
import java.util.Locale;

/** The error codes of the protocol, each with the HTTP status that goes with it. */
public enum ApiError {
  BAD_REQUEST(400),
  UNKNOWN_TYPE(400),
  UNAUTHORIZED(401),
  FORBIDDEN(403),
  NOT_FOUND(404),
  METHOD_NOT_ALLOWED(405),
  CONFLICT(409),
  TOO_LARGE(413),
  UNSUPPORTED_MEDIA_TYPE(415),
  RATE_LIMITED(429),
  BUSY(503),
  UNAVAILABLE(503),
  INTERNAL(500);

  private final int httpStatus;

  ApiError(int httpStatus) {
    this.httpStatus = httpStatus;
  }

  public int httpStatus() {
    return httpStatus;
  }

  public String wireName() {
    return name().toLowerCase(Locale.ROOT);
  }

  static ApiError of(ErrorCode code) {
    return valueOf(code.name());
  }
}
