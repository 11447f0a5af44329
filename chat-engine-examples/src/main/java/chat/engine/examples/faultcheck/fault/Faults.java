package chat.engine.examples.faultcheck.fault;

import chat.engine.examples.faultcheck.fault.FaultKind.Part;
import chat.engine.examples.faultcheck.fault.FaultPlan.Step;
import chat.engine.examples.faultcheck.world.NodeProcess;
import chat.engine.examples.faultcheck.world.World;
import chat.engine.examples.local.TcpProxy;
import java.time.Duration;
import java.util.Random;

/** Makes the fault of a step. Stateless. */
final class Faults {
  private static final int LONGEST_DELAY_MILLIS = 400;
  private static final int LONGEST_STEP_SECONDS = 600;

  private Faults() {}

  static Fault of(Step step, World world) {
    Random random = new Random(step.seed());
    Part part = step.kind().part();
    TcpProxy.Mode mode = step.kind().mode();
    if (mode != null) {
      return link(link(part, world, step.node()), mode, random);
    }
    return switch (part) {
      case POSTGRES -> new PostgresFault(step.kind(), world.postgres(), random);
      case ROUTER_TABLE -> new RouterTableFault(step.kind(), world.postgres(), random);
      case REDIS -> new RedisFault(step.kind(), world, random);
      default -> node(step, world, random);
    };
  }

  private static TcpProxy link(Part part, World world, int node) {
    return switch (part) {
      case POSTGRES_LINK -> world.postgresLink(node);
      case REDIS_LINK -> world.redisLink(node);
      default -> world.clientLink(node);
    };
  }

  /** Half of the black holes end with the connections, as when a firewall has forgotten them. */
  private static Fault link(TcpProxy link, TcpProxy.Mode mode, Random random) {
    Duration late = Duration.ofMillis(20 + random.nextInt(LONGEST_DELAY_MILLIS));
    boolean resets = mode != TcpProxy.Mode.DELAY && random.nextBoolean();
    return fault(
        () -> link.mode(mode, late),
        () -> {
          if (resets) {
            link.resetAll();
          }
          link.mode(TcpProxy.Mode.PASS);
        });
  }

  private static Fault node(Step step, World world, Random random) {
    NodeProcess node = world.nodes().get(step.node());
    return switch (step.kind()) {
      case NODE_KILL -> fault(node::kill, node::awaitReady);
      case NODE_STOP -> fault(() -> node.pause(true), () -> node.pause(false));
      case NODE_DRAIN -> fault(() -> drainAll(world), () -> {});
      case NODE_CLOCK ->
          fault(
              () -> node.clock(millis(random)),
              () -> node.clock(random.nextBoolean() ? 0 : millis(random)));
      case POSTGRES_VANISH ->
          new VanishFault(node, world.postgresLink(step.node()), world.postgres());
      default -> throw new IllegalArgumentException("no fault of a node: " + step.kind());
    };
  }

  private static long millis(Random random) {
    long seconds = 1L + random.nextInt(random.nextBoolean() ? 5 : LONGEST_STEP_SECONDS);
    return 1_000 * (random.nextBoolean() ? seconds : -seconds);
  }

  private static void drainAll(World world) {
    world
        .nodes()
        .forEach(
            node -> {
              node.drain();
              node.awaitReady();
            });
  }

  private static Fault fault(Runnable begin, Runnable end) {
    return new Fault() {
      @Override
      public void begin() {
        begin.run();
      }

      @Override
      public void end() {
        end.run();
      }
    };
  }
}
