package chat.server.webhooks;

import chat.engine.ChatEngine;
import chat.engine.feed.Feed;
import chat.engine.feed.FeedOptions;
import chat.server.config.IntegrationsFile;
import chat.server.conversations.Conversations;
import chat.server.outgoing.OutgoingHttp;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The outgoing webhooks of a file of integrations, each on a feed of its own. */
public final class OutgoingWebhooks implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(OutgoingWebhooks.class);

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

  @Override
  public void close() {
    feeds.forEach(Feed::close);
  }
}
