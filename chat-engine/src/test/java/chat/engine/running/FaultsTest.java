package chat.engine.running;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import chat.engine.ChatEngine;
import chat.engine.ChatException;
import chat.engine.ChatSession;
import chat.engine.ClientMessageId;
import chat.engine.ConversationChange;
import chat.engine.ConversationId;
import chat.engine.DeviceId;
import chat.engine.ErrorCode;
import chat.engine.HistoryQuery;
import chat.engine.Message;
import chat.engine.MessagePage;
import chat.engine.NewMessage;
import chat.engine.SendAck;
import chat.engine.UserId;
import chat.engine.event.ConversationChanged;
import chat.engine.postgres.PostgresMessageStore;
import chat.engine.redis.RedisRouter;
import chat.engine.testing.PrivatePostgres;
import chat.engine.testing.PrivateRedis;
import chat.engine.testing.TestDatabase;
import chat.engine.testing.TestPostgres;
import chat.engine.testing.TestRedis;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Random users send, retry and join on two nodes, while Redis or PostgreSQL is killed, flushed or
 * stands still; then the recorded history must keep the promises: nothing acknowledged is lost,
 * each client message id is stored at most once, seqs have no gap, every session saw each message
 * of its conversations once and in order, what was acknowledged before another send began has the
 * lower seq, a member who was removed meanwhile got nothing sent after that, and within 10 s after
 * the fault everything has arrived.
 *
 * <p>The seeds are fresh in each run and printed; {@code -Dchat.faults.seed=N} replays one, {@code
 * -Dchat.faults.runs=N} runs more of them.
 */
@Timeout(240)
final class FaultsTest {
  private static final int USERS = 6;
  private static final int SENDS = 240;
  private static final UserId GUEST = UserId.of("guest");

  private static PrivatePostgres postgres;
  private static PrivateRedis redis;

  private enum Fault {
    REDIS_KILLED,
    REDIS_FLUSHED,
    REDIS_PAUSED,
    POSTGRES_RESTARTED,
    POSTGRES_KILLED
  }

  record Run(Fault fault, long seed) {}

  @BeforeAll
  static void startServers() {
    postgres = TestPostgres.startPrivate(Map.of());
    redis = TestRedis.startPrivate();
  }

  @AfterAll
  static void stopServers() {
    postgres.close();
    redis.close();
  }

  static List<Run> runs() {
    List<Run> runs = new ArrayList<>();
    Long given = Long.getLong("chat.faults.seed");
    for (int i = 0; i < Integer.getInteger("chat.faults.runs", 1); i++) {
      for (Fault fault : Fault.values()) {
        runs.add(new Run(fault, given != null ? given : new Random().nextLong()));
      }
    }
    return runs;
  }

  @ParameterizedTest
  @MethodSource("runs")
  void theRecordedHistoryKeepsThePromises(Run run) throws Exception {
    System.out.println("-Dchat.faults.seed=" + run.seed() + " " + run.fault());
    try (TestDatabase database = postgres.chatDatabase();
        ChatEngine north = node(database, run);
        ChatEngine south = node(database, run)) {
      new History(List.of(north, south), new Random(run.seed())).play(run.fault());
    }
  }

  private static ChatEngine node(TestDatabase database, Run run) {
    return ChatEngine.builder()
        .store(PostgresMessageStore.open(database.jdbcUrl(), database.user(), database.password()))
        .router(RedisRouter.open(redis.uri().toString(), "run" + Math.abs(run.seed() % 1_000_000)))
        .build();
  }

  private static final class History {
    private final List<ChatEngine> nodes;
    private final Random random;
    private final List<ChatSession> sessions = new ArrayList<>();
    private final List<Witness> witnesses = new ArrayList<>();
    private final List<ConversationId> conversations = new ArrayList<>();
    private final Map<ClientMessageId, SendAck> acknowledged = new ConcurrentHashMap<>();
    private final Set<ClientMessageId> certainlyRefused = ConcurrentHashMap.newKeySet();
    private final List<String> lies = new ArrayList<>();
    private final Queue<TimedSend> timedSends = new ConcurrentLinkedQueue<>();
    private final Witness removed = new Witness();

    private record TimedSend(SendAck ack, long begunNanos, long acknowledgedNanos) {}

    History(List<ChatEngine> nodes, Random random) {
      this.nodes = nodes;
      this.random = random;
    }

