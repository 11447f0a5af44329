package chat.engine.examples;

import chat.engine.ChatEngine;
import chat.engine.ChatException;
import chat.engine.ChatListener;
import chat.engine.ChatSession;
import chat.engine.ConversationId;
import chat.engine.ConversationState;
import chat.engine.DeviceId;
import chat.engine.NewMessage;
import chat.engine.SyncCursor;
import chat.engine.SyncResult;
import chat.engine.UserId;
import chat.engine.event.MessageReceived;
import chat.engine.event.Resync;
import chat.engine.examples.bench.ProcessTimes;
import chat.engine.examples.local.LocalServers;
import chat.engine.postgres.PostgresMessageStore;
import chat.engine.spi.MachineIdLeaseSource;
import chat.engine.spi.MessageStore;
import chat.engine.spi.PublicationOutbox;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * Measures what the engine's bounds cost and what they keep: the regular comparison with the store,
 * idle and under load; a change of many members at once beside other traffic; and the memory of a
 * node whose senders outrun the delivery to a large group; and how long a user with very many
 * conversations waits for the first page of a sync, and for all.
 *
 * <pre>BoundsBench [--quick]</pre>
 */
public final class BoundsBench {
  private static final String TEXT = "x".repeat(100);
  private static final int IN_FLIGHT = 4_096;
  private static final int ROUNDS = 21;
  private static final int MOST_CONVERSATIONS = 10_000;

  private final LocalServers servers;
  private final boolean quick;
  private final AtomicLong comparisonNanos = new AtomicLong();
  private final AtomicLong comparisons = new AtomicLong();

  private BoundsBench(LocalServers servers, boolean quick) {
    this.servers = servers;
    this.quick = quick;
  }

  /** Runs all measurements; takes some minutes without {@code --quick}. */
  public static void main(String[] args) {
    try (LocalServers servers = LocalServers.start()) {
      BoundsBench bench = new BoundsBench(servers, Arrays.asList(args).contains("--quick"));
      System.out.printf(
          "machine: %d cores for everything, %,d MiB heap, Java %s on %s; fsync and"
              + " synchronous_commit on; %d bytes of text%n",
          Runtime.getRuntime().availableProcessors(),
          Runtime.getRuntime().maxMemory() >> 20,
          Runtime.version(),
          System.getProperty("os.name"),
          TEXT.length());
      bench.comparison();
      bench.manyMembers();
      bench.largeGroup();
      bench.manyConversations();
    }
  }

  private PostgresMessageStore store() {
    return PostgresMessageStore.open(servers.postgresUrl(), "postgres", "");
  }

  private ChatEngine engine(PostgresMessageStore store) {
    return ChatEngine.builder().store(timed(store)).maxOwnedGroups(MOST_CONVERSATIONS).build();
  }

  /** The store, with a stop-watch on the comparison. */
  private MessageStore timed(PostgresMessageStore store) {
    return (MessageStore)
        Proxy.newProxyInstance(
            BoundsBench.class.getClassLoader(),
            new Class<?>[] {
              MessageStore.class, MachineIdLeaseSource.class, PublicationOutbox.class
            },
            (proxy, method, arguments) -> {
              long begun = System.nanoTime();
              try {
                return method.invoke(store, arguments);
              } catch (InvocationTargetException fault) {
                throw fault.getCause();
              } finally {
                if (method.getName().equals("writesSince")) {
                  comparisonNanos.addAndGet(System.nanoTime() - begun);
                  comparisons.incrementAndGet();
                }
              }
            });
  }

  // ---- (a) comparison

