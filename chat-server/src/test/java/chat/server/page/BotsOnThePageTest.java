package chat.server.page;

import chat.engine.protocol.JsonObjects;
import chat.server.Provider;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.node.ObjectNode;

/** How the page shows programs that answer. */
@Tag("thorough")
@Timeout(180)
final class BotsOnThePageTest {
  private static final Provider MODEL = model();

  @RegisterExtension
  static final PageWorld WORLD = new PageWorld("--integrations=" + integrations());

  @AfterAll
  static void stop() {
    MODEL.close();
  }

  /** It says something else after each pause, as those do that grow. */
  private static Provider model() {
    try {
      return new Provider(
          (exchange, call) -> Provider.stream(exchange, List.of("one ", "two ", "three"), 600));
    } catch (IOException fault) {
      throw new UncheckedIOException(fault);
    }
  }

  private static Path integrations() {
    ObjectNode file = JsonObjects.object();
    file.putArray("bots")
        .addObject()
        .put("kind", "openai")
        .put("model", "tiny")
        .put("username", "helper")
        .put("url", MODEL.url() + "/")
        .put("secret", "0123456789abcdef");
    try {
      Path path = Files.createTempFile("integrations", ".json");
      path.toFile().deleteOnExit();
      return Files.writeString(path, file.toString());
    } catch (IOException fault) {
      throw new UncheckedIOException(fault);
    }
  }

  @ParameterizedTest
  @EnumSource
  void aBotIsABotAndNeverOffline(Screen screen) throws Exception {
    ChatPage ada = WORLD.onPage(screen, "ada");
    ada.begin("helper");
    ada.sees("#title", "helper");
    ada.tab().until("document.querySelector('.who-more')?.textContent === 'bot'");
  }

  @ParameterizedTest
  @EnumSource
  void anAnswerThatHasGrownIsNotCalledEdited(Screen screen) throws Exception {
    ChatPage ada = WORLD.onPage(screen, "ada");
    ada.begin("helper");
    ada.say("count");
    ada.sees(".message:not(.own) .text", "one two three");
    ada.tab().until("!document.querySelector('.edited')");
    ada.choose(".own", "Edit");
    ada.tab().until(ChatPage.FIELD + ".value === 'count'");
    ada.say(" again");
    ada.sees(".message.own .edited", "edited");
    ada.tab().until("document.querySelectorAll('.edited').length === 1");
  }
}
