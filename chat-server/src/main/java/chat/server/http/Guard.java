package chat.server.http;

import chat.server.json.ApiException;

/** Looks at each call before it is handled. Must be thread-safe and not block. */
public interface Guard {
  /**
   * @param route one of the paths that exist
   * @param request without its body, which has not arrived
   * @throws ApiException if the call is refused, which the client gets to know
   */
  void admit(String method, String route, Request request);
}