  private void comparison() {
    int conversations = quick ? 10_000 : 100_000;
    PostgresMessageStore store = store();
    try (ChatEngine engine = engine(store)) {
      System.out.printf("%n(a) the regular comparison with the store%n");
      ConversationId[] talks = new ConversationId[conversations];
      Semaphore window = new Semaphore(IN_FLIGHT);
      for (int i = 0; i < conversations; i++) {
        int at = i;
        window.acquireUninterruptibly();
        engine
            .asUser(user(i % 1_000))
            .openDirect(UserId.of("peer-" + i))
            .whenComplete(
                (talk, fault) -> {
                  if (talk != null) {
                    talks[at] = talk.id();
                  }
                  window.release();
                });
      }
      window.acquireUninterruptibly(IN_FLIGHT);
      for (int i = 0; i < 1_000; i++) {
        engine.connect(user(i), DeviceId.of("bench"), ChatListener.of(event -> {})).join();
      }
      pause(15); // until what was just written has been compared
      int seconds = quick ? 10 : 60;
      resetComparisons();
      ProcessTimes before = ProcessTimes.now();
      pause(seconds);
      ProcessTimes used = ProcessTimes.now().since(before);
      System.out.printf(
          "  idle node, %,d conversations, 1,000 connected users, %d s: this process %.2f %% of a"
              + " core, PostgreSQL %.2f %%; %d comparisons of %.2f ms%n",
          conversations,
          seconds,
          used.ownNanos() / 1e7 / seconds,
          used.postgresNanos() / 1e7 / seconds,
          comparisons.get(),
          comparisonMillis());
      underLoad(engine, store, talks);
    }
  }

  /** What one comparison costs that finds what two seconds at full load brought. */
  private void underLoad(ChatEngine engine, PostgresMessageStore store, ConversationId[] talks) {
    int count = quick ? 50_000 : 500_000;
    send(engine, talks, count / 5);
    resetComparisons();
    long begun = System.nanoTime();
    send(engine, talks, count);
    double rate = count / ((System.nanoTime() - begun) / 1e9);
    System.out.printf(
        "  full load, %,.0f messages/s: %d comparisons, each answered after %.1f ms%n",
        rate, comparisons.get(), comparisonMillis());

    MessageStore.Mark mark = store.writesSince(null).mark();
    send(engine, talks, (int) (2 * rate));
    pause(5);
    int times = 20;
    long found = 0;
    ProcessTimes before = ProcessTimes.now();
    for (int i = 0; i < times; i++) {
      found = store.writesSince(mark).lastSeqs().size();
    }
    ProcessTimes used = ProcessTimes.now().since(before);
    double own = used.ownNanos() / 1e6 / times;
    double postgres = used.postgresNanos() / 1e6 / times;
    System.out.printf(
        "  one that finds 2 s of it, %,d conversations: %.1f ms of processor time in this process,"
            + " %.1f ms in PostgreSQL; %.2f %% of the machine, at one every 2 s%n",
        found,
        own,
        postgres,
        (own + postgres) / (2_000.0 * Runtime.getRuntime().availableProcessors()) * 100);
  }

  private void send(ChatEngine engine, ConversationId[] talks, int count) {
    Semaphore window = new Semaphore(IN_FLIGHT);
    for (int i = 0; i < count; i++) {
      int at = i % talks.length;
      window.acquireUninterruptibly();
      engine
          .asUser(user(at % 1_000))
          .send(talks[at], NewMessage.text(TEXT))
          .whenComplete((ack, fault) -> window.release());
    }
    window.acquireUninterruptibly(IN_FLIGHT);
  }

  private void resetComparisons() {
    comparisons.set(0);
    comparisonNanos.set(0);
  }

  private double comparisonMillis() {
    return comparisonNanos.get() / 1e6 / Math.max(1, comparisons.get());
  }

  // ---- (b) many members

