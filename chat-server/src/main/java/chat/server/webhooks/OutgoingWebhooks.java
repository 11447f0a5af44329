package chat.server.webhooks;

import chat.engine.ChatApplication;
import chat.engine.ChatEngine;
import chat.engine.feed.Feed;
import chat.engine.feed.FeedOptions;
import chat.server.config.IntegrationsFile;
import chat.server.conversations.Conversations;
import chat.server.json.ApiError;
import chat.server.json.ApiException;
import chat.server.outgoing.OutgoingHttp;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The outgoing webhooks of a file of integrations, each on a feed of its own. */
public final class OutgoingWebhooks implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(OutgoingWebhooks.class);

  /** Begins the names of their feeds. */
  static final String FEED = "webhook:";

  private final List<Feed> feeds = new ArrayList<>();

  private OutgoingWebhooks() {}

  /**
   * Blocks until they are open. Each begins with what is committed from its first start on.
   *
   * @param opened is told each feed
   * @throws IllegalArgumentException for an entry that is wrong; the message says which
   */
  public static OutgoingWebhooks start(
      IntegrationsFile file,
      ChatEngine engine,
      OutgoingHttp http,
      DeadLetters deadLetters,
      Consumer<Feed> opened) {
    OutgoingWebhooks webhooks = new OutgoingWebhooks();
    try {
      for (WebhookSettings settings : WebhookSettings.read(file)) {
        deadLetters.expect(settings.feed());
        Feed feed =
            Conversations.await(
                engine.feed(
                    settings.feed(),
                    FeedOptions.DEFAULT.concurrency(32),
                    new OutgoingWebhook(settings, http, InstantSource.system(), deadLetters)));
        webhooks.feeds.add(feed);
        opened.accept(feed);
        log.info("webhook {} to {}", settings.name(), settings.url().getHost());
      }
      return webhooks;
    } catch (RuntimeException fault) {
      webhooks.close();
      throw fault;
    }
  }

  /** Whether there can be a webhook of this name. */
  public static boolean isName(String name) {
    return WebhookSettings.NAME.matcher(name).matches();
  }

  /**
   * How many webhooks the file has.
   *
   * @throws IllegalArgumentException for an entry that is wrong; the message says which
   */
  public static int count(IntegrationsFile file) {
    return WebhookSettings.read(file).size();
  }

  /**
   * Posts once more what happened from a time on, on whatever node. Blocks until that is certain.
   *
   * @throws ApiException {@code not_found} if no node ever had a webhook of this name; the message
   *     says which there are
   */
  public static void replay(ChatApplication chat, String name, Instant since) {
    List<String> feeds = Conversations.await(chat.feeds());
    if (!feeds.contains(FEED + name)) {
      String known =
          feeds.stream()
              .filter(feed -> feed.startsWith(FEED))
              .map(feed -> feed.substring(FEED.length()))
              .collect(Collectors.joining(", "));
      throw ApiException.of(
          ApiError.NOT_FOUND,
          "there is no webhook "
              + name
              + (known.isEmpty() ? ", and no other one" : ": there are " + known));
    }
    Conversations.await(chat.replayFeed(FEED + name, since));
  }

  @Override
  public void close() {
    feeds.forEach(Feed::close);
  }
}
