package chat.engine.examples;

import chat.engine.ChatEngine;
import chat.engine.ChatException;
import chat.engine.ChatSession;
import chat.engine.ClientMessageId;
import chat.engine.Conversation;
import chat.engine.ConversationId;
import chat.engine.DeviceId;
import chat.engine.HistoryQuery;
import chat.engine.Message;
import chat.engine.MessagePage;
import chat.engine.NewMessage;
import chat.engine.SendAck;
import chat.engine.UserId;
import chat.engine.event.MessageReceived;
import chat.engine.postgres.PostgresMessageStore;
import chat.engine.redis.RedisRouter;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
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

/**
 * Replays an IRC log: each nick is a user, spread over two nodes, all in one group. At the end it
 * checks that every user saw every message once, in one order.
 *
 * <pre>ReplayLog FILE [FILE ...] [--speed N] [--fault redis]</pre>
 *
 * <p>{@code --speed 60} replays an hour of the log in a minute; without it, as fast as it goes.
 * {@code --fault redis} kills Redis after a third of the messages, and starts it again, empty,
 * after two thirds.
 */
public final class ReplayLog {
  private static final int IN_FLIGHT = 512;
  private static final long HEAL_SECONDS = 10;
  private static final long SEND_ATTEMPTS = 200;

  private final LocalServers servers;
  private final List<ChatEngine> nodes;
  private final double speed;
  private final boolean killRedis;
  private final Semaphore inFlight = new Semaphore(IN_FLIGHT);
  private final Histogram ackMicros = new ConcurrentHistogram(TimeUnit.MINUTES.toMicros(5), 3);
  private final Histogram deliveryMicros = new ConcurrentHistogram(TimeUnit.MINUTES.toMicros(5), 3);
  private final Map<String, Long> sentAt = new ConcurrentHashMap<>();
  private final AtomicLong retries = new AtomicLong();

  private ReplayLog(LocalServers servers, List<ChatEngine> nodes, double speed, boolean killRedis) {
    this.servers = servers;
    this.nodes = nodes;
    this.speed = speed;
    this.killRedis = killRedis;
  }

  /** Ends with status 1 if a check failed, 2 if the arguments are wrong. */
  public static void main(String[] args) throws IOException, InterruptedException {
    try {
      if (!run(args)) {
        System.exit(1);
      }
    } catch (IllegalArgumentException wrong) {
      System.err.println(wrong.getMessage());
      System.err.println("usage: ReplayLog FILE [FILE ...] [--speed N] [--fault redis]");
      System.exit(2);
    }
  }

  /**
   * @return whether every check passed
   */
  static boolean run(String... args) throws IOException, InterruptedException {
    Arguments arguments = Arguments.parse(args);
    boolean passed = true;
    try (LocalServers servers = LocalServers.start();
        ChatEngine north = node(servers);
        ChatEngine south = node(servers)) {
      for (Path file : arguments.files()) {
        ReplayLog replay =
            new ReplayLog(servers, List.of(north, south), arguments.speed(), arguments.killRedis());
        passed &= replay.replay(file);
      }
    }
    return passed;
  }

  private record Arguments(List<Path> files, double speed, boolean killRedis) {
    static Arguments parse(String[] args) {
      List<Path> files = new ArrayList<>();
      double speed = 0;
      boolean killRedis = false;
      for (int i = 0; i < args.length; i++) {
        boolean isOption = args[i].startsWith("--");
        if (isOption && i + 1 == args.length) {
          throw new IllegalArgumentException(args[i] + " needs a value");
        }
        if (args[i].equals("--speed")) {
          speed = Double.parseDouble(args[++i]);
        } else if (args[i].equals("--fault") && args[i + 1].equals("redis")) {
          killRedis = true;
          i++;
        } else if (isOption) {
          throw new IllegalArgumentException("unknown: " + args[i] + " " + args[i + 1]);
        } else {
          files.add(Path.of(args[i]));
        }
      }
      if (files.isEmpty()) {
        throw new IllegalArgumentException("name at least one log");
      }
      return new Arguments(files, speed, killRedis);
    }
  }

  private static ChatEngine node(LocalServers servers) {
    return ChatEngine.builder()
        .store(PostgresMessageStore.open(servers.postgresUrl(), "postgres", ""))
        .router(RedisRouter.open(servers.redisUrl()))
        .build();
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
      ChatEngine node = nodes.get(participants.size() % nodes.size());
      participants.put(nick, connect(node, nick));
    }
    ConversationId group = createGroup(file, participants.values());

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
    boolean complete = awaitAll(participants.values(), log.lines().size());
    long allNanos = System.nanoTime() - begun;