    void play(Fault fault) throws Exception {
      Set<UserId> users = new HashSet<>();
      for (int i = 0; i < USERS; i++) {
        users.add(UserId.of("user" + i));
        Witness witness = new Witness();
        witnesses.add(witness);
        sessions.add(
            nodes.get(i % 2).connect(UserId.of("user" + i), DeviceId.of("d"), witness).join());
      }
      ChatSession guest =
          nodes.get(random.nextInt(2)).connect(GUEST, DeviceId.of("d"), removed).join();

      users.add(GUEST);
      conversations.add(sessions.get(0).createGroup("g", users).join().id());
      users.remove(GUEST);
      conversations.add(sessions.get(1).createGroup("h", users).join().id());

      List<CompletableFuture<Void>> sends = new ArrayList<>();
      CompletableFuture<Void> removal = new CompletableFuture<>();
      for (int i = 0; i < SENDS; i++) {
        if (i == SENDS / 2) {
          removeGuest(removal);
        }
        if (i == SENDS / 3) {
          begin(fault);
        }
        if (i == 2 * SENDS / 3) {
          end(fault);
        }
        sends.add(send());
        if (random.nextInt(4) == 0) {
          sends.get(random.nextInt(sends.size())).join();
        }
      }
      CompletableFuture.allOf(sends.toArray(CompletableFuture[]::new)).join();
      removal.get(30, TimeUnit.SECONDS);
      await()
          .atMost(Duration.ofSeconds(15))
          .until(() -> nodes.stream().allMatch(n -> n.health().store()));
      check();
      checkRemoved(guest);
    }

    /** Until it is done: a retry of one that was done says that the guest is no member. */
    private void removeGuest(CompletableFuture<Void> done) {
      sessions
          .get(0)
          .removeMembers(conversations.get(0), Set.of(GUEST))
          .whenComplete(
              (ok, fault) -> {
                if (fault == null || code(fault) == ErrorCode.CONFLICT) {
                  done.complete(null);
                } else if (code(fault) == ErrorCode.UNAVAILABLE || code(fault) == ErrorCode.BUSY) {
                  CompletableFuture.delayedExecutor(100, TimeUnit.MILLISECONDS)
                      .execute(() -> removeGuest(done));
                } else {
                  done.completeExceptionally(fault);
                }
              });
    }

    private static @Nullable ErrorCode code(Throwable fault) {
      Throwable cause = fault instanceof CompletionException ? fault.getCause() : fault;
      return cause instanceof ChatException refusal ? refusal.code() : null;
    }

    private void checkRemoved(ChatSession guest) {
      ConversationId group = conversations.get(0);
      long atSeq =
          witnesses.get(1).told().events(ConversationChanged.class).stream()
              .map(ConversationChanged::change)
              .filter(change -> change != null && change.subjects().contains(GUEST))
              .filter(change -> change.kind() == ConversationChange.Kind.REMOVED)
              .mapToLong(ConversationChange::atSeq)
              .findFirst()
              .orElseThrow();
      TreeMap<Long, Long> heard = removed.stream(group);
      assertThat(heard.isEmpty() ? 0 : heard.lastKey())
          .as("the last seq that the removed heard")
          .isLessThanOrEqualTo(atSeq);
      assertThat(witnesses.get(1).stream(group)).containsAllEntriesOf(heard);
      assertThat(removed.told().messages(conversations.get(1))).isEmpty();
      assertThatThrownBy(() -> guest.history(group, HistoryQuery.newest()).join())
          .satisfies(fault -> assertThat(code(fault)).isEqualTo(ErrorCode.NOT_FOUND));
      assertThat(guest.sync(Map.of()).join().conversations()).isEmpty();
    }

    private void begin(Fault fault) throws Exception {
      switch (fault) {
        case REDIS_KILLED -> redis.kill();
        case REDIS_FLUSHED -> redis.flushAll();
        case REDIS_PAUSED -> redis.pause();
        case POSTGRES_RESTARTED -> postgres.restart();
        case POSTGRES_KILLED -> postgres.kill();
      }
    }

