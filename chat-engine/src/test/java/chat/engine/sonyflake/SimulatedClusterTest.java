package chat.engine.sonyflake;

import static org.assertj.core.api.Assertions.assertThat;

import chat.engine.memory.InMemoryMachineIdLeases;
import chat.engine.spi.MachineIdLeases;
import chat.engine.spi.StoreUnavailableException;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Clusters of generators on one thread, with simulated clocks and lease service, under random
 * faults: wall clocks that are set either way, also between two renewals; processes that stand
 * still for up to 90 s at any reading of a clock, before and after any call of the lease service,
 * while the others go on; kills and restarts; a lease service that is away, loses answers, or whose
 * own clock is set. After every call the promises of {@link chat.engine.spi.IdGenerator} are
 * checked.
 */
@Timeout(120)
final class SimulatedClusterTest {
  private static final int NODES = 4;
  private static final int STEPS = 2_000;
  private static final Duration LEASE = Duration.ofSeconds(30);

  static LongStream seeds() {
    return LongStream.concat(LongStream.rangeClosed(1, 15), new Random().longs(5));
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void idsAreUniqueAscendAndStayAtTheClock(long seed) {
    Cluster cluster = new Cluster(seed);
    cluster.run();
    assertThat(cluster.all).hasSizeGreaterThan(5_000);
    cluster.endFaults();
    cluster.nodes.forEach(Node::mustGiveIds);
  }

  private static final class Cluster {
    private final Random random;
    private final Set<Long> all = new HashSet<>();
    private final List<Node> nodes;
    private final FaultyLeases service = new FaultyLeases(this);
    private long trueNanos;
    private long serviceStep;
    private boolean faults = true;
    private int depth;

    Cluster(long seed) {
      random = new Random(seed);
      nodes = IntStream.range(0, NODES).mapToObj(index -> new Node(this)).toList();
    }

    void run() {
      for (int step = 0; step < STEPS; step++) {
        step();
      }
    }

    boolean chance(int oneIn) {
      return random.nextInt(oneIn) == 0;
    }

    /**
     * A duration of any magnitude below the given one, so that small ones are as likely as large.
     */
    long upTo(Duration most) {
      return (long) Math.exp(random.nextDouble() * Math.log(most.toNanos()));
    }

    void step() {
      trueNanos += upTo(Duration.ofSeconds(5));
      if (chance(200)) {
        serviceStep += (random.nextBoolean() ? 1 : -1) * upTo(Duration.ofHours(2));
      }
      Node node = nodes.get(random.nextInt(NODES));
      if (!node.standsStill) {
        node.act();
      }
    }

    /** A node stands still, and the others go on. */
    void standStill(Node node) {
      if (!faults || depth >= 2) {
        return;
      }
      depth++;
      node.standsStill = true;
      long until = trueNanos + upTo(Duration.ofSeconds(90));
      while (trueNanos < until) {
        step();
      }
      node.standsStill = false;
      depth--;
    }

    /** No more faults; the lease service's leases end, and every node renews a few times. */
    void endFaults() {
      faults = false;
      service.away = false;
      for (int i = 0; i < 100; i++) {
        trueNanos += Duration.ofSeconds(10).toNanos();
        nodes.forEach(Node::renew);
      }
    }
  }

  /** A process with its generator, and the machine that it runs on. */
  private static final class Node {
    private final Cluster cluster;
    private final long nanosAtBoot;
    private long wallStep;
    private long highestWallStep;
    private boolean standsStill;
    private long last;
    private @Nullable MachineLeases leases;
    private @Nullable SonyflakeIdGenerator generator;
    private boolean moreWanted;

    Node(Cluster cluster) {
      this.cluster = cluster;
      this.nanosAtBoot = cluster.random.nextLong();
      setWall();
    }

    void setWall() {
      wallStep =
          cluster.chance(3)
              ? 0
              : (cluster.random.nextBoolean() ? 1 : -1) * cluster.upTo(Duration.ofHours(12));
    }

    long nanoTime() {
      cluster.trueNanos += 1_000;
      if (cluster.chance(3_000)) {
        cluster.standStill(this);
      }
      return nanosAtBoot + cluster.trueNanos;
    }

    Instant wall() {
      if (cluster.faults && cluster.chance(20)) {
        setWall();
      }
      highestWallStep = Math.max(highestWallStep, wallStep);
      return TestClocks.START.plusNanos(cluster.trueNanos + wallStep);
    }

    void act() {
      if (generator == null) {
        start();
        return;
      }
      if (cluster.chance(60)) {
        setWall();
      }
      if (cluster.chance(150)) {
        stop(cluster.random.nextBoolean());
        return;
      }
      if (cluster.chance(4)) {
        renew();
      } else {
        makeIds();
      }
    }

    void start() {
      highestWallStep = Long.MIN_VALUE;
      MachineLeases started =
          new MachineLeases(
              cluster.service.forNode(this), 3, this::wall, this::nanoTime, "simulated");
      try {
        started.addMachine();
      } catch (StoreUnavailableException
          | IllegalStateException
          | StackOverflowError retriedLater) {
        return;
      }
      leases = started;
      last = 0;
      generator = new SonyflakeIdGenerator(machinesOf(started), this::nanoTime);
    }

    Machines machinesOf(MachineLeases started) {
      return new Machines() {
        @Override
        public Reservation reservation() {
          return started.reservation();
        }

        @Override
        public void requestMore() {
          moreWanted = true;
          cluster.trueNanos += 7_000_000; // the caller waits for the clock
        }

        @Override
        public void close() {
          started.releaseAll();
        }
      };
    }

    void stop(boolean killed) {
      SonyflakeIdGenerator stopped = generator;
      if (stopped != null && !killed) {
        stopped.close();
      }
      generator = null;
      leases = null;
      if (cluster.random.nextBoolean()) {
        setWall();
      }
    }

    /** What the renewing thread does. */
    void renew() {
      MachineLeases held = leases;
      if (held == null) {
        start();
        return;
      }
      try {
        if (held.renewAll() == null && (held.isEmpty() || (moreWanted && held.mayGrow()))) {
          moreWanted = false;
          held.addMachine();
        }
      } catch (StoreUnavailableException
          | IllegalStateException
          | StackOverflowError retriedLater) {
        assertThat(cluster.faults || retriedLater instanceof IllegalStateException).isTrue();
      }
    }

    /** Without advancing the time. */
    private long clock() {
      MachineLeases held = leases;
      assertThat(held).isNotNull();
      return held.reservation().clock().units(nanosAtBoot + cluster.trueNanos);
    }

    void makeIds() {
      SonyflakeIdGenerator made = generator;
      if (made == null) {
        return;
      }
      long before = clock();
      long[] ids;
      try {
        ids = made.next(1 + cluster.random.nextInt(cluster.chance(10) ? 900 : 20));
      } catch (StoreUnavailableException refused) {
        return;
      }
      check(before, ids, clock());
    }

    void check(long before, long[] ids, long after) {
      for (long id : ids) {
        assertThat(cluster.all.add(id)).as("unique: %d", id).isTrue();
        assertThat(id).as("ascends").isGreaterThan(last);
        last = id;
        assertThat(Sonyflake.time(id)).as("at the clock").isBetween(before, after + 1);
      }
      long highestWall =
          Sonyflake.timeOf(TestClocks.START.plusNanos(cluster.trueNanos + highestWallStep));
      assertThat(after).as("the wall clock has shown it").isLessThanOrEqualTo(highestWall);
    }

    void mustGiveIds() {
      SonyflakeIdGenerator made = generator;
      assertThat(made).isNotNull();
      assertThat(made.ready()).isTrue();
      long before = clock();
      check(before, made.next(10), clock());
    }
  }

  /** Leases that fail before or after they do what they are asked for, or take long. */
  private static final class FaultyLeases {
    private final Cluster cluster;
    private final InMemoryMachineIdLeases shared;
    private boolean away;

    FaultyLeases(Cluster cluster) {
      this.cluster = cluster;
      this.shared =
          new InMemoryMachineIdLeases(LEASE, () -> cluster.trueNanos + cluster.serviceStep);
    }

    private void around(Node node) {
      if (!cluster.faults) {
        return;
      }
      if (cluster.chance(away ? 30 : 100)) {
        away = !away;
      }
      if (cluster.chance(20)) {
        cluster.standStill(node);
      }
      if (away || cluster.chance(50)) {
        throw new StoreUnavailableException("on purpose", null);
      }
      if (cluster.chance(200)) {
        throw new StackOverflowError("on purpose");
      }
    }

    MachineIdLeases forNode(Node node) {
      return new MachineIdLeases() {
        @Override
        public Duration timeToLive() {
          return shared.timeToLive();
        }

        @Override
        public Lease acquire(String owner, long now) {
          around(node);
          Lease lease = shared.acquire(owner, now);
          around(node);
          return lease;
        }

        @Override
        public Optional<Lease> renew(Lease lease, long usedTime) {
          around(node);
          Optional<Lease> renewed = shared.renew(lease, usedTime);
          around(node);
          return renewed;
        }

        @Override
        public void release(Lease lease, long usedTime) {
          around(node);
          shared.release(lease, cluster.chance(2) ? usedTime : 0);
          around(node);
        }

        @Override
        public void close() {}
      };
    }
  }
}
