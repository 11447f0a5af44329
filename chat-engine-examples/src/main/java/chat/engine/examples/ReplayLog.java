package chat.engine.examples;

import chat.engine.ConversationId;
import chat.engine.examples.replay.IrcLog;
import chat.engine.examples.replay.ReplayEngines;
import chat.engine.examples.replay.ReplayMessage;
import chat.engine.examples.replay.ReplayObserver;
import chat.engine.examples.replay.ReplayServers;
import chat.engine.examples.replay.ReplayTarget;
import chat.engine.examples.replay.ReplayUser;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/**
 * Replays an IRC log: each nick is a user, spread over two nodes, all in one group. At the end it
 * checks that every user saw every message once, in one order.
 *
 * <pre>ReplayLog FILE [FILE ...] [--speed N]
 *   [--fault redis]                                 two engines in this process
 *   [--server-jar chat-server.jar [--fault node]]   two server processes, over WebSocket
 *   [--server URL ... [--issuer-secret SECRET]]     servers that run already</pre>
 *
 * <p>{@code --speed 60} replays an hour of the log in a minute; without it, as fast as it goes.
 * {@code --fault} kills Redis, or one of the servers with {@code -9}, after a third of the
 * messages, and starts it again (Redis empty) after two thirds.
 */
public final class ReplayLog {
  private static final String USAGE =
      "usage: ReplayLog FILE [FILE ...] [--speed N] [--fault redis|node]"
          + " [--server-jar JAR | --server URL [--server URL ...] [--issuer-secret SECRET]]";
  private static final int IN_FLIGHT = 512;
  private static final long HEAL_SECONDS = 10;
  private static final long SEND_ATTEMPTS = 400;
  private static final int RETRY_MILLIS = 50;

  private final ReplayTarget target;
  private final double speed;
  private final Semaphore inFlight = new Semaphore(IN_FLIGHT);
  private final Histogram ackMicros = new ConcurrentHistogram(TimeUnit.MINUTES.toMicros(5), 3);
  private final Histogram deliveryMicros = new ConcurrentHistogram(TimeUnit.MINUTES.toMicros(5), 3);
  private final Map<String, Long> sentAt = new ConcurrentHashMap<>();
  private final AtomicLong retries = new AtomicLong();

  private ReplayLog(ReplayTarget target, double speed) {
    this.target = target;
    this.speed = speed;
  }

  /** Ends with status 1 if a check failed, 2 if the arguments are wrong. */
  public static void main(String[] args) throws IOException, InterruptedException {
    try {
      if (!run(args)) {
        System.exit(1);
      }
    } catch (IllegalArgumentException wrong) {
      System.err.println(wrong.getMessage());
      System.err.println(USAGE);
      System.exit(2);
    }
  }

  /**
   * @return whether every check passed
   */
  static boolean run(String... args) throws IOException, InterruptedException {
    Arguments arguments = Arguments.parse(args);
    boolean passed = true;
    try (ReplayTarget target = arguments.target()) {
      for (Path file : arguments.files()) {
        target.awaitReady();
        passed &= new ReplayLog(target, arguments.speed()).replay(file);
      }
    }
    return passed;
  }

