package chat.engine.examples;

import chat.engine.ChatEngine;
import chat.engine.ChatUser;
import chat.engine.ConversationId;
import chat.engine.Emoji;
import chat.engine.GroupKey;
import chat.engine.MessageEdit;
import chat.engine.NewGroup;
import chat.engine.NewMessage;
import chat.engine.UserId;
import chat.engine.examples.bench.FirstFailure;
import chat.engine.examples.local.LocalServers;
import chat.engine.postgres.PostgresMessageStore;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.stream.IntStream;

/**
 * Measures edits and reactions on PostgreSQL beside sends through the same pipeline, in the same
 * run and alternately; medians are printed. Only the ratios mean something.
 *
 * <pre>ChangeBench [--quick | --smoke]</pre>
 */
public final class ChangeBench {
  private static final int LANES = 4;
  private static final int BATCH = 512;
  private static final int IN_FLIGHT = LANES * BATCH * 2;
  private static final String TEXT = "x".repeat(90);
  private static final Emoji THUMB = Emoji.of("\uD83D\uDC4D");
  private static final int HOT = 1_000;

  private final ChatEngine engine;
  private final List<ConversationId> conversations;
  private final boolean[] reacted;
  private final int count;
  private final int rounds;

  /** Counts on, so that every edit says something new. */
  private int texts;

  /** Makes one change, or sends one message. */
  private interface Call {
    CompletableFuture<?> make(int conversation, ChatUser user);
  }

  private ChangeBench(ChatEngine engine, int conversationCount, int count, int rounds) {
    this.engine = engine;
    this.conversations = IntStream.range(0, conversationCount).mapToObj(this::open).toList();
    this.reacted = new boolean[conversationCount];
    this.count = count;
    this.rounds = rounds;
  }

  /** Runs all measurements; about a minute without {@code --quick}. */
  public static void main(String[] args) throws IOException {
    List<String> given = Arrays.asList(args);
    boolean smoke = given.contains("--smoke");
    int count = smoke ? 1_000 : given.contains("--quick") ? 10_000 : 50_000;
    try (LocalServers servers = LocalServers.start();
        ChatEngine engine =
            ChatEngine.builder()
                .store(PostgresMessageStore.open(servers.postgresUrl(), "postgres", ""))
                .lanes(LANES)
                .maxBatch(BATCH)
                .build()) {
      ChangeBench bench = new ChangeBench(engine, smoke ? 50 : 1_000, count, smoke ? 1 : 3);
      bench.compare();
      bench.hotMessage();
    }
  }

  private ConversationId open(int number) {
    ChatUser author = engine.asUser(author(number));
    ConversationId id = author.openDirect(UserId.of("peer-" + number)).join().id();
    author.send(id, NewMessage.text(TEXT)).join();
    return id;
  }

  private static UserId author(int conversation) {
    return UserId.of("author-" + conversation);
  }

  private void compare() {
    measure(this::send);
    measure(this::edit);
    measure(this::react);
    double[] sends = new double[rounds];
    double[] edits = new double[rounds];
    double[] reactions = new double[rounds];
    for (int round = 0; round < rounds; round++) {
      sends[round] = measure(this::send);
      edits[round] = measure(this::edit);
      reactions[round] = measure(this::react);
    }
    System.out.printf("%,d conversations, %,d calls a measurement%n", conversations.size(), count);
    System.out.printf("  sends     %,.0f/s%n", median(sends));
    print("edits    ", edits, sends);
    print("reactions", reactions, sends);
  }

  private void print(String what, double[] rates, double[] sends) {
    double[] ratios = new double[rounds];
    Arrays.setAll(ratios, round -> rates[round] / sends[round]);
    System.out.printf(
        "  %s %,.0f/s: %.0f %% of the sends%n", what, median(rates), 100 * median(ratios));
  }

  private CompletableFuture<?> send(int conversation, ChatUser user) {
    return user.send(conversations.get(conversation), NewMessage.text(TEXT + texts++));
  }

  private CompletableFuture<?> edit(int conversation, ChatUser user) {
    return user.editMessage(conversations.get(conversation), 1, MessageEdit.text(TEXT + texts++));
  }

  private CompletableFuture<?> react(int conversation, ChatUser user) {
    reacted[conversation] = !reacted[conversation];
    return user.react(conversations.get(conversation), 1, THUMB, reacted[conversation]);
  }

  /** Calls with a bounded number under way. @return calls a second, acknowledged */
  private double measure(Call call) {
    Random random = new Random(7);
    Semaphore window = new Semaphore(IN_FLIGHT);
    FirstFailure failure = new FirstFailure();
    long begun = System.nanoTime();
    for (int i = 0; i < count; i++) {
      int conversation = random.nextInt(conversations.size());
      window.acquireUninterruptibly();
      call.make(conversation, engine.asUser(author(conversation)))
          .whenComplete(
              (ack, fault) -> {
                failure.note(fault);
                window.release();
              });
    }
    window.acquireUninterruptibly(IN_FLIGHT);
    failure.check();
    return count / ((System.nanoTime() - begun) / 1e9);
  }

  /** All members of a large group react to one message at once. */
  private void hotMessage() {
    List<UserId> users = IntStream.range(0, HOT).mapToObj(i -> UserId.of("fan-" + i)).toList();
    NewGroup fans = NewGroup.named("fans").withMembers(users);
    ConversationId group =
        engine.asApplication().ensureGroup(GroupKey.of("fans"), fans).join().id();
    engine.asApplication().send(group, NewMessage.text(TEXT)).join();
    double[] millis = new double[rounds * 2];
    for (int round = 0; round < millis.length; round++) {
      boolean on = round % 2 == 0;
      long begun = System.nanoTime();
      List<CompletableFuture<?>> calls = new ArrayList<>(HOT);
      users.forEach(user -> calls.add(engine.asUser(user).react(group, 1, THUMB, on)));
      calls.forEach(CompletableFuture::join);
      millis[round] = (System.nanoTime() - begun) / 1e6;
    }
    System.out.printf(
        "%,d members react to one message at once: all acknowledged after %.0f ms%n",
        HOT, median(millis));
  }

  private static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }
}
