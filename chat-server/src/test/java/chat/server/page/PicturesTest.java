package chat.server.page;

import static chat.server.page.ChatPage.count;
import static chat.server.page.ChatPage.exists;
import static chat.server.page.PageWorld.ask;
import static org.assertj.core.api.Assertions.assertThat;

import chat.engine.protocol.JsonObjects;
import chat.server.ChatClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import tools.jackson.databind.node.ObjectNode;

/** Makes the pictures of the README, in target/images; CONTRIBUTING.md says how they get there. */
@Tag("thorough")
@Timeout(180)
final class PicturesTest {
  private static final Path IMAGES = Path.of("target", "images");

  @RegisterExtension static final PageWorld WORLD = new PageWorld();

  private ChatClient ada;
  private ChatClient bob;
  private ChatClient carol;
  private String group;

  @Test
  void theReadmeShowsThePageAsItIs() throws Exception {
    ada = somebody("ada", "Ada Lovelace");
    bob = somebody("bob", "Bob Marsh");
    carol = somebody("reyes", "Carol Reyes");
    WORLD.befriend(ada, "bob");
    WORLD.befriend(ada, "reyes");
    WORLD.say(ada, "bob", "The maps are in the shared folder.");
    ObjectNode direct = WORLD.say(carol, "ada", "See you at the station");
    begin();
    for (ChatClient reader : List.of(ada, bob, carol)) {
      ask(reader, "read", inGroup().put("seq", 5));
    }

    ChatPage desktop = open(Screen.DESKTOP, "ada");
    ChatPage phone = open(Screen.PHONE, "bob");
    desktop.tab().until(count(".own .tick.read", 2));
    phone.tab().until(count(".own .tick.read", 2));
    ask(
        carol,
        "typing",
        JsonObjects.object()
            .put("conversation_id", direct.get("conversation_id").asString())
            .put("on", true));
    desktop.tab().until(exists(".item .writes"));
    keep("desktop", desktop);
    keep("phone", phone);
  }

  private static ChatClient somebody(String name, String displayName) throws Exception {
    ChatClient client = WORLD.atProtocol(name);
    ask(client, "set_profile", JsonObjects.object().put("display_name", displayName));
    return client;
  }

  private void begin() throws Exception {
    ObjectNode fields =
        JsonObjects.object().put("name", "Ridge walk").put("client_group_id", "walk");
    fields.putArray("members").add(WORLD.name("bob")).add(WORLD.name("reyes"));
    group = ask(ada, "create_group", fields).get("conversation_id").asString();
    say(ada, text("Saturday looks **dry until three**. Shall we take the early train?"));
    say(bob, text("I am in! The 6:52 gets us there before the crowds."));
    say(
        carol,
        text(
            "Me too. My list so far:\n- water, 2 l each\n- the small stove\n- a head torch\n\n"
                + "Route: https://example.org/ridge"));
    String bobsName = WORLD.name("bob");
    ObjectNode answer =
        text("@%s perfect, I get the tickets.".formatted(bobsName)).put("reply_to", 2);
    answer.putArray("mentions").add(bobsName);
    say(ada, answer);
    say(bob, text("You are the best 🎉"));
    react(ada, 3, "❤️");
    react(bob, 4, "👍");
    react(carol, 4, "👍");
  }

  private ObjectNode inGroup() {
    return JsonObjects.object().put("conversation_id", group);
  }

  private ObjectNode text(String text) {
    return inGroup().put("text", text);
  }

  private static void say(ChatClient who, ObjectNode message) throws Exception {
    ask(who, "send", message.put("client_message_id", "c" + System.nanoTime()));
  }

  private void react(ChatClient who, int seq, String emoji) throws Exception {
    ask(who, "react", inGroup().put("seq", seq).put("emoji", emoji).put("on", true));
  }

  private static ChatPage open(Screen screen, String name) {
    ChatPage page = WORLD.atTheDoor(screen).signIn(WORLD.name(name));
    page.open("Ridge walk");
    page.seesMessages(5);
    page.tab().until(count(".reaction", 2));
    page.tab().until(count("#to-end", 0));
    page.tab().run("document.activeElement.blur()");
    return page;
  }

  private static void keep(String name, ChatPage page) throws Exception {
    byte[] picture = page.tab().screenshot();
    Files.write(Files.createDirectories(IMAGES).resolve(name + ".png"), picture);
    assertThat(picture.length).as(name).isGreaterThan(20_000); // it shows something
  }
}
