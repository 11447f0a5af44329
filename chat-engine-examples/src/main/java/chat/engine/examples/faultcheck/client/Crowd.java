package chat.engine.examples.faultcheck.client;

import chat.engine.examples.faultcheck.client.device.Calls;
import chat.engine.examples.faultcheck.client.device.DeviceSession;
import chat.engine.examples.faultcheck.client.device.Wire;
import chat.engine.examples.faultcheck.feed.FaultBots;
import chat.engine.examples.faultcheck.history.Event.Outcome;
import chat.engine.examples.faultcheck.history.Event.Verb;
import chat.engine.examples.faultcheck.history.Recorder;
import chat.engine.examples.faultcheck.world.World;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.stream.IntStream;

/** All users of a run. Not thread-safe: one thread leads them through the run. */
public final class Crowd implements AutoCloseable {
  private static final int GROUPS = 5;
  private static final int DIRECTS = 6;
  private static final int TALKS_WITH_BOTS = 3;

  /** With fewer users than this nobody is erased. */
  private static final int MOST_IMMORTAL = 7;

  /** How long an erasure may take when everybody has fallen silent. */
  private static final long ERASURE_SECONDS = 60;

  private static final Duration CONNECT = Duration.ofSeconds(20);
  private static final Duration PROBE = Duration.ofSeconds(12);

  private final World world;
  private final Recorder recorder;
  private final Random random;
  private final Talks talks;
  private final List<Client> clients = new ArrayList<>();
  private final List<Thread> threads = new ArrayList<>();
  private final List<Erasure> erasures = new ArrayList<>();
  private final Set<String> mortals;
  private final long activityEnd;
  private final ScheduledExecutorService pinger =
      Executors.newSingleThreadScheduledExecutor(
          work -> {
            Thread thread = new Thread(work, "ping");
            thread.setDaemon(true);
            return thread;
          });

  /**
   * @param prefix of the users' names, which no other run on this database has
   * @param activityEnd when everybody falls silent, in microseconds since the run began
   */
  public Crowd(
      World world, Recorder recorder, String prefix, int users, long activityEnd, Random random) {
    this.world = world;
    this.recorder = recorder;
    this.random = random;
    this.activityEnd = activityEnd;
    List<String> names = IntStream.range(0, users).mapToObj(i -> prefix + "u" + i).toList();
    this.mortals = users > MOST_IMMORTAL ? Set.of(names.get(users - 1)) : Set.of();
    this.talks = new Talks(mortals, activityEnd, new Random(random.nextLong()));
    for (String name : names) {
      List<String> others = names.stream().filter(other -> !other.equals(name)).toList();
      List<String> friends = others.stream().filter(other -> !mortals.contains(other)).toList();
      Random own = new Random(random.nextLong());
      clients.add(new Client(name, world, recorder, talks, others, friends, own));
    }
  }

  /** Connects all, and makes their first conversations. @return whether that worked */
  public boolean start() {
    for (Client client : clients) {
      client.stopActing(true);
      Thread thread = new Thread(client, "user " + client.user());
      thread.setDaemon(true);
      threads.add(thread);
      thread.start();
    }
    pinger.scheduleAtFixedRate(() -> clients.forEach(Client::ping), 1, 1, TimeUnit.SECONDS);
    if (!await(() -> clients.stream().allMatch(client -> client.session() != null), CONNECT)) {
      return false;
    }
    for (int i = 0; i < GROUPS; i++) {
      Client owner = clients.get(i % clients.size());
      owner.create(2 + random.nextInt(clients.size() - 2));
    }
    for (int i = 0; i < DIRECTS; i++) {
      clients.get(random.nextInt(clients.size())).openDirect();
    }
    for (int i = 0; i < TALKS_WITH_BOTS; i++) {
      clients.get(random.nextInt(clients.size())).openBots();
    }
    talks.all().stream().filter(Talks.Talk::group).limit(1).forEach(this::mentionBots);
    for (int i = 0; i < clients.size(); i++) {
      if (mortals.contains(clients.get(i).user())) {
        clients.get(i).openDirect();
        erase(clients.get(i), threads.get(i));
      }
      clients.get(i).stopActing(false);
    }
    return talks.all().size() >= GROUPS;
  }

