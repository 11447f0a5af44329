package chat.engine.examples.console;

import chat.engine.examples.console.link.Reasons;
import chat.engine.examples.server.ServerApi;
import java.io.IOException;

/** Asks who it is, and makes an account for those who have none. */
final class SignIn {
  private final ServerApi api;
  private final LineEditor editor;

  SignIn(ServerApi api, LineEditor editor) {
    this.api = api;
    this.editor = editor;
  }

  /** After a wrong password the address need not be typed again. */
  private String address(String before) {
    String typed = "";
    while (typed.isEmpty()) {
      String offered = before.isEmpty() ? "" : " (empty: " + before + ")";
      typed = editor.ask("E-mail address" + offered + ": ").strip();
      typed = typed.isEmpty() ? before : typed;
    }
    return typed;
  }

  /** Blocks until somebody is logged in. */
  Login run() throws IOException, InterruptedException {
    String email = "";
    while (true) {
      email = address(email);
      String password = editor.askSecretly("Password: ");
      try {
        return new Login(api, api.logIn(email, password));
      } catch (ServerApi.RefusedException refused) {
        if (!refused.code().equals("unauthorized")) {
          editor.say(Reasons.of(refused));
          continue;
        }
      }
      editor.say("The password is wrong, or nobody has this address.");
      String username = editor.ask("A name to sign up with (empty: try again): ").strip();
      try {
        if (!username.isEmpty()) {
          api.register(username, email, password);
          return new Login(api, api.logIn(email, password));
        }
      } catch (ServerApi.RefusedException refused) {
        editor.say(Reasons.of(refused));
      }
    }
  }
}