  private record Arguments(
      List<Path> files,
      double speed,
      @Nullable String fault,
      @Nullable Path jar,
      List<URI> servers,
      @Nullable String issuerSecret) {
    static Arguments parse(String[] args) {
      List<Path> files = new ArrayList<>();
      List<URI> servers = new ArrayList<>();
      double speed = 0;
      String fault = null;
      Path jar = null;
      String issuerSecret = null;
      for (int i = 0; i < args.length; i++) {
        if (!args[i].startsWith("--")) {
          files.add(Path.of(args[i]));
          continue;
        }
        String name = args[i];
        if (++i == args.length) {
          throw new IllegalArgumentException(name + " needs a value");
        }
        switch (name) {
          case "--speed" -> speed = Double.parseDouble(args[i]);
          case "--fault" -> fault = args[i];
          case "--server-jar" -> jar = Path.of(args[i]);
          case "--server" -> servers.add(URI.create(args[i]));
          case "--issuer-secret" -> issuerSecret = args[i];
          default -> throw new IllegalArgumentException("unknown: " + name);
        }
      }
      Arguments arguments = new Arguments(files, speed, fault, jar, servers, issuerSecret);
      arguments.validate();
      return arguments;
    }

    private void validate() {
      if (files.isEmpty()) {
        throw new IllegalArgumentException("name at least one log");
      }
      if (jar != null && !servers.isEmpty()) {
        throw new IllegalArgumentException("--server-jar starts the servers: name no --server");
      }
      String possible = jar != null ? "node" : servers.isEmpty() ? "redis" : "";
      if (fault != null && !fault.equals(possible)) {
        throw new IllegalArgumentException(
            "--fault redis goes with the engines in this process, --fault node with --server-jar");
      }
    }

    ReplayTarget target() throws IOException, InterruptedException {
      if (jar != null) {
        return ReplayServers.started(jar, fault != null);
      }
      return servers.isEmpty()
          ? new ReplayEngines(fault != null)
          : ReplayServers.running(servers, issuerSecret);
    }
  }

  private boolean replay(Path file) throws IOException, InterruptedException {
    IrcLog log = IrcLog.read(file);
    Set<String> nicks =
        log.lines().stream()
            .map(IrcLog.Line::nick)
            .collect(Collectors.toCollection(LinkedHashSet::new));
    System.out.printf(
        "%s: %,d messages of %d users, %d other lines skipped%n",
        file.getFileName(), log.lines().size(), nicks.size(), log.skipped());

    Map<String, Participant> participants = new LinkedHashMap<>();
    for (String nick : nicks) {
      participants.put(nick, join(nick));
    }
    ConversationId group =
        target.createGroup(
            String.valueOf(file.getFileName()),
            participants.values().stream().map(Participant::user).toList());

    long begun = System.nanoTime();
    List<CompletableFuture<Void>> sends = new ArrayList<>();
    for (int i = 0; i < log.lines().size(); i++) {
      injectFault(i, log.lines().size());
      IrcLog.Line line = log.lines().get(i);
      waitForItsTime(begun, log.lines().get(0).minute(), line.minute());
      inFlight.acquire();
      sends.add(send(Objects.requireNonNull(participants.get(line.nick())), group, line.text()));
    }
    sends.forEach(CompletableFuture::join);
    long sentNanos = System.nanoTime() - begun;
    boolean complete = awaitAll(List.copyOf(participants.values()), log.lines().size());
    long allNanos = System.nanoTime() - begun;

    List<String> wrong = check(group, log.lines().size(), List.copyOf(participants.values()));
    report(log.lines().size(), nicks.size(), sentNanos, allNanos, wrong);
    participants.values().forEach(participant -> participant.user().close());
    return complete && wrong.isEmpty();
  }

  /** A user of the log, and what it saw. */
  private record Participant(ReplayUser user, ReplayObserver observer) {}

  private Participant join(String nick) {
    ReplayObserver observer = new ReplayObserver(this::delivered);
    return new Participant(target.join(nick, observer), observer);
  }

  private void delivered(ReplayMessage message) {
    Long at = sentAt.get(message.clientMessageId());
    if (at != null) {
      deliveryMicros.recordValue((System.nanoTime() - at) / 1_000);
    }
  }

  private void waitForItsTime(long begun, int firstMinute, int minute) {
    if (speed > 0) {
      long due = begun + (long) (TimeUnit.MINUTES.toNanos(minute - firstMinute) / speed);
      for (long left = due - System.nanoTime(); left > 0; left = due - System.nanoTime()) {
        LockSupport.parkNanos(left);
      }
    }
  }

  private void injectFault(int sent, int of) {
    if (sent == of / 3) {
      target.breakIt();
    } else if (sent == of * 2 / 3) {
      target.mendIt();
    }
  }

