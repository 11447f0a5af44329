package chat.engine.examples.faultcheck.fault;

import chat.engine.examples.faultcheck.node.RouterKind;
import chat.engine.examples.local.TcpProxy.Mode;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** All faults; on the command line in lower case with dashes. */
public enum FaultKind {
  /** kill -9, and a new incarnation later. */
  NODE_KILL(Part.NODE),
  /** SIGSTOP. */
  NODE_STOP(Part.NODE),
  /** One node after the other is drained, ended and started again. */
  NODE_DRAIN(Part.NODE),
  /** The node's clock steps, and later again. */
  NODE_CLOCK(Part.CLOCK),

  POSTGRES_CUT(Part.POSTGRES_LINK, Mode.CUT),
  POSTGRES_HOLE(Part.POSTGRES_LINK, Mode.HOLE),
  POSTGRES_HOLE_UP(Part.POSTGRES_LINK, Mode.HOLE_UP),
  POSTGRES_HOLE_DOWN(Part.POSTGRES_LINK, Mode.HOLE_DOWN),
  POSTGRES_DELAY(Part.POSTGRES_LINK, Mode.DELAY),
  POSTGRES_LOSE_REPLIES(Part.POSTGRES_LINK, Mode.LOSE_REPLIES),
  /** Stopped in order, started later. */
  POSTGRES_RESTART(Part.POSTGRES),
  /** All its processes are killed; started later. */
  POSTGRES_CRASH(Part.POSTGRES),
  /** SIGSTOP of all its processes. */
  POSTGRES_PAUSE(Part.POSTGRES),
  /** Its backends are terminated, several times. */
  POSTGRES_TERMINATE(Part.POSTGRES),
  /** Another transaction holds the rows of some conversations. */
  POSTGRES_LOCK(Part.POSTGRES),
  /** A node is lost between two statements of a transaction, and PostgreSQL does not notice. */
  POSTGRES_VANISH(Part.NODE),

  REDIS_CUT(Part.REDIS_LINK, Mode.CUT),
  REDIS_HOLE(Part.REDIS_LINK, Mode.HOLE),
  REDIS_HOLE_UP(Part.REDIS_LINK, Mode.HOLE_UP),
  REDIS_HOLE_DOWN(Part.REDIS_LINK, Mode.HOLE_DOWN),
  REDIS_DELAY(Part.REDIS_LINK, Mode.DELAY),
  REDIS_LOSE_REPLIES(Part.REDIS_LINK, Mode.LOSE_REPLIES),
  /** Ends, and comes back empty. */
  REDIS_RESTART(Part.REDIS),
  REDIS_FLUSH(Part.REDIS),
  /** Single keys disappear. */
  REDIS_DELETE(Part.REDIS),
  /** Single keys become of another type. */
  REDIS_WRONG_TYPE(Part.REDIS),
  /** Another application fills the memory, and Redis evicts what is cold. */
  REDIS_EVICT(Part.REDIS),
  /** The memory is full, and Redis refuses writes. */
  REDIS_REFUSE(Part.REDIS),
  /** Redis is a replica for a while. */
  REDIS_READ_ONLY(Part.REDIS),
  /** Redis is a replica without a master, and refuses reads too. */
  REDIS_MASTER_DOWN(Part.REDIS),
  /** Another Redis takes over; old connections stay with the demoted one. */
  REDIS_FAILOVER(Part.REDIS),
  /** Redis answers nobody for a while. */
  REDIS_PAUSE(Part.REDIS),
  /** Redis ends the connections of all clients, several times. */
  REDIS_DISCONNECT(Part.REDIS),

  /** The tables of the router on PostgreSQL are emptied. */
  ROUTER_EMPTY(Part.ROUTER_TABLE),
  /** Single rows of them disappear, or are too many. */
  ROUTER_SPOIL(Part.ROUTER_TABLE),
  /** Another transaction locks one of them. */
  ROUTER_LOCK(Part.ROUTER_TABLE),

  CLIENT_CUT(Part.CLIENT_LINK, Mode.CUT),
  CLIENT_HOLE(Part.CLIENT_LINK, Mode.HOLE),
  CLIENT_HOLE_UP(Part.CLIENT_LINK, Mode.HOLE_UP),
  CLIENT_HOLE_DOWN(Part.CLIENT_LINK, Mode.HOLE_DOWN),
  CLIENT_DELAY(Part.CLIENT_LINK, Mode.DELAY),
  CLIENT_LOSE_REPLIES(Part.CLIENT_LINK, Mode.LOSE_REPLIES);

  /** What a fault concerns; two at once never concern the same. */
  enum Part {
    NODE,
    CLOCK,
    POSTGRES,
    REDIS,
    ROUTER_TABLE,
    POSTGRES_LINK,
    REDIS_LINK,
    CLIENT_LINK;

    boolean isOfOneNode() {
      return this != POSTGRES && this != REDIS && this != ROUTER_TABLE;
    }
  }

  private final Part part;
  private final @Nullable Mode mode;

  FaultKind(Part part) {
    this(part, null);
  }

  FaultKind(Part part, @Nullable Mode mode) {
    this.part = part;
    this.mode = mode;
  }

  Part part() {
    return part;
  }

  /** Whether it can happen to nodes that are linked in that way. */
  public boolean concerns(RouterKind router) {
    return switch (part) {
      case REDIS, REDIS_LINK -> router == RouterKind.REDIS;
      case ROUTER_TABLE -> router == RouterKind.POSTGRES;
      default -> true;
    };
  }

  /** Of a link; null for other faults. */
  @Nullable Mode mode() {
    return mode;
  }

  /** Whether a part stands still or is silent until the fault ends, and no connection is closed. */
  boolean isStandstill() {
    return this == NODE_STOP
        || this == POSTGRES_PAUSE
        || this == REDIS_PAUSE
        || mode == Mode.HOLE
        || mode == Mode.HOLE_UP
        || mode == Mode.HOLE_DOWN;
  }

  /** Whether it concerns all nodes in turn. */
  boolean isRolling() {
    return this == NODE_DRAIN;
  }

  public String label() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /**
   * @param labels with commas between them; {@code all} for all
   */
  public static List<FaultKind> parse(String labels) {
    if (labels.equals("all")) {
      return List.of(values());
    }
    if (labels.equals("none")) {
      return List.of();
    }
    return Arrays.stream(labels.split(",", -1)).map(FaultKind::labelled).toList();
  }

  private static FaultKind labelled(String label) {
    return Arrays.stream(values())
        .filter(kind -> kind.label().equals(label))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "no fault is called "
                        + label
                        + "; there are "
                        + Arrays.stream(values())
                            .map(FaultKind::label)
                            .collect(Collectors.joining(", "))));
  }
}
