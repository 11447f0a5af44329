package chat.engine.examples.console.command.person;

import static chat.engine.examples.console.command.syntax.Parameter.one;

import chat.engine.examples.console.command.Talk;
import chat.engine.examples.console.command.syntax.Command;
import chat.engine.examples.console.command.syntax.Kind;
import chat.engine.examples.console.link.Link;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/** What others see. It works both ways: what one hides, one does not see of others. */
final class PrivacyCommands {
  private static final Map<String, String> AUDIENCES =
      Map.of("everyone", "Everyone", "contacts", "Contacts", "nobody", "Nobody");

  private final Talk talk;

  PrivacyCommands(Talk talk) {
    this.talk = talk;
  }

  List<Command> all() {
    return List.of(
        Command.of(
            "/privacy",
            "show what others see of you",
            a -> tell(talk.ask(Link.request("privacy")))),
        Command.of(
            "/lastseen",
            "let everyone, contacts or nobody see you online",
            arguments ->
                tell(
                    talk.ask(
                        Link.request("set_privacy")
                            .put("last_seen", arguments.choice(0, Kind.AUDIENCE)))),
            one(Kind.AUDIENCE)),
        Command.of(
            "/receipts",
            "let others see what you have read, or not",
            arguments ->
                tell(
                    talk.ask(
                        Link.request("set_privacy")
                            .put("read_receipts", arguments.choice(0, Kind.SWITCH).equals("on")))),
            one(Kind.SWITCH)));
  }

  private void tell(JsonNode privacy) {
    String audience = privacy.get("last_seen").asString();
    boolean receipts = privacy.get("read_receipts").asBoolean();
    talk.screen()
        .answer(
            AUDIENCES.getOrDefault(audience, audience)
                + (audience.equals("contacts") ? " see" : " sees")
                + " when you are online (/lastseen), and others "
                + (receipts ? "see" : "do not see")
                + " what you have read (/receipts).");
    if (!receipts || !audience.equals("everyone")) {
      talk.screen().note("What you hide you do not see of others.");
    }
  }
}