  private void manyMembers() {
    int members = 10_000;
    try (ChatEngine engine = engine(store())) {
      System.out.printf("%n(b) adding %,d members at once%n", members);
      UserId owner = UserId.of("owner");
      ConversationId group = engine.asUser(owner).createGroup("large", Set.of()).join().id();
      Set<UserId> added = new HashSet<>();
      for (int i = 0; i < members; i++) {
        added.add(UserId.of("member-" + i));
      }
      for (int i = 0; i < 2_000; i++) {
        engine
            .connect(UserId.of("member-" + i), DeviceId.of("bench"), ChatListener.of(event -> {}))
            .join();
      }
      ConversationId talk = engine.asUser(owner).openDirect(UserId.of("friend")).join().id();
      System.out.printf("  2,000 of them connected; other sends at 200/s%n");
      sendsBeside(engine, owner, talk, "before", () -> pause(5));
      sendsBeside(
          engine,
          owner,
          talk,
          "while they are added",
          () -> {
            long begun = System.nanoTime();
            engine.asUser(owner).addMembers(group, added).join();
            System.out.printf("  added in %.0f ms%n", (System.nanoTime() - begun) / 1e6);
            pause(1);
          });
      sendsBeside(
          engine,
          owner,
          talk,
          "while they are removed",
          () -> {
            long begun = System.nanoTime();
            engine.asUser(owner).removeMembers(group, added).join();
            System.out.printf("  removed in %.0f ms%n", (System.nanoTime() - begun) / 1e6);
            pause(1);
          });
    }
  }

  private static void sendsBeside(
      ChatEngine engine, UserId sender, ConversationId talk, String when, Runnable work) {
    List<Long> nanos = new ArrayList<>();
    Thread worker = new Thread(work);
    worker.start();
    while (worker.isAlive()) {
      long begun = System.nanoTime();
      engine.asUser(sender).send(talk, NewMessage.text(TEXT)).join();
      nanos.add(System.nanoTime() - begun);
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
    }
    nanos.sort(null);
    System.out.printf(
        "  other sends %s: %d, p50 %.1f ms, p99 %.1f ms, max %.1f ms%n",
        when,
        nanos.size(),
        nanos.get(nanos.size() / 2) / 1e6,
        nanos.get(nanos.size() * 99 / 100) / 1e6,
        nanos.get(nanos.size() - 1) / 1e6);
  }

  // ---- (c) a large group

  private void largeGroup() {
    int members = quick ? 400 : 4_000;
    int messages = quick ? 6_000 : 60_000;
    try (ChatEngine engine = engine(store())) {
      System.out.printf(
          "%n(c) %,d messages to a group of %,d connected members%n", messages, members);
      AtomicLong delivered = new AtomicLong();
      AtomicLong resyncs = new AtomicLong();
      Set<UserId> users = new HashSet<>();
      for (int i = 0; i < members; i++) {
        UserId user = UserId.of("reader-" + i);
        users.add(user);
        engine
            .connect(
                user,
                DeviceId.of("bench"),
                ChatListener.of(
                    event -> {
                      if (event instanceof MessageReceived) {
                        delivered.incrementAndGet();
                      } else if (event instanceof Resync) {
                        resyncs.incrementAndGet();
                      }
                    }))
            .join();
      }
      UserId owner = UserId.of("announcer");
      ConversationId group = engine.asUser(owner).createGroup("everybody", users).join().id();
      System.gc();
      long heapBefore = heapAfterCollection();
      AtomicLong busy = new AtomicLong();
      Semaphore window = new Semaphore(IN_FLIGHT);
      long begun = System.nanoTime();
      for (int i = 0; i < messages; i++) {
        window.acquireUninterruptibly();
        engine
            .asUser(owner)
            .send(group, NewMessage.text(TEXT))
            .whenComplete(
                (ack, fault) -> {
                  if (fault instanceof ChatException) {
                    busy.incrementAndGet();
                  }
                  window.release();
                });
      }
      window.acquireUninterruptibly(IN_FLIGHT);
      double acknowledged = (System.nanoTime() - begun) / 1e9;
      long heapAcknowledged = heapAfterCollection();
      System.out.printf(
          "  all acknowledged after %.1f s (%d refused); %,d delivered by then; heap %,d MiB before,"
              + " %,d MiB now%n",
          acknowledged, busy.get(), delivered.get(), heapBefore >> 20, heapAcknowledged >> 20);
      long highest = heapAcknowledged;
      long before = -1;
      while (delivered.get() != before) {
        before = delivered.get();
        pause(5);
        highest = Math.max(highest, heapAfterCollection());
      }
      System.out.printf(
          "  delivery at rest after %.0f s: %,d of %,d delivered, %,d sessions told to sync; heap at"
              + " most %,d MiB%n",
          (System.nanoTime() - begun) / 1e9,
          delivered.get(),
          (long) messages * members,
          resyncs.get(),
          highest >> 20);
    }
  }

