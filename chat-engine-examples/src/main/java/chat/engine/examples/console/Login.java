package chat.engine.examples.console;

import chat.engine.examples.console.link.Access;
import chat.engine.examples.server.ServerApi;
import chat.engine.examples.server.ServerSession;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/** A login and its tokens, which it renews. Thread-safe; blocks. */
final class Login implements ServerSession.TokenSource, Access {
  private final ServerApi api;
  private final String username;
  private String accessToken;
  private String refreshToken;
  private boolean isFresh = true;

  /**
   * @param reply to the login
   */
  Login(ServerApi api, ObjectNode reply) {
    this.api = api;
    this.username = reply.get("user").get("username").asString();
    this.accessToken = reply.get("access_token").asString();
    this.refreshToken = reply.get("refresh_token").asString();
  }

  String username() {
    return username;
  }

  /** A new one for each connection. */
  @Override
  public synchronized String token(ServerApi to) throws IOException, InterruptedException {
    if (!isFresh) {
      renew(to);
    }
    isFresh = false;
    return accessToken;
  }

  @Override
  public <T> T call(Call<T> call) throws IOException, InterruptedException {
    String token = accessToken();
    try {
      return call.with(token);
    } catch (ServerApi.RefusedException refused) {
      if (!refused.code().equals("unauthorized")) {
        throw refused;
      }
      return call.with(after(token));
    }
  }

  private synchronized String accessToken() {
    return accessToken;
  }

  private synchronized String after(String expired) throws IOException, InterruptedException {
    if (accessToken.equals(expired)) {
      renew(api);
    }
    return accessToken;
  }

  private void renew(ServerApi to) throws IOException, InterruptedException {
    ObjectNode reply =
        to.call(
            "POST", "/v1/auth/token", ServerApi.object().put("refresh_token", refreshToken), null);
    refreshToken = reply.get("refresh_token").asString();
    accessToken = reply.get("access_token").asString();
  }

  /**
   * Logs out.
   *
   * @return why that did not work, or null
   */
  synchronized @Nullable String end() {
    try {
      api.call(
          "DELETE", "/v1/auth/logout", ServerApi.object().put("refresh_token", refreshToken), null);
      return null;
    } catch (IOException away) {
      return away.getMessage();
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      return "it was interrupted";
    }
  }
}
