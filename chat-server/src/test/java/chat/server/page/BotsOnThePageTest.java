package chat.server.page;

import chat.engine.protocol.JsonObjects;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
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
  @RegisterExtension
  static final PageWorld WORLD = new PageWorld("--integrations=" + integrations());

  /** A bot that nobody asks here. */
  private static Path integrations() {
    ObjectNode file = JsonObjects.object();
    file.putArray("bots")
        .addObject()
        .put("kind", "webhook")
        .put("username", "helper")
        .put("url", "http://127.0.0.1:1/")
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
}
