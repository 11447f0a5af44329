package chat.server.http;

import chat.server.json.ApiException;

/** Looks at each call before it is handled. Must be thread-safe and not block. */
public interface Guard {
  /**
   * @param route one of the paths that exist
   * @param request without its body, which has not arrived
   * @return is told how the call was answered, unless its connection broke before
   * @throws ApiException if the call is refused, which the client gets to know
   */
  Admitted admit(String method, String route, Request request);

  /** A call that was let in. Must be thread-safe and not block. */
  @FunctionalInterface
  interface Admitted {
    /** Does nothing. */
    Admitted UNCOUNTED = status -> {};

    void answered(int status);
  }
}
