package chat.engine.examples.cluster;

import chat.engine.examples.server.ServerApi;
import chat.engine.examples.server.ServerNode;
import chat.engine.examples.server.ServerSession;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Pairs of users who keep writing to each other through the balancer, as good clients: what was not
 * answered is sent again with the same {@code client_message_id}, and a connection that ended is
 * made again. A user with 20 messages under way writes no more until one is answered. One thread
 * sends for all. Thread-safe.
 */
final class Traffic implements AutoCloseable {
  private static final String TEXT = "message ";
  private static final int MOST_UNDER_WAY = 20;
  private static final long RETRY_MILLIS = 300;
  private static final Duration LONGEST_RETRY = Duration.ofSeconds(4);

  private final Ledger ledger;
  private final Consumer<String> events;
  private final List<User> users = new ArrayList<>();
  private final AtomicLong reconnects = new AtomicLong();
  private final ScheduledExecutorService sender =
      Executors.newSingleThreadScheduledExecutor(
          work -> {
            Thread thread = new Thread(work, "users");
            thread.setDaemon(true);
            return thread;
          });
  private volatile boolean writing;

  private Traffic(Ledger ledger, Consumer<String> events) {
    this.ledger = ledger;
    this.events = events;
  }

  /**
   * Connects the users; they write from then on.
   *
   * @param rate messages of each user in a second
   * @param events is told what a person may want to know
   */
  static Traffic start(
      HttpClient http,
      ServerNode balancer,
      int pairs,
      int rate,
      Ledger ledger,
      Consumer<String> events) {
    Traffic traffic = new Traffic(ledger, events);
    for (int i = 0; i < 2 * pairs; i++) {
      traffic.users.add(traffic.new User("demo-" + i, "demo-" + (i ^ 1), http, balancer));
    }
    // a user who is written to has to exist
    CompletableFuture.allOf(
            traffic.users.stream().map(User::connect).toArray(CompletableFuture<?>[]::new))
        .join();
    traffic.writing = true;
    long period = TimeUnit.SECONDS.toNanos(1) / rate;
    for (User user : traffic.users) {
      long begin = period * traffic.users.indexOf(user) / traffic.users.size();
      traffic.sender.scheduleAtFixedRate(user::write, begin, period, TimeUnit.NANOSECONDS);
    }
    return traffic;
  }

  long reconnects() {
    return reconnects.get();
  }

  int users() {
    return users.size();
  }

  long online() {
    return users.stream().filter(user -> user.online).count();
  }

  /** What was sent already is still sent again until it is answered. */
  void pause(boolean paused) {
    writing = !paused;
  }

  @Override
  public void close() {
    sender.shutdownNow();
    users.forEach(user -> user.session.close());
  }

  private final class User implements ServerSession.Listener {
    private final String name;
    private final String peer;
    private final ServerSession session;
    private final AtomicInteger underWay = new AtomicInteger();
    private int next; // only the sender's thread uses it
    private boolean connected;
    private volatile boolean online;

    User(String name, String peer, HttpClient http, ServerNode balancer) {
      this.name = name;
      this.peer = peer;
      this.session =
          new ServerSession(
              http, List.of(balancer), 0, api -> api.enter(name), "demo", this, LONGEST_RETRY);
    }

    CompletableFuture<Void> connect() {
      return session.connect();
    }

    void write() {
      if (writing && underWay.get() < MOST_UNDER_WAY) {
        int number = next++;
        underWay.incrementAndGet();
        ledger.sent(name, number, System.nanoTime());
        send(number);
      }
    }

    private void send(int number) {
      ObjectNode request =
          ServerApi.object()
              .put("type", "send")
              .put("to", peer)
              .put("client_message_id", Integer.toString(number))
              .put("text", TEXT + number);
      session.ask(request).whenComplete((ack, fault) -> answered(number, ack, fault));
    }

    private void answered(int number, @Nullable ObjectNode ack, @Nullable Throwable fault) {
      if (ack != null) {
        ledger.acknowledged(name, number, ack.get("seq").asLong(), System.nanoTime());
        underWay.decrementAndGet();
      } else if (!sender.isShutdown()) {
        sender.schedule(() -> send(number), RETRY_MILLIS, TimeUnit.MILLISECONDS);
      }
    }

    @Override
    public void message(ObjectNode message, boolean live) {
      String text = message.path("text").asString("");
      if (message.get("from").asString().equals(peer) && text.startsWith(TEXT)) {
        int number = Integer.parseInt(text.substring(TEXT.length()));
        ledger.delivered(peer, number, message.get("seq").asLong(), System.nanoTime());
      }
    }

    @Override
    public void event(ObjectNode event) {}

    @Override
    public void online(JsonNode conversations) {
      online = true;
      if (connected) {
        reconnects.incrementAndGet();
        events.accept(name + " is connected again");
      }
      connected = true;
    }

    @Override
    public void offline(String reason, boolean again) {
      online = false;
      events.accept(name + ": " + reason + (again ? "" : ", for good"));
    }
  }
}
