package chat.engine.examples.cluster;

import chat.engine.examples.server.ServerNode;
import chat.engine.examples.server.ServerProcess;
import java.io.IOException;
import java.net.http.HttpClient;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A running {@link Cluster}, its users, and what can be asked for: by the keys of a screen and by
 * words. Thread-safe; faults block until they are done.
 */
public final class Demo implements AutoCloseable {
  private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("HH:mm:ss");
  private static final int KEPT_EVENTS = 8;
  private static final long SETTLE_SECONDS = 90;
  private static final int MOST_RESTARTS = 2;

  static final String HELP =
      "kill PART (with -9), stop PART (SIGSTOP), continue PART, cut PART (its links), mend PART,"
          + " start PART, whole (mends everything), wait SECONDS, check (makes all whole, and waits"
          + " until each message has arrived), help, q; PART is 1, 2, 3, p (PostgreSQL) or r"
          + " (Redis)";

  private final Cluster cluster;
  private final Consumer<String> told;
  private final Ledger ledger = new Ledger();
  private final Deque<String> events = new ArrayDeque<>();
  private @Nullable Traffic traffic;
  private Ledger.Counts last = ledger.read();
  private boolean failed;

  /**
   * @param told is told what happens, line by line
   */
  public Demo(Cluster cluster, Consumer<String> told) {
    this.cluster = cluster;
    this.told = told;
  }

  /**
   * Waits until the nodes are ready, and lets the users in. A node that ends by itself is started
   * again, as any supervisor would, but not without end.
   *
   * @throws IOException if a node is not ready in the end; it says what each of them wrote last
   */
  public void begin(int pairs, int rate) throws IOException, InterruptedException {
    AtomicInteger restarts = new AtomicInteger();
    await(
        cluster::faults,
        () -> {
          if (cluster.hasEnded() && restarts.getAndIncrement() < MOST_RESTARTS) {
            note(cluster.faults()); // a port may have been taken in the meantime
            cluster.parts().forEach(Part::makeWhole);
          }
          return cluster.isWhole() || cluster.hasEnded();
        });
    if (cluster.hasEnded()) {
      throw new IOException(cluster.faults());
    }
    HttpClient http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    ServerNode balancer = ServerNode.connect(http, cluster.page(), ServerProcess.ISSUER_SECRET, 0);
    traffic = Traffic.start(http, balancer, pairs, rate, ledger, this::note);
    note("all nodes are ready, and " + 2 * pairs + " users write");
  }

  private Traffic traffic() {
    Traffic started = traffic;
    if (started == null) {
      throw new IllegalStateException("nobody writes yet");
    }
    return started;
  }

  Cluster cluster() {
    return cluster;
  }

  /** Tells the person what happened. */
  public void note(String event) {
    String line = TIME.format(LocalTime.now(ZoneId.systemDefault())) + " " + event;
    synchronized (events) {
      events.add(line);
      if (events.size() > KEPT_EVENTS) {
        events.remove();
      }
    }
    told.accept(line);
  }

  /** The present state in one line; counts since this or the view was asked for last. */
  public String line() {
    return view().line();
  }

  /** What became of all messages until now. */
  public String summary() {
    View view = view();
    Ledger.Counts total = view.total();
    return "%d messages sent, %d acknowledged, %d delivered; %d lost, %d doubled; %d reconnects"
        .formatted(
            total.sent(),
            total.acknowledged(),
            total.delivered(),
            total.lost(),
            total.doubled(),
            view.reconnects());
  }

  /** The present state; call it once a second, for it counts since its last call. */
  synchronized View view() {
    Ledger.Counts total = ledger.read();
    Ledger.Counts now =
        new Ledger.Counts(
            total.sent() - last.sent(),
            total.acknowledged() - last.acknowledged(),
            total.delivered() - last.delivered(),
            total.unanswered(),
            total.undelivered(),
            total.lost(),
            total.doubled(),
            total.acknowledgement(),
            total.delivery());
    last = total;
    failed |= total.lost() + total.doubled() > 0;
    List<String> happened;
    synchronized (events) {
      happened = List.copyOf(events);
    }
    return new View(
        cluster.page().toString(),
        cluster.parts().stream().map(cluster::line).toList(),
        total,
        now,
        traffic().online(),
        traffic().users(),
        traffic().reconnects(),
        happened);
  }

  /**
   * Does what a line says.
   *
   * @return false if it says that this is the end
   */
  public boolean handle(String line) throws InterruptedException {
    String[] words = line.strip().split("\\s+");
    try {
      switch (words[0]) {
        case "" -> {}
        case "q", "quit" -> {
          return false;
        }
        case "help" -> told.accept(HELP);
        case "wait" -> TimeUnit.SECONDS.sleep(Long.parseLong(argument(words)));
        case "whole" -> makeWhole();
        case "check" -> check();
        default -> fault(words[0], cluster.part(argument(words)));
      }
    } catch (Part.NotNowException | NumberFormatException wrong) {
      note(String.valueOf(wrong.getMessage()));
    }
    return true;
  }

  private static String argument(String[] words) {
    if (words.length != 2) {
      throw new Part.NotNowException(words[0] + " is not understood; " + HELP);
    }
    return words[1];
  }

  private void fault(String verb, Part part) {
    switch (verb) {
      case "kill" -> {
        part.kill();
        note(part.name() + " was killed with -9");
      }
      case "stop" -> {
        part.stop();
        note(part.name() + " stands still");
      }
      case "continue" -> {
        part.resume();
        note(part.name() + " goes on");
      }
      case "cut" -> {
        part.cut();
        note(part.name() + " is cut off");
      }
      case "mend" -> {
        part.mend();
        note(part.name() + " is connected again");
      }
      case "start" -> {
        part.start();
        note(part.name() + " was started again");
      }
      default -> throw new Part.NotNowException(verb + " is not understood; " + HELP);
    }
  }

  void makeWhole() {
    cluster.parts().forEach(Part::makeWhole);
    note("everything is started, mended and goes on");
  }

  private void check() throws InterruptedException {
    makeWhole();
    traffic().pause(true);
    try {
      // a node that starts while PostgreSQL is away ends by itself, perhaps only now
      await(
          cluster::faults,
          () -> {
            cluster.parts().forEach(Part::makeWhole);
            return cluster.isWhole();
          });
      await(() -> "not every message has arrived", ledger::isSettled);
    } catch (IOException late) {
      synchronized (this) {
        failed = true;
      }
      note("FAILED: " + late.getMessage());
    }
    String summary = summary(); // which looks for losses once more
    note((passed() ? "PASSED: " : "FAILED: ") + summary);
    traffic().pause(false);
  }

  private interface Condition {
    boolean holds();
  }

  private static void await(Supplier<String> complaint, Condition condition)
      throws IOException, InterruptedException {
    long giveUp = System.nanoTime() + TimeUnit.SECONDS.toNanos(SETTLE_SECONDS);
    while (!condition.holds()) {
      if (System.nanoTime() > giveUp) {
        throw new IOException(complaint.get());
      }
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(50));
      if (Thread.interrupted()) {
        throw new InterruptedException();
      }
    }
  }

  /** Whether nothing was lost or doubled, and each check passed. */
  public synchronized boolean passed() {
    return !failed;
  }

  @Override
  public void close() {
    if (traffic != null) {
      traffic.close();
    }
    cluster.close();
  }
}
