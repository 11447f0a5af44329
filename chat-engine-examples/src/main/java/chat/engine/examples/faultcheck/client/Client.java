package chat.engine.examples.faultcheck.client;

import chat.engine.examples.faultcheck.client.device.Calls;
import chat.engine.examples.faultcheck.client.device.DeviceSession;
import chat.engine.examples.faultcheck.client.device.Memory;
import chat.engine.examples.faultcheck.client.device.Wire;
import chat.engine.examples.faultcheck.feed.FaultBots;
import chat.engine.examples.faultcheck.history.Event.Outcome;
import chat.engine.examples.faultcheck.history.Recorder;
import chat.engine.examples.faultcheck.world.World;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * One user: connects, acts while it may, and reconnects to any node when the connection breaks.
 * Runs on its own thread.
 */
final class Client implements Runnable {
  /** Longer than the engine repeats a send. */
  private static final long PATIENCE_SECONDS = 12;

  private static final long PONG_SECONDS = 4;
  private static final int MOST_ROSTERS = 3;

  private final String user;
  private final World world;
  private final Recorder recorder;
  private final Random random;
  private final Actions actions;
  private final List<String> friends;
  private final List<String> fellows;
  private final Memory memory = new Memory();
  private volatile @Nullable DeviceSession session;
  private volatile boolean over;
  private volatile boolean offline;
  private int sessions;

  /**
   * @param fellows all others, whose presence it watches
   * @param friends those of them whom it deals with by name; at least one
   */
  Client(
      String user,
      World world,
      Recorder recorder,
      Talks talks,
      List<String> fellows,
      List<String> friends,
      Random random) {
    this.user = user;
    this.world = world;
    this.recorder = recorder;
    this.fellows = fellows;
    this.friends = friends;
    this.random = random;
    this.actions = new Actions(this, talks, recorder, random);
  }

  String user() {
    return user;
  }

  /** Somebody else. */
  String friend() {
    return friends.get(random.nextInt(friends.size()));
  }

  /** Some others, each once. */
  List<String> someFriends(int count) {
    return some(friends, count);
  }

  private List<String> some(List<String> users, int count) {
    List<String> shuffled = new ArrayList<>(users);
    Collections.shuffle(shuffled, random);
    return List.copyOf(shuffled.subList(0, Math.min(count, shuffled.size())));
  }

  Memory memory() {
    return memory;
  }

  World world() {
    return world;
  }

  /** The session at present, if there is one. */
  @Nullable DeviceSession session() {
    DeviceSession now = session;
    return now != null && now.isOpen() ? now : null;
  }

  @Override
  public void run() {
    while (!over) {
      DeviceSession now = session();
      if (now != null) {
        actions.next(now);
      } else if (!offline) {
        connect();
      }
      pause(40 + random.nextInt(260));
    }
    disconnect();
  }

  /** Goes, and stays away until told to come back. */
  void away(boolean away) {
    offline = away;
    if (away) {
      disconnect();
    }
  }

  void stopActing(boolean stopped) {
    actions.stop(stopped);
  }

  /** Makes a group with some others and the bots; before the client acts on its own. */
  void create(int others) {
    DeviceSession now = session();
    if (now != null) {
      List<String> members = new ArrayList<>(some(fellows, others));
      members.addAll(FaultBots.NAMES);
      actions.groups().create(now, members);
    }
  }

  /** Opens direct conversations with the bots; before the client acts on its own. */
  void openBots() {
    DeviceSession now = session();
    if (now != null) {
      FaultBots.NAMES.forEach(bot -> actions.groups().openDirect(now, bot));
    }
  }

  /** Opens a direct conversation with anybody; before the client acts on its own. */
  void openDirect() {
    DeviceSession now = session();
    if (now != null) {
      actions.groups().openDirect(now, friend());
    }
  }

  void end() {
    over = true;
  }

  void disconnect() {
    DeviceSession now = session;
    if (now != null) {
      now.close();
    }
  }

  private void connect() {
    int node = random.nextInt(world.nodes().size());
    sessions++;
    try {
      DeviceSession fresh =
          DeviceSession.connect(
              recorder, memory, user + "#" + sessions, user, world.clientLink(node).port());
      if (Boolean.TRUE.equals(
              await(fresh.open(world.nodes().get(node).incarnationName()), fresh.wire()))
          && begin(fresh)) {
        session = fresh;
      } else {
        fresh.close();
      }
    } catch (IOException refused) {
      // another node, at the next turn
    }
  }

  private boolean begin(DeviceSession fresh) {
    if (await(fresh.sync(), fresh.wire()) != Outcome.OK) {
      return false;
    }
    if (await(fresh.watch(fellows), fresh.wire()) != Outcome.OK) {
      return false;
    }
    memory.conversations().stream()
        .limit(MOST_ROSTERS)
        .forEach(conversation -> await(fresh.members(conversation), fresh.wire()));
    return true;
  }

  /**
   * Waits for an answer; who gets none in time takes the connection for dead. Null if none came.
   */
  static <T> @Nullable T await(CompletableFuture<T> answer, Wire wire) {
    try {
      return answer.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    } catch (TimeoutException late) {
      wire.close("no answer for " + PATIENCE_SECONDS + " s");
    } catch (ExecutionException fault) {
      throw new IllegalStateException(fault);
    } catch (InterruptedException end) {
      Thread.currentThread().interrupt();
    }
    return null;
  }

  /** Makes calls as this user on any node, past the own session, as another device would. */
  void elsewhere(BiConsumer<Calls, Wire> work) {
    int node = random.nextInt(world.nodes().size());
    try (Wire wire = Wire.open(world.clientLink(node).port(), words -> {}, why -> {})) {
      CompletableFuture<Boolean> known = new CompletableFuture<>();
      wire.ask("as " + user, answer -> known.complete(answer.ok()));
      if (Boolean.TRUE.equals(await(known, wire))) {
        work.accept(new Calls(recorder, wire, "", user), wire);
      }
    } catch (IOException refused) {
      // the node is away
    }
  }

  /** Keeps the connection alive, and finds out when it is dead; called every second. */
  void ping() {
    DeviceSession now = session();
    if (now != null) {
      CompletableFuture<Boolean> pong = new CompletableFuture<>();
      now.wire().ask("ping", answer -> pong.complete(true));
      pong.completeOnTimeout(false, PONG_SECONDS, TimeUnit.SECONDS)
          .thenAccept(
              came -> {
                if (!came) {
                  now.wire().close("no pong for " + PONG_SECONDS + " s");
                }
              });
    }
  }

  static void pause(long millis) {
    LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(millis));
  }
}
