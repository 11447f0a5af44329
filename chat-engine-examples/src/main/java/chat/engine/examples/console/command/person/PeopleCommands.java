package chat.engine.examples.console.command.person;

import static chat.engine.examples.console.command.syntax.Parameter.one;

import chat.engine.examples.console.command.LookUp;
import chat.engine.examples.console.command.Talk;
import chat.engine.examples.console.command.syntax.Command;
import chat.engine.examples.console.command.syntax.Kind;
import chat.engine.examples.console.link.Link;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Contacts, and who is there. */
final class PeopleCommands {
  private final Talk talk;

  PeopleCommands(Talk talk) {
    this.talk = talk;
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
            "/decline",
            "decline a request, or take back your own",
            arguments -> end(arguments.text(0), " is no contact."),
            one(Kind.PERSON)),
        Command.of(
            "/drop",
            "end being contacts",
            arguments -> end(arguments.text(0), " is no contact any more."),
            one(Kind.PERSON)));
  }

  private void list() {
    JsonNode users = talk.learnContacts();
    if (users.isEmpty()) {
      talk.screen().answer("No contacts yet: /add somebody.");
    } else {
      talk.screen().answer("Your contacts:");
    }
    List<String> names = new ArrayList<>();
    users.forEach(user -> names.add(user.get("username").asString()));
    Map<String, String> displayed = talk.lookUp().displayNames(names);
    for (JsonNode user : users) {
      boolean online = user.get("online").asBoolean();
      String lastSeen = user.path("last_seen_at").asString("");
      talk.screen()
          .answer(
              (online ? "● " : "○ ")
                  + LookUp.called(user.get("username").asString(), displayed)
                  + (online || lastSeen.isEmpty()
                      ? ""
                      : "  last seen " + talk.times().of(lastSeen)));
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

  private void end(String name, String outcome) {
    talk.ask(Link.request("remove_contact").put("username", name));
    talk.people().remove(name);
    talk.screen().answer(name + outcome);
  }
}
