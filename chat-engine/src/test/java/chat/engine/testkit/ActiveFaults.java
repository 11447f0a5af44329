package chat.engine.testkit;

import chat.engine.spi.StoreBusyException;
import chat.engine.spi.StoreInDoubtException;
import chat.engine.spi.StoreUnavailableException;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** The faults that are switched on for one node, or for all. Thread-safe. */
final class ActiveFaults {
  /** A call of the store that may meet a fault. */
  @FunctionalInterface
  interface Call<T, X extends Exception> {
    T run() throws X;
  }

  private final List<ActiveFault> active = new CopyOnWriteArrayList<>();
  private final Runnable onChange;

  /**
   * @param onChange called after a fault was switched on or off
   */
  ActiveFaults(Runnable onChange) {
    this.onChange = onChange;
  }

  ActiveFault inject(Fault fault) {
    fault.requireComplete();
    ActiveFault injected = new ActiveFault(fault, this::remove);
    active.add(injected);
    onChange.run();
    return injected;
  }

  private void remove(ActiveFault fault) {
    if (active.remove(fault)) {
      onChange.run();
    }
  }

  void clear() {
    active.forEach(ActiveFault::close);
  }

  boolean routerIsAway() {
    return active.stream().anyMatch(one -> one.fault().kind() == Fault.Kind.ROUTER_AWAY);
  }

  /** Makes a call, with the faults that it meets in the order in which they were switched on. */
  static <T, X extends Exception> T call(
      Iterable<ActiveFaults> sources, StoreCall kind, Call<T, X> call) throws X {
    boolean doubted = false;
    for (ActiveFaults source : sources) {
      for (ActiveFault fault : source.active) {
        doubted |= fault.meets(kind) && meet(fault);
      }
    }
    T result = call.run();
    if (doubted) {
      throw new StoreInDoubtException("the connection broke after the commit (test fault)", null);
    }
    return result;
  }

  /**
   * Does what the fault does before the call, or in its place.
   *
   * @return whether the call is to be made and its answer is to be lost
   */
  private static boolean meet(ActiveFault fault) {
    switch (fault.fault().kind()) {
      case BUSY -> throw new StoreBusyException("no connection is free (test fault)", null);
      case UNAVAILABLE -> throw new StoreUnavailableException("away (test fault)", null);
      case IN_DOUBT_NOT_STORED ->
          throw new StoreInDoubtException("the connection broke in the commit (test fault)", null);
      case SLOW, HELD -> fault.hold();
      case IN_DOUBT_STORED -> {
        return true;
      }
      case ROUTER_AWAY -> {} // the router has it
    }
    return false;
  }
}
