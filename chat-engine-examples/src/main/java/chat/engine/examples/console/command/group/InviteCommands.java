package chat.engine.examples.console.command.group;

import static chat.engine.examples.console.command.syntax.Parameter.one;
import static chat.engine.examples.console.command.syntax.Parameter.optional;

import chat.engine.examples.console.command.Talk;
import chat.engine.examples.console.command.syntax.Arguments;
import chat.engine.examples.console.command.syntax.Command;
import chat.engine.examples.console.command.syntax.Kind;
import chat.engine.examples.console.link.Link;
import chat.engine.examples.console.link.Refusal;
import chat.engine.examples.console.model.Conversation;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Links by which others join a group. For the terminal's thread. */
final class InviteCommands {
  /** As the page writes and reads them. */
  private static final String PATH = "/#/join/";

  private final Talk talk;
  private final URI page;

  /** Ids of the links in the order of the last list, and the group whose links they are. */
  private final List<String> listed = new ArrayList<>();

  private String listedGroup = "";

  InviteCommands(Talk talk, URI page) {
    this.talk = talk;
    this.page = page;
  }

  List<Command> all() {
    return List.of(
        Command.of(
            "/link",
            "make a link to join by, for TIME, at most USES times",
            this::create,
            optional(Kind.TIME),
            optional(Kind.USES)),
        Command.of("/links", "list the links by which one can join", arguments -> list()),
        Command.of(
            "/revoke", "end link N of /links", arguments -> revoke(arguments), one(Kind.ITEM)),
        Command.of(
            "/join",
            "join a group by a link, or by the code in it",
            arguments -> join(arguments.text(0)),
            one(Kind.LINK)));
  }

  private void create(Arguments arguments) {
    ObjectNode request = talk.request("create_invite", talk.openGroup());
    Duration time = arguments.time(0);
    if (time != null) {
      request.put("expires_in", time.toSeconds());
    }
    if (arguments.has(1)) {
      request.put("max_uses", arguments.number(1, "a number of uses"));
    }
    String base = page.toString().replaceAll("/$", "");
    talk.screen().answer(base + PATH + talk.ask(request).get("code").asString());
    talk.screen().note("Who has it can join, here with /join or by the page. It is shown once.");
  }

  private void list() {
    ObjectNode request = talk.request("invites", talk.openGroup());
    listed.clear();
    listedGroup = request.get("conversation_id").asString();
    talk.pages().show(request, (reply, last) -> show(reply));
  }

  private String show(JsonNode reply) {
    for (JsonNode invite : reply.get("invites")) {
      listed.add(invite.get("invite_id").asString());
      talk.screen().answer(listed.size() + ". " + described(invite));
    }
    if (listed.isEmpty()) {
      talk.screen().answer("There is none; /link makes one.");
      return "";
    }
    return listed.get(listed.size() - 1);
  }

  private String described(JsonNode invite) {
    String expires = invite.path("expires_at").asString("");
    return "by "
        + talk.named(invite.get("by").asString())
        + ", "
        + invite.get("uses").asLong()
        + (invite.has("max_uses") ? " of " + invite.get("max_uses").asLong() : "")
        + " joined"
        + ","
        + talk.times().until(expires);
  }

  private void revoke(Arguments arguments) {
    ObjectNode request = talk.request("revoke_invite", talk.openGroup());
    long number = arguments.number(0, "the number of a link: /links lists them");
    boolean here = request.get("conversation_id").asString().equals(listedGroup);
    if (!here || number > listed.size()) {
      throw new Refusal("There is no link " + number + " in the list: /links shows it.");
    }
    talk.ask(request.put("invite_id", listed.get((int) number - 1)));
    talk.screen().answer("Nobody can join by link " + number + " any more.");
  }

  private void join(String link) {
    String code = link.substring(link.lastIndexOf('/') + 1);
    ObjectNode reply = talk.ask(Link.request("join").put("code", code));
    String id = reply.get("conversation_id").asString();
    Conversation joined = talk.conversations().known(id, reply.get("name").asString(), true);
    talk.open(joined);
  }
}
