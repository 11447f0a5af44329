package chat.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import chat.engine.protocol.JsonObjects;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Webhooks and bots whose other side means no good, beside some that are well. */
@Tag("thorough")
@Timeout(120)
final class HostileTargetsTest {
  private static final long ON_THE_WAY = 64L << 20;

  @TempDir private Path directory;

  private static ObjectNode webhook(String name, String url) {
    ObjectNode webhook =
        JsonObjects.object()
            .put("name", name)
            .put("url", url)
            .put("secret", "0123456789abcdef")
            .put("deadline_seconds", 1)
            .put("attempts", 2);
    webhook.putArray("events").add("message");
    return webhook;
  }

  private static ObjectNode bot(String name, String kind, String url) {
    ObjectNode bot =
        JsonObjects.object()
            .put("username", name)
            .put("kind", kind)
            .put("url", url)
            .put("secret", "0123456789abcdef")
            .put("deadline_seconds", 1)
            .put("failure_text", "no answer");
    return kind.equals("openai") ? bot.put("model", "tiny") : bot;
  }

  private static ObjectNode history(ChatClient who, String conversation) throws Exception {
    return who.ask(
        JsonObjects.object()
            .put("type", "history")
            .put("id", "h" + System.nanoTime())
            .put("conversation_id", conversation));
  }

  private static void waitFor(ChatClient who, String conversation, String text) {
    await()
        .atMost(Duration.ofSeconds(40))
        .untilAsserted(
            () ->
                assertThat(history(who, conversation).get("messages"))
                    .extracting(message -> message.get("text").asString())
                    .contains(text));
  }

  @Test
  void eachIsCutIsSaidToHaveFailedAndHoldsUpNobodyElse() throws Exception {
    String database = TestServer.freshDatabase();
    try (Provider inside = new Provider((exchange, call) -> Provider.json(exchange, 200, "{}"));
        Provider good =
            new Provider((exchange, call) -> Provider.json(exchange, 200, "{\"text\":\"fine\"}"));
        HostileTarget redirecting = HostileTarget.redirecting(inside.url() + "/meta-data");
        HostileTarget dripping = HostileTarget.dripping(200);
        HostileTarget endless = HostileTarget.endless("application/json");
        HostileTarget endlessEvents = HostileTarget.repeating("text/event-stream", ": wait\n\n");
        HostileTarget endlessHead = HostileTarget.endlessHead()) {
      ObjectNode integrations = JsonObjects.object();
      ArrayNode webhooks = integrations.putArray("webhooks");
      ArrayNode bots = integrations.putArray("bots");
      Map<String, HostileTarget> hostile =
          Map.of(
              "redirects", redirecting, "drips", dripping, "floods", endless, "heads", endlessHead);
      hostile.forEach((name, target) -> webhooks.add(webhook(name, target.url())));
      webhooks.add(webhook("good", good.url()));
      hostile.forEach((name, target) -> bots.add(bot(name, "webhook", target.url())));
      bots.add(bot("model", "openai", endlessEvents.url()));
      bots.add(bot("redirected", "openai", redirecting.url()));
      bots.add(bot("eden", "edenai", endless.url()));
      bots.add(bot("well", "webhook", good.url()));
      Path file = directory.resolve("integrations.json");
      Files.writeString(file, integrations.toString());
      try (ChatServer server =
          TestServer.start("--database-url=" + database, "--integrations=" + file)) {
        ChatClient ada = ChatClient.registered(server, "ada");
        ada.connect();
        Map<String, String> conversations = new TreeMap<>();
        for (String name :
            List.of("redirects", "drips", "floods", "heads", "model", "redirected", "eden")) {
          conversations.put(name, said(ada, name));
        }
        long begun = System.nanoTime();
        String well = said(ada, "well");
        waitFor(ada, well, "fine");
        await()
            .until(
                () ->
                    good.calls().stream()
                        .anyMatch(call -> call.body().contains("\"text\":\"to well\"")));
        assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofSeconds(5));
        for (String conversation : conversations.values()) {
          waitFor(ada, conversation, "no answer");
        }
        await()
            .atMost(Duration.ofSeconds(40))
            .untilAsserted(
                () ->
                    assertThat(reasons(database))
                        .containsEntry("webhook:redirects", "it said 307")
                        .containsEntry(
                            "webhook:drips", "127.0.0.1 gave no whole answer within 1000 ms")
                        .containsEntry("webhook:floods", "the answer has more than 65536 bytes")
                        .hasEntrySatisfying(
                            "webhook:heads",
                            reason ->
                                assertThat(reason)
                                    .contains("is no HTTP that is understood")
                                    .hasSizeLessThan(120))
                        .containsEntry("bot:redirects", "the webhook said 307")
                        .containsEntry("bot:redirected", "the provider said 307")
                        .containsEntry("bot:floods", "the answer has more than 1048576 bytes")
                        .containsEntry("bot:eden", "the answer has more than 1048576 bytes")
                        .containsKeys("bot:drips", "bot:heads", "bot:model")
                        .doesNotContainKeys("webhook:good", "bot:well"));
        assertThat(inside.calls()).isEmpty();
        String metrics = ada.exchange("GET", "/metrics", "").body();
        assertThat(metrics)
            .containsPattern("chat_dead_letters_total\\{integration=\"webhook:drips\"} [1-9]")
            .contains("chat_dead_letters_total{integration=\"webhook:good\"} 0.0")
            .contains("chat_dead_letters_total{integration=\"bot:model\"} 1.0");
        for (HostileTarget target : hostile.values()) {
          assertThat(target.written() / target.calls()).isLessThan(ON_THE_WAY);
        }
      }
    }
  }

  private static String said(ChatClient who, String bot) throws Exception {
    return who.ask(
            JsonObjects.object()
                .put("type", "send")
                .put("id", bot)
                .put("to", bot)
                .put("client_message_id", bot)
                .put("text", "to " + bot))
        .get("conversation_id")
        .asString();
  }

  /** What each integration has given up last, and why. */
  private static Map<String, String> reasons(String database) throws Exception {
    AdminShell.Result shown =
        AdminShell.run("dead-letters", "--json", "--limit=100", "--database-url=" + database);
    Map<String, String> reasons = new TreeMap<>();
    for (JsonNode letter : JsonObjects.parse(shown.out()).get("dead_letters")) {
      reasons.put(letter.get("integration").asString(), letter.get("reason").asString());
    }
    return reasons;
  }
}