  /** What is reachable, as the last collection found it. */
  private static long heapAfterCollection() {
    System.gc();
    return ManagementFactory.getMemoryPoolMXBeans().stream()
        .filter(pool -> pool.getType() == MemoryType.HEAP)
        .filter(pool -> pool.getCollectionUsage() != null)
        .mapToLong((MemoryPoolMXBean pool) -> pool.getCollectionUsage().getUsed())
        .sum();
  }

  private static UserId user(int i) {
    return UserId.of("user-" + i);
  }

  private static void pause(int seconds) {
    long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
    for (long left = TimeUnit.SECONDS.toNanos(seconds);
        left > 0;
        left = until - System.nanoTime()) {
      LockSupport.parkNanos(left);
    }
  }

  // ---- a user with very many conversations

  private void manyConversations() {
    for (int conversations : quick ? new int[] {200} : new int[] {1_000, MOST_CONVERSATIONS}) {
      UserId owner = UserId.of("host" + conversations);
      UserId user = UserId.of("everywhere" + conversations);
      try (PostgresMessageStore store = store();
          ChatEngine engine = engine(store)) {
        List<CompletableFuture<?>> sent = new ArrayList<>();
        for (int i = 0; i < conversations; i++) {
          ConversationId id =
              engine.asUser(owner).createGroup("group " + i, Set.of(user)).join().id();
          sent.add(engine.asUser(owner).send(id, NewMessage.text(TEXT)));
        }
        sent.forEach(CompletableFuture::join);
        sync(engine, user, conversations);
      }
    }
  }

  private void sync(ChatEngine engine, UserId user, int conversations) {
    ChatSession session =
        engine.connect(user, DeviceId.of("bench"), ChatListener.of(event -> {})).join();
    Map<ConversationId, SyncCursor> known = new HashMap<>();
    List<Long> first = new ArrayList<>();
    List<Long> whole = new ArrayList<>();
    List<Long> nothingNew = new ArrayList<>();
    int pages = 0;
    for (int round = 0; round < ROUNDS; round++) {
      long start = System.nanoTime();
      SyncResult page = session.sync(Map.of()).join();
      first.add(System.nanoTime() - start);
      pages = 1;
      for (note(page, known); page.hasMore(); note(page, known)) {
        List<ConversationState> states = page.conversations();
        page = session.sync(Map.of(), states.get(states.size() - 1).conversation().id()).join();
        pages++;
      }
      whole.add(System.nanoTime() - start);
      start = System.nanoTime();
      session.sync(known).join();
      nothingNew.add(System.nanoTime() - start);
    }
    System.out.printf(
        "sync of %,d conversations, median of %d: first page %.0f ms, all %d pages %.0f ms; with"
            + " nothing new %.0f ms%n",
        conversations,
        ROUNDS,
        medianMillis(first),
        pages,
        medianMillis(whole),
        medianMillis(nothingNew));
    session.close();
  }

  private static void note(SyncResult page, Map<ConversationId, SyncCursor> known) {
    for (ConversationState state : page.conversations()) {
      known.put(
          state.conversation().id(), new SyncCursor(state.lastSeq(), state.rev(), state.readSeq()));
    }
  }

  private static double medianMillis(List<Long> nanos) {
    return nanos.stream().sorted().skip(nanos.size() / 2).findFirst().orElse(0L) / 1e6;
  }
}
