package chat.server.bots;

import chat.engine.ChatEngine;
import chat.engine.ChatException;
import chat.engine.ProfileUpdate;
import chat.engine.UserId;
import chat.engine.bot.Bot;
import chat.engine.feed.Feed;
import chat.server.accounts.BotAccounts;
import chat.server.config.IntegrationsFile;
import chat.server.outgoing.OutgoingHttp;
import chat.server.webhooks.DeadLetters;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Jdbi;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Starts the bots of a file of integrations. */
public final class ServerBots {
  private static final Logger log = LoggerFactory.getLogger(ServerBots.class);

  private ServerBots() {}

  /**
   * Blocks until the bots are there. Without bots nothing is started.
   *
   * @param underWay asks them
   * @param failures is told the bot's username for each question that had no answer
   * @param deadLetters has these questions for the operator
   * @param opened is told the feed
   * @return ends them
   * @throws IllegalArgumentException for an entry that is wrong; the message says which
   */
  public static AutoCloseable start(
      IntegrationsFile file,
      Jdbi jdbi,
      AnswersUnderWay underWay,
      ChatEngine engine,
      OutgoingHttp http,
      Consumer<String> failures,
      DeadLetters deadLetters,
      Consumer<Feed> opened) {
    ProviderBot.Failures both =
        (bot, question, reason, attempts) -> {
          failures.accept(bot);
          CompletableFuture.runAsync(
                  () ->
                      deadLetters.add(
                          integration(bot),
                          question.id(),
                          question.conversation().id(),
                          reason,
                          attempts))
              .exceptionally(
                  fault -> {
                    log.debug("a dead letter was not written down", fault);
                    return null;
                  });
        };
    List<BotSettings> all = BotsFile.read(file);
    if (all.isEmpty()) {
      return () -> {};
    }
    BotAccounts botAccounts = new BotAccounts(jdbi);
    Map<UserId, Bot> bots = new HashMap<>();
    for (BotSettings settings : all) {
      deadLetters.expect(integration(settings.username()));
      UserId user = UserId.of(botAccounts.ensure(settings.username()));
      if (settings.displayName() != null) {
        engine
            .asUser(user)
            .updateProfile(ProfileUpdate.NOTHING.withDisplayName(settings.displayName()))
            .join();
      }
      ProviderBot bot = bot(settings, http, both);
      bots.put(user, (question, answer) -> underWay.ask(bot, question, answer));
    }
    try {
      Feed feed = engine.bots(bots).join();
      opened.accept(feed);
      log.info(
          "bots: {}", all.stream().map(BotSettings::toString).collect(Collectors.joining(", ")));
      return feed;
    } catch (CompletionException fault) {
      throw fault.getCause() instanceof ChatException refusal ? refusal : fault;
    }
  }

  /**
   * How many bots the file has.
   *
   * @throws IllegalArgumentException for an entry that is wrong; the message says which
   */
  public static int count(IntegrationsFile file) {
    return BotsFile.read(file).size();
  }

  private static String integration(String bot) {
    return "bot:" + bot;
  }

  private static ProviderBot bot(
      BotSettings settings, OutgoingHttp http, ProviderBot.Failures failures) {
    return switch (settings.kind()) {
      case WEBHOOK -> new WebhookBot(settings, http, InstantSource.system(), failures);
      case OPENAI -> new ChatCompletionBot(settings, http, failures);
      case EDENAI -> new EdenAiBot(settings, http, failures);
    };
  }
}