    private void end(Fault fault) throws Exception {
      if (fault == Fault.REDIS_KILLED || fault == Fault.REDIS_PAUSED) {
        // so that the nodes noticed, and sent for a while without a link
        await().until(() -> nodes.stream().noneMatch(node -> node.health().router()));
        for (int i = 0; i < 20; i++) {
          send().join();
        }
      }
      switch (fault) {
        case REDIS_KILLED -> redis.start();
        case REDIS_PAUSED -> redis.resume();
        case POSTGRES_KILLED -> postgres.start();
        case REDIS_FLUSHED, POSTGRES_RESTARTED -> {}
      }
    }

    private CompletableFuture<Void> send() {
      int user = random.nextInt(USERS);
      ConversationId conversation = conversations.get(random.nextInt(conversations.size()));
      boolean retried = random.nextInt(10) == 0;
      NewMessage message = NewMessage.text("text " + random.nextInt());
      long begun = System.nanoTime();
      return sessions
          .get(user)
          .send(conversation, message)
          .handle(
              (ack, fault) -> {
                if (fault == null) {
                  timedSends.add(new TimedSend(ack, begun, System.nanoTime()));
                  witnesses.get(user).acknowledged(ack);
                  acknowledged.put(message.clientMessageId(), ack);
                  if (retried) {
                    retryElsewhere(user, message, ack);
                  }
                } else {
                  noteRefusal(message, fault);
                }
                return null;
              });
    }

    private void retryElsewhere(int user, NewMessage message, SendAck first) {
      nodes
          .get((user + 1) % 2)
          .asUser(sessions.get(user).user())
          .send(first.conversation(), message)
          .whenComplete(
              (again, fault) -> {
                if (fault == null
                    && !(again.duplicate() && again.messageId().equals(first.messageId()))) {
                  lie("a retry of " + first + " was answered with " + again);
                }
              });
    }

    private void noteRefusal(NewMessage message, Throwable fault) {
      Throwable cause = fault instanceof CompletionException ? fault.getCause() : fault;
      if (!(cause instanceof ChatException refusal)
          || (refusal.code() != ErrorCode.UNAVAILABLE && refusal.code() != ErrorCode.BUSY)) {
        lie("a send failed with " + cause);
      } else if (!refusal.inDoubt()) {
        certainlyRefused.add(message.clientMessageId());
      }
    }

    private synchronized void lie(String lie) {
      lies.add(lie);
    }

    private void check() {
      Set<ClientMessageId> stored = new HashSet<>();
      for (ConversationId conversation : conversations) {
        TreeMap<Long, Long> truth = truth(conversation, stored);
        for (int user = 0; user < USERS; user++) {
          Witness witness = witnesses.get(user);
          await()
              .atMost(Duration.ofSeconds(10))
              .untilAsserted(() -> assertThat(witness.stream(conversation)).isEqualTo(truth));
        }
      }
      acknowledged.forEach((id, ack) -> assertThat(stored).as("acknowledged " + ack).contains(id));
      assertThat(certainlyRefused)
          .as("refused for certain, and yet stored")
          .noneMatch(stored::contains);
      assertThat(acknowledged).isNotEmpty();
      assertThat(lies).isEmpty();
      conversations.forEach(this::checkRealTimeOrder);
    }

    /** From the newest back: none began after one that comes behind it was acknowledged. */
    private void checkRealTimeOrder(ConversationId conversation) {
      List<TimedSend> newestFirst =
          timedSends.stream()
              .filter(send -> send.ack().conversation().equals(conversation))
              .sorted(Comparator.comparingLong((TimedSend send) -> send.ack().seq()).reversed())
              .toList();
      long earliestAck = Long.MAX_VALUE;
      for (TimedSend send : newestFirst) {
        assertThat(send.begunNanos())
            .as("%s began after a send with a higher seq was acknowledged", send)
            .isLessThan(earliestAck);
        earliestAck = Math.min(earliestAck, send.acknowledgedNanos());
      }
    }

    private TreeMap<Long, Long> truth(ConversationId conversation, Set<ClientMessageId> stored) {
      TreeMap<Long, Long> truth = new TreeMap<>();
      MessagePage page;
      do {
        long after = truth.isEmpty() ? 0 : truth.lastKey();
        page = sessions.get(0).history(conversation, HistoryQuery.after(after).limit(100)).join();

        for (Message message : page.messages()) {
          assertThat(message.seq()).isEqualTo(truth.size() + 1L);
          truth.put(message.seq(), message.id().value());
          assertThat(stored.add(message.clientMessageId())).as("stored once: " + message).isTrue();
        }
      } while (page.hasMore());
      return truth;
    }
  }
}
