package chat.engine.examples.console.link;

import java.io.IOException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** What REST alone can do for the user. Thread-safe; blocks. */
public final class Account {
  private static final String LOGINS = "/v1/auth/logins";

  private final RestCalls calls;

  public Account(RestCalls calls) {
    this.calls = calls;
  }

  /**
   * @throws Refusal if the server does not tell
   */
  public JsonNode logins() {
    return call("GET", LOGINS).get("logins");
  }

  /**
   * @throws Refusal if there is no such login
   */
  public void endLogin(String id) {
    call("DELETE", LOGINS + "/" + id);
  }

  private ObjectNode call(String method, String path) {
    try {
      return calls.call(method, path, null);
    } catch (IOException fault) {
      throw new Refusal(Reasons.of(fault));
    } catch (InterruptedException interrupted) {
      throw new Refusal("You did not wait for the answer.");
    }
  }
}