  /**
   * Sends, and sends again under the same client message id for as long as the answer is "not now".
   */
  private CompletableFuture<Void> send(Participant participant, ConversationId group, String text) {
    String id = UUID.randomUUID().toString();
    long begun = System.nanoTime();
    sentAt.put(id, begun);
    return attempt(participant.user(), group, id, text, 1)
        .thenAccept(
            ack -> {
              ackMicros.recordValue((System.nanoTime() - begun) / 1_000);
              participant.observer().acknowledged(ack);
            })
        .whenComplete((done, fault) -> inFlight.release());
  }

  private CompletableFuture<ReplayMessage> attempt(
      ReplayUser user, ConversationId group, String id, String text, int attempt) {
    return user.send(group, id, text)
        .exceptionallyCompose(
            fault -> {
              Throwable cause = fault instanceof CompletionException ? fault.getCause() : fault;
              if (cause instanceof ReplayUser.NotNowException && attempt < SEND_ATTEMPTS) {
                retries.incrementAndGet();
                Executor later =
                    CompletableFuture.delayedExecutor(RETRY_MILLIS, TimeUnit.MILLISECONDS);
                return CompletableFuture.supplyAsync(
                        () -> attempt(user, group, id, text, attempt + 1), later)
                    .thenCompose(next -> next);
              }
              return CompletableFuture.failedFuture(fault);
            });
  }

  private static boolean awaitAll(List<Participant> participants, int messages) {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(HEAL_SECONDS);
    while (participants.stream()
        .anyMatch(participant -> participant.observer().seen() < messages)) {
      if (System.nanoTime() - deadline > 0) {
        return false;
      }
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
    }
    return true;
  }

  private static List<String> check(
      ConversationId group, int sent, List<Participant> participants) {
    ReplayUser reader = participants.get(0).user();
    List<Long> truth = new ArrayList<>();
    List<String> wrong = new ArrayList<>();
    ReplayUser.Page page;
    do {
      page = reader.history(group, truth.size());
      for (ReplayMessage message : page.messages()) {
        truth.add(message.id());
        if (message.seq() != truth.size()) {
          wrong.add("history has " + message.seq() + " where " + truth.size() + " was due");
        }
      }
    } while (page.hasMore());
    if (truth.size() != sent) {
      wrong.add("the store has " + truth.size() + " messages, but " + sent + " were sent");
    }
    for (Participant participant : participants) {
      participant
          .observer()
          .check(truth)
          .forEach(fault -> wrong.add("user " + participant.user().name() + ": " + fault));
    }
    return wrong;
  }

  private void report(int messages, int users, long sentNanos, long allNanos, List<String> wrong) {
    System.out.printf(
        "  all acknowledged after %.2f s (%,.0f messages/s), all delivered after %.2f s (%,.0f deliveries/s)%n",
        sentNanos / 1e9,
        messages / (sentNanos / 1e9),
        allNanos / 1e9,
        (double) messages * (users - 1) / (allNanos / 1e9));
    print("send to acknowledgement", ackMicros);
    print("send to delivery", deliveryMicros);
    System.out.printf("  sends repeated: %d%n", retries.get());
    if (wrong.isEmpty()) {
      System.out.printf(
          "  PASSED: each of %d users saw each of %,d messages once, in one order%n",
          users, messages);
    } else {
      System.out.printf("  FAILED: %d things are wrong, such as:%n", wrong.size());
      wrong.stream().limit(10).forEach(fault -> System.out.println("    " + fault));
    }
  }

  private static void print(String what, Histogram micros) {
    System.out.printf(
        "  %-24s p50 %.1f ms, p99 %.1f ms, max %.1f ms%n",
        what,
        micros.getValueAtPercentile(50) / 1e3,
        micros.getValueAtPercentile(99) / 1e3,
        micros.getMaxValue() / 1e3);
  }
}
