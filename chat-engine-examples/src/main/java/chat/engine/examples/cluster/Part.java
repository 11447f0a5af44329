package chat.engine.examples.cluster;

import chat.engine.examples.local.TcpProxy;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/**
 * A process of the cluster that can be killed, stopped, cut off and brought back. Faults of one
 * part wait for one another; the state can be read meanwhile. Thread-safe.
 */
final class Part {
  private final String key;
  private final String name;
  private final Body body;
  private final List<TcpProxy> links;
  private volatile State state = State.RUNNING;
  private volatile boolean cut;

  /** What was done to it last. */
  enum State {
    RUNNING("running"),
    STOPPED("stopped (SIGSTOP)"),
    DOWN("killed"),
    ENDED("ended by itself"),
    STARTING("starting");

    private final String label;

    State(String label) {
      this.label = label;
    }

    String label() {
      return label;
    }
  }

  /**
   * The process itself. Calls block.
   *
   * @param pause stops it, or lets it go on
   * @param alive false if it has ended, also by itself
   */
  record Body(Runnable kill, Consumer<Boolean> pause, Runnable start, BooleanSupplier alive) {}

  /** What was asked for makes no sense in the present state; the message is for the person. */
  static final class NotNowException extends RuntimeException {
    private static final long serialVersionUID = 1;

    NotNowException(String message) {
      super(message);
    }
  }

  /**
   * @param key what the person types
   * @param links between it and the other parts
   */
  Part(String key, String name, Body body, List<TcpProxy> links) {
    this.key = key;
    this.name = name;
    this.body = body;
    this.links = List.copyOf(links);
  }

  String key() {
    return key;
  }

  String name() {
    return name;
  }

  State state() {
    State done = state;
    return done == State.RUNNING && !body.alive().getAsBoolean() ? State.ENDED : done;
  }

  boolean isCut() {
    return cut;
  }

  boolean isWhole() {
    return state() == State.RUNNING && !cut;
  }

  /** As {@code kill -9} does. */
  synchronized void kill() {
    if (state() == State.DOWN || state() == State.ENDED) {
      throw new NotNowException(name + " does not run");
    }
    state = State.DOWN;
    body.kill().run();
  }

  /** It stands still, and its connections stay open. */
  synchronized void stop() {
    require(State.RUNNING);
    body.pause().accept(true);
    state = State.STOPPED;
  }

  synchronized void resume() {
    require(State.STOPPED);
    body.pause().accept(false);
    state = State.RUNNING;
  }

  synchronized void start() {
    if (state() != State.ENDED) {
      require(State.DOWN);
    }
    state = State.STARTING;
    try {
      body.start().run();
      state = State.RUNNING;
    } finally {
      if (state == State.STARTING) {
        state = State.DOWN;
      }
    }
  }

  private void require(State needed) {
    if (state() != needed) {
      throw new NotNowException(name + " is " + state().label() + ", not " + needed.label());
    }
  }

  /** Resets its connections to the other parts, and refuses new ones. */
  synchronized void cut() {
    cut = true;
    links.forEach(link -> link.mode(TcpProxy.Mode.CUT));
  }

  synchronized void mend() {
    links.forEach(link -> link.mode(TcpProxy.Mode.PASS));
    cut = false;
  }

  /** Brings it back, whatever was done to it. */
  synchronized void makeWhole() {
    mend();
    if (state == State.STOPPED) {
      resume();
    } else if (state() == State.DOWN || state() == State.ENDED) {
      start();
    }
  }
}
