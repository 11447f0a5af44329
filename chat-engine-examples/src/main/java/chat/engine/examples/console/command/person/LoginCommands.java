package chat.engine.examples.console.command.person;

import static chat.engine.examples.console.command.syntax.Parameter.one;

import chat.engine.examples.console.command.Talk;
import chat.engine.examples.console.command.syntax.Arguments;
import chat.engine.examples.console.command.syntax.Command;
import chat.engine.examples.console.command.syntax.Kind;
import chat.engine.examples.console.link.Account;
import chat.engine.examples.console.link.Refusal;
import chat.engine.examples.console.screen.SafeText;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;

/** Where the user is logged in. For the terminal's thread. */
final class LoginCommands {
  private static final int PROGRAM = 40;

  private final Talk talk;
  private final Account account;

  /** Ids in the order of the last list. */
  private final List<String> listed = new ArrayList<>();

  LoginCommands(Talk talk, Account account) {
    this.talk = talk;
    this.account = account;
  }

  List<Command> all() {
    return List.of(
        Command.of("/logins", "list where you are logged in", arguments -> list()),
        Command.of("/endlogin", "end login N of /logins", this::end, one(Kind.ITEM)));
  }

  private void list() {
    listed.clear();
    for (JsonNode login : account.logins()) {
      listed.add(login.get("id").asString());
      talk.screen().answer(listed.size() + ". " + described(login));
    }
  }

  private String described(JsonNode login) {
    String program = login.path("user_agent").asString("");
    String address = login.path("address").asString("");
    return "used "
        + talk.times().of(login.get("used_at").asString())
        + (address.isEmpty() ? "" : " from " + address)
        + (program.isEmpty() ? "" : ", " + SafeText.beginning(program, PROGRAM))
        + (login.path("current").asBoolean(false) ? "  (this one)" : "");
  }

  private void end(Arguments arguments) {
    long number = arguments.number(0, "the number of a login: /logins lists them");
    if (number > listed.size()) {
      throw new Refusal("There is no login " + number + " in the list: /logins shows it.");
    }
    account.endLogin(listed.get((int) number - 1));
    talk.screen().answer("Login " + number + " has ended.");
  }
}