  /** A bot says something to another, which must not answer. */
  private void mentionBots(Talks.Talk group) {
    for (String bot : FaultBots.NAMES) {
      untilDone(
          bot,
          calls ->
              calls.send(
                  Verb.SEND,
                  group.id(),
                  bot + "-says",
                  String.join(",", FaultBots.NAMES),
                  Calls::nothingMore));
    }
  }

  /** Lets a user go in the middle of the run. */
  private void erase(Client client, Thread acting) {
    long at = (long) ((0.4 + 0.4 * random.nextDouble()) * activityEnd);
    long giveUp = activityEnd + TimeUnit.SECONDS.toMicros(ERASURE_SECONDS);
    Erasure erasure = new Erasure(client, acting, recorder, at, giveUp);
    erasures.add(erasure);
    Thread thread = new Thread(erasure, "erasure of " + client.user());
    thread.setDaemon(true);
    thread.start();
  }

  /** The users who are erased, or are to be. */
  public Set<String> erased() {
    return mortals;
  }

  /**
   * From now on nothing expires any more, so that the store stays as it is; when all faults are
   * over.
   */
  public void keepAll() {
    talks.limited().parallelStream()
        .forEach(
            group ->
                untilDone(
                    talks.all().get(0).owner(),
                    calls ->
                        calls
                            .call(Verb.RETAIN, group, 0, List.of(), "", "retain " + group + " 0")
                            // one that was deleted is refused
                            .thenApply(it -> it == Outcome.REFUSED ? Outcome.OK : it)));
  }

  /** Waits until nobody is being erased any more, or for some time; when all faults are over. */
  public void awaitErasures() throws InterruptedException {
    for (Erasure erasure : erasures) {
      erasure.await(ERASURE_SECONDS);
    }
  }

  /** Everybody falls silent; some go for good, the others only stay connected. */
  public void quieten() {
    clients.forEach(client -> client.stopActing(true));
    clients.stream().filter(client -> random.nextInt(6) == 0).forEach(client -> client.away(true));
  }

  /** Everybody who is connected asks for everything, as a device does that knows nothing. */
  public void syncAnew() {
    List<CompletableFuture<Outcome>> answers = new ArrayList<>();
    for (Client client : clients) {
      DeviceSession session = client.session();
      if (session != null) {
        answers.add(session.syncAnew());
      }
    }
    answers.forEach(answer -> answer.completeOnTimeout(Outcome.LOST, 10, TimeUnit.SECONDS).join());
  }

  /** Everybody leaves. */
  public void disband() {
    clients.forEach(Client::end);
    clients.forEach(Client::disconnect);
    threads.forEach(
        thread -> {
          try {
            thread.join(TimeUnit.SECONDS.toMillis(15));
          } catch (InterruptedException end) {
            Thread.currentThread().interrupt();
          }
        });
  }

  /**
   * Sends to each conversation that nobody tried to delete once more, on any node, until it is
   * acknowledged or time is over.
   */
  public void probe() {
    talks.lasting().parallelStream().forEach(this::probe);
  }

  private void probe(Talks.Talk talk) {
    String clientId = "probe-" + talk.id();
    untilDone(
        talk.owner(),
        calls -> calls.send(Verb.PROBE, talk.id(), clientId, "-", Calls::nothingMore));
  }

  /** Makes a call as a user, on one node after the other, until it succeeds or time is over. */
  private void untilDone(String user, Function<Calls, CompletableFuture<Outcome>> call) {
    long giveUp = recorder.now() + PROBE.toNanos() / 1_000;
    for (int node = 0; recorder.now() < giveUp; node++) {
      int port = world.clientLink(node % world.nodes().size()).port();
      try (Wire wire = Wire.open(port, words -> {}, why -> {})) {
        wire.ask("as " + user, answer -> {});
        if (Client.await(call.apply(new Calls(recorder, wire, "", user)), wire) == Outcome.OK) {
          return;
        }
      } catch (IOException away) {
        // another node
      }
      Client.pause(200);
    }
  }

  /** The conversations of this run. */
  public List<Long> conversations() {
    return talks.all().stream().map(Talks.Talk::id).toList();
  }

  private static boolean await(BooleanSupplier condition, Duration limit) {
    long end = System.nanoTime() + limit.toNanos();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() > end) {
        return false;
      }
      Client.pause(50);
    }
    return true;
  }

  @Override
  public void close() {
    disband();
    pinger.shutdownNow();
  }
}
