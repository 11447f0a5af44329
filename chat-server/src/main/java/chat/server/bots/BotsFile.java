package chat.server.bots;

import chat.engine.protocol.JsonObjects;
import chat.server.bots.BotSettings.Kind;
import chat.server.config.IntegrationsFile;
import chat.server.config.IntegrationsFile.Entry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** Reads the bots of a file of integrations. */
final class BotsFile {
  private static final int HISTORY_TOKENS = 2_000;
  private static final int DEADLINE_SECONDS = 60;
  private static final String FAILURE = "I cannot answer at present. Please try again later.";

  private static final Set<String> FIELDS =
      Set.of(
          "username",
          "display_name",
          "kind",
          "url",
          "secret",
          "secret_env",
          "model",
          "system_prompt",
          "history_tokens",
          "answer_tokens",
          "temperature",
          "deadline_seconds",
          "failure_text");

  private BotsFile() {}

  /**
   * @throws IllegalArgumentException with a sentence that names the bot and the field
   */
  static List<BotSettings> read(IntegrationsFile file) {
    List<BotSettings> bots = new ArrayList<>();
    Set<String> names = new HashSet<>();
    for (Entry entry : file.entries("bots")) {
      BotSettings bot = entry.read(FIELDS, () -> bot(entry));
      if (!names.add(bot.username().toLowerCase(Locale.ROOT))) {
        throw entry.wrong("username " + bot.username() + " is there twice");
      }
      bots.add(bot);
    }
    return bots;
  }

  private static BotSettings bot(Entry entry) {
    Kind kind = entry.choice("kind", Kind.class);
    if (kind == Kind.OPENAI) {
      entry.text("model");
    }
    return new BotSettings(
        entry.text("username"),
        entry.optionalText("display_name"),
        kind,
        entry.url("url"),
        entry.secret(),
        kind == Kind.WEBHOOK ? entry.signature() : null,
        kind == Kind.EDENAI && entry.optionalText("model") == null
            ? "openai"
            : entry.optionalText("model"),
        entry.optionalText("system_prompt"),
        entry.number("history_tokens", HISTORY_TOKENS, 0, 1_000_000),
        entry.has("answer_tokens") ? entry.number("answer_tokens", 1, 1, 1_000_000) : null,
        entry.has("temperature") ? entry.decimal("temperature", 0, 2) : null,
        Duration.ofSeconds(entry.number("deadline_seconds", DEADLINE_SECONDS, 1, 600)),
        JsonObjects.optionalText(entry.json(), "failure_text").orElse(FAILURE));
  }
}
