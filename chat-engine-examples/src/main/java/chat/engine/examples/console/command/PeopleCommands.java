package chat.engine.examples.console.command;

import static chat.engine.examples.console.command.syntax.Parameter.one;

import chat.engine.examples.console.command.syntax.Command;
import chat.engine.examples.console.command.syntax.Kind;
import chat.engine.examples.console.link.Link;
import chat.engine.examples.console.screen.Times;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Contacts, and who is there. */
final class PeopleCommands {
  private final Talk talk;
  private final Times times;

  PeopleCommands(Talk talk, Times times) {
    this.talk = talk;
    this.times = times;
  }

  List<Command> all() {
    return List.of(
        Command.of("/contacts", "list your contacts, and who is online", arguments -> list()),
        Command.of(
            "/add",
            "make somebody a contact",
            arguments -> add(arguments.text(0)),
            one(Kind.PERSON)),
        Command.of("/requests", "list who asks to be a contact; /add accepts", a -> requests()),
        Command.of(
            "/drop",
            "end being contacts",
            arguments -> told("remove_contact", arguments.text(0), " is no contact any more."),
            one(Kind.PERSON)),
        Command.of(
            "/block",
            "get nothing more from somebody, who is not told",
            arguments -> told("block", arguments.text(0), " is blocked."),
            one(Kind.PERSON)),
        Command.of(
            "/unblock",
            "end that",
            arguments -> told("unblock", arguments.text(0), " is not blocked any more."),
            one(Kind.PERSON)));
  }

  private void list() {
    JsonNode users = talk.learnContacts();
    if (users.isEmpty()) {
      talk.screen().answer("No contacts yet: /add somebody.");
    } else {
      talk.screen().answer("Your contacts:");
    }
    for (JsonNode user : users) {
      boolean online = user.get("online").asBoolean();
      String lastSeen = user.path("last_seen_at").asString("");
      talk.screen()
          .answer(
              (online ? "● " : "○ ")
                  + user.get("username").asString()
                  + (online || lastSeen.isEmpty() ? "" : "  last seen " + times.of(lastSeen)));
    }
  }

  private void add(String name) {
    ObjectNode reply = talk.ask(Link.request("add_contact").put("username", name));
    if (reply.path("status").asString("contact").equals("requested")) {
      talk.screen().answer("You asked " + name + " to be a contact.");
      return;
    }
    for (JsonNode user : reply.get("users")) {
      talk.people().set(user.get("username").asString(), user.get("online").asBoolean());
    }
    talk.screen().answer(name + " is a contact now; /to " + name + " to write.");
  }

  private void requests() {
    ObjectNode reply = talk.ask(Link.request("contact_requests"));
    if (reply.get("received").isEmpty() && reply.get("sent").isEmpty()) {
      talk.screen().answer("Nobody asks.");
    }
    for (JsonNode request : reply.get("received")) {
      String name = request.get("username").asString();
      talk.screen().answer(name + " asks to be a contact: /add " + name + " accepts.");
    }
    for (JsonNode request : reply.get("sent")) {
      talk.screen().answer(request.get("username").asString() + " has not answered yet.");
    }
  }

  private void told(String type, String name, String outcome) {
    talk.ask(Link.request(type).put("username", name));
    if (type.equals("remove_contact")) {
      talk.people().remove(name);
    }
    talk.screen().answer(name + outcome);
  }
}
