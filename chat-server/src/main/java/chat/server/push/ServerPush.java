package chat.server.push;

import chat.engine.ChatEngine;
import chat.engine.ConversationId;
import chat.engine.UserId;
import chat.engine.feed.Feed;
import chat.engine.feed.FeedOptions;
import chat.engine.spi.ConversationStore;
import chat.server.conversations.FeedOnDemand;
import chat.server.http.HttpEndpoint;
import chat.server.outgoing.OutgoingHttp;
import chat.server.outgoing.PublicAddresses;
import chat.server.push.browser.WebPushSender;
import chat.server.push.device.PushDevices;
import chat.server.rest.Callers;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jdbi.v3.core.Jdbi;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Push notifications of one node, put together. The feed is opened when the first device of all
 * registers, so that who has none pays nothing. Thread-safe.
 */
public final class ServerPush implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(ServerPush.class);
  private static final String FEED = "push";
  private static final int THREADS = 4;
  private static final int LOOK_UPS = 64;

  /** Conversations of which somebody is being told at the same time. */
  private static final int CONCURRENCY = 2_048;

  private static final Duration TICK = Duration.ofSeconds(1);
  private static final Duration SEARCH = Duration.ofSeconds(10);
  private static final Duration SWEEP = Duration.ofHours(1);

  private final PushDevices devices;
  private final PushFeed consumer;
  private final FeedOnDemand feed;
  private final LaterLooks looks;
  private final BadgeUpdates badges;
  private final PushRoutes routes;
  private final ScheduledExecutorService threads =
      Executors.newScheduledThreadPool(THREADS, task -> daemon(task, "chat-push"));

  /** One more than these is refused. */
  private final ThreadPoolExecutor lookUps =
      new ThreadPoolExecutor(
          0,
          LOOK_UPS,
          30,
          TimeUnit.SECONDS,
          new SynchronousQueue<>(),
          task -> daemon(task, "chat-push-names"));

  /**
   * Begins to tell users, if there is one with a device; blocks.
   *
   * @param conversations of the engine's store
   * @param counter is told the kind of device and what became of each notification
   * @param opened is told the feed when there is one
   */
  public ServerPush(
      PushSettings settings,
      Jdbi jdbi,
      ChatEngine engine,
      ConversationStore conversations,
      Callers callers,
      OutgoingHttp http,
      BiConsumer<String, String> counter,
      Consumer<Feed> opened) {
    InstantSource clock = InstantSource.system();
    this.devices = new PushDevices(jdbi);
    WebPushSender browsers =
        new WebPushSender(
            jdbi,
            settings.contact(),
            http,
            settings.privateAddresses() ? PublicAddresses.all() : PublicAddresses.only(),
            lookUps,
            clock);
    Map<String, PushSender> senders = senders(settings, browsers, http, clock);
    looks = new LaterLooks(waits(settings.silence()), System::nanoTime);
    consumer =
        new PushFeed(
            engine.asApplication(),
            conversations,
            new Audience(
                engine.asApplication(), conversations, devices, settings.hidesContent(), clock),
            new Delivery(senders, devices, threads, counter),
            looks,
            settings.delay(),
            threads,
            clock);
    feed =
        new FeedOnDemand(
            engine, FEED, FeedOptions.DEFAULT.concurrency(CONCURRENCY), consumer, opened);
    badges = new BadgeUpdates(senders, devices, conversations, threads);
    routes = new PushRoutes(callers, devices, senders, browsers.publicKey(), feed::open);
    search();
    every(TICK, this::lookAgain);
    every(TICK, badges::send);
    every(SEARCH, this::search);
    every(SWEEP, devices::sweep);
  }

  private static Thread daemon(Runnable task, String name) {
    Thread thread = new Thread(task, name);
    thread.setDaemon(true);
    return thread;
  }

  private static Map<String, PushSender> senders(
      PushSettings settings, PushSender browsers, OutgoingHttp http, InstantSource clock) {
    Map<String, PushSender> senders = new HashMap<>();
    senders.put(browsers.kind(), browsers);
    PushSettings.Webhook webhook = settings.webhook();
    if (webhook != null) {
      senders.put(
          WebhookSender.KIND,
          new WebhookSender(webhook.url(), webhook.signature(), webhook.deadline(), http, clock));
    }
    for (PushSender further : ServiceLoader.load(PushSender.class)) {
      senders.put(further.kind(), further);
    }
    return senders;
  }

  /**
   * A user counts as connected for 10 s after the last connection was closed, and a connection that
   * broke is noticed when it has been silent for a while. The later looks are for devices that
   * rest.
   */
  private static List<Duration> waits(Duration silence) {
    Duration grace = Duration.ofSeconds(12);
    return List.of(
        grace,
        silence.plus(grace),
        Duration.ofMinutes(5),
        Duration.ofMinutes(15),
        Duration.ofHours(1));
  }

  /** The calls with which devices are registered. */
  public HttpEndpoint.Routes routes() {
    return routes;
  }

  /** Told on the node where a user has read something of a conversation. Never blocks. */
  public void read(UserId user, ConversationId conversation) {
    if (feed.isOpen()) { // else there are no devices
      badges.read(user, conversation);
    }
  }

  private void every(Duration time, Runnable work) {
    threads.scheduleWithFixedDelay(
        () -> {
          try {
            work.run();
          } catch (RuntimeException | Error fault) { // which would end all later ones
            log.debug("push: a regular task failed and will come again", fault);
          }
        },
        time.toMillis(),
        time.toMillis(),
        TimeUnit.MILLISECONDS);
  }

  /** Opens the feed where the first device came in at another node. */
  private void search() {
    if (!feed.isOpen() && devices.any()) {
      feed.open();
    }
  }

  /** Another node that has taken the feed over looks itself. */
  private void lookAgain() {
    if (feed.isActive()) {
      consumer.lookAgain();
    }
  }

  /** Notifications that wait for their time are left to the next start, or to another node. */
  @Override
  public void close() {
    feed.close();
    threads.shutdownNow();
    lookUps.shutdownNow();
  }
}
