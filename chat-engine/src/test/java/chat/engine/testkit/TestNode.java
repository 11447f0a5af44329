package chat.engine.testkit;

import chat.engine.ChatEngine;
import chat.engine.DeviceId;
import chat.engine.EngineBuilder;
import chat.engine.UserId;
import chat.engine.memory.InMemoryRouter;
import java.util.List;
import java.util.function.Consumer;

/** One node of a {@link TestChat}. Thread-safe. */
public final class TestNode implements AutoCloseable {
  private static final DeviceId DEVICE = DeviceId.of("test");

  private final ActiveFaults common;
  private final ActiveFaults own = new ActiveFaults(this::linkOrCut);
  private final InMemoryRouter router;
  private final ChatEngine engine;

  TestNode(
      SharedStore store,
      InMemoryRouter router,
      ActiveFaults common,
      Consumer<? super EngineBuilder> settings) {
    this.common = common;
    this.router = router;
    EngineBuilder builder =
        ChatEngine.builder().store(new FaultyStore(store, List.of(common, own))).router(router);
    settings.accept(builder);
    this.engine = builder.build();
  }

  /** The engine of this node. */
  public ChatEngine engine() {
    return engine;
  }

  /** Switches a fault on for this node alone. */
  public ActiveFault inject(Fault fault) {
    return own.inject(fault);
  }

  /** Switches off the faults of this node alone; those of all nodes go on. */
  public void clearFaults() {
    own.clear();
  }

  /** Connects a user to this node, with a listener that records. */
  public RecordingListener connect(UserId user) {
    return connect(user, DEVICE);
  }

  /** Connects a device of a user to this node, with a listener that records. */
  public RecordingListener connect(UserId user, DeviceId device) {
    RecordingListener listener = new RecordingListener();
    return listener.connect(engine, user, device);
  }

  /** Cuts the router off while there is a fault that says so. */
  synchronized void linkOrCut() {
    if (own.routerIsAway() || common.routerIsAway()) {
      router.cut();
    } else {
      router.heal();
    }
  }

  /** Closes the engine of this node, as at the regular end of a process; the others go on. */
  @Override
  public void close() {
    own.clear();
    engine.close();
  }
}