    List<String> wrong = check(group, log.lines().size(), participants.values());
    report(log.lines().size(), nicks.size(), sentNanos, allNanos, wrong);
    participants.values().forEach(participant -> participant.session().close());
    return complete && wrong.isEmpty();
  }

  /** A user of the log. */
  private record Participant(ChatSession session, Observer observer) {}

  private Participant connect(ChatEngine engine, String nick) {
    Observer observer = new Observer();
    ChatSession session =
        engine
            .connect(
                UserId.of(nick),
                DeviceId.of("replay"),
                event -> {
                  if (event instanceof MessageReceived received) {
                    Long at = sentAt.get(received.message().clientMessageId().value());
                    if (at != null) {
                      deliveryMicros.recordValue((System.nanoTime() - at) / 1_000);
                    }
                  }
                  observer.on(event);
                })
            .toCompletableFuture()
            .join();
    return new Participant(session, observer);
  }

  private static ConversationId createGroup(Path file, Collection<Participant> participants) {
    Set<UserId> members =
        participants.stream()
            .map(participant -> participant.session().user())
            .collect(Collectors.toSet());
    ChatSession owner = participants.iterator().next().session();
    Conversation group =
        owner.createGroup(String.valueOf(file.getFileName()), members).toCompletableFuture().join();
    return group.id();
  }

  private void waitForItsTime(long begun, int firstMinute, int minute) {
    if (speed > 0) {
      long due = begun + (long) (TimeUnit.MINUTES.toNanos(minute - firstMinute) / speed);
      for (long left = due - System.nanoTime(); left > 0; left = due - System.nanoTime()) {
        LockSupport.parkNanos(left);
      }
    }
  }

  private void injectFault(int sent, int of) throws IOException {
    if (killRedis && sent == of / 3) {
      System.out.println("  killing Redis");
      servers.killRedis();
    } else if (killRedis && sent == of * 2 / 3) {
      System.out.println("  starting Redis again, empty");
      servers.startRedis();
    }
  }

  /**
   * Sends, and sends again under the same client message id for as long as the answer is "not now".
   */
  private CompletableFuture<Void> send(Participant participant, ConversationId group, String text) {
    NewMessage message = NewMessage.text(text);
    ClientMessageId id = message.clientMessageId();
    sentAt.put(id.value(), System.nanoTime());
    return attempt(participant.session(), group, message, 1)
        .thenAccept(
            ack -> {
              ackMicros.recordValue(
                  (System.nanoTime() - sentAt.getOrDefault(id.value(), 0L)) / 1_000);
              participant.observer().acknowledged(ack);
            })
        .whenComplete((done, fault) -> inFlight.release());
  }

  private CompletableFuture<SendAck> attempt(
      ChatSession session, ConversationId group, NewMessage message, int attempt) {
    return session
        .send(group, message)
        .toCompletableFuture()
        .exceptionallyCompose(
            fault -> {
              Throwable cause = fault instanceof CompletionException ? fault.getCause() : fault;
              if (cause instanceof ChatException refusal
                  && isWorthARetry(refusal)
                  && attempt < SEND_ATTEMPTS) {
                retries.incrementAndGet();
                Executor later = CompletableFuture.delayedExecutor(50, TimeUnit.MILLISECONDS);
                return CompletableFuture.supplyAsync(
                        () -> attempt(session, group, message, attempt + 1), later)
                    .thenCompose(next -> next);
              }
              return CompletableFuture.failedFuture(fault);
            });
  }

  private static boolean isWorthARetry(ChatException refusal) {
    return switch (refusal.code()) {
      case BUSY, UNAVAILABLE -> true;
      default -> false;
    };
  }

  private static boolean awaitAll(Collection<Participant> participants, int messages) {
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
      ConversationId group, int sent, Collection<Participant> participants) {
    ChatSession reader = participants.iterator().next().session();
    List<Long> truth = new ArrayList<>();
    List<String> wrong = new ArrayList<>();
    long after = 0;
    MessagePage page;
    do {
      page =
          reader
              .history(group, HistoryQuery.after(after).limit(HistoryQuery.MAX_LIMIT))
              .toCompletableFuture()
              .join();
      for (Message message : page.messages()) {
        if (message.seq() != ++after) {
          wrong.add("history has " + message.seq() + " where " + after + " was due");
        }
        truth.add(message.id().value());
      }
    } while (page.hasMore());
    if (truth.size() != sent) {
      wrong.add("the store has " + truth.size() + " messages, but " + sent + " were sent");
    }
    for (Participant participant : participants) {
      participant
          .observer()
          .check(truth)
          .forEach(fault -> wrong.add("user " + participant.session().user() + ": " + fault));
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
