package chat.engine.testkit;

import chat.engine.ChatEngine;
import chat.engine.DeviceId;
import chat.engine.EngineBuilder;
import chat.engine.UserId;
import chat.engine.memory.InMemoryRouter;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import javax.sql.DataSource;

/**
 * Chat in the memory of a test: one engine, or several that share a store and a router, without
 * PostgreSQL and Redis. Open one for each test, and close it at the end:
 *
 * <pre>{@code
 * private final TestChat chat = TestChat.open();
 *
 * @AfterEach // or @After, or @AfterMethod
 * void close() {
 *   chat.close();
 * }
 * }</pre>
 *
 * <p>The engines are those of production, only their store and their router are replaced, so
 * everything that the API promises holds. {@linkplain #inject Faults} are switched on and off while
 * they run. Opening takes some milliseconds.
 *
 * <p>Thread-safe.
 */
public final class TestChat implements AutoCloseable {
  private final SharedStore store = new SharedStore();
  private final InMemoryRouter.Network network = new InMemoryRouter.Network();
  private final List<TestNode> nodes = new CopyOnWriteArrayList<>();
  private final ActiveFaults faults = new ActiveFaults(() -> nodes.forEach(TestNode::linkOrCut));
  private final Consumer<? super EngineBuilder> settings;
  private final TestNode first;

  private TestChat(Consumer<? super EngineBuilder> settings) {
    this.settings = settings;
    this.first = addNode();
  }

  /** One node, with an engine as {@link ChatEngine#builder()} makes it. */
  public static TestChat open() {
    return open(builder -> {});
  }

  /**
   * One node, with settings of the application: hooks, limits, a clock.
   *
   * <pre>{@code
   * TestChat chat = TestChat.open(engine -> engine.sendHook(hook).sendTimeout(Duration.ofSeconds(1)));
   * }</pre>
   *
   * @param settings called with the builder of each node's engine; the store and the router are set
   *     already
   */
  public static TestChat open(Consumer<? super EngineBuilder> settings) {
    return new TestChat(settings);
  }

  // ---- nodes

  /** The engine of the first node. */
  public ChatEngine engine() {
    return first.engine();
  }

  /** The first node. */
  public TestNode node() {
    return first;
  }

  /** Starts one more node, with the same settings, on the same store and router. */
  public TestNode addNode() {
    TestNode node = new TestNode(store, network.join(), faults, settings);
    nodes.add(node);
    node.linkOrCut();
    return node;
  }

  /** Connects a user to the first node, with a listener that records. */
  public RecordingListener connect(UserId user) {
    return first.connect(user);
  }

  /** Connects a device of a user to the first node, with a listener that records. */
  public RecordingListener connect(UserId user, DeviceId device) {
    return first.connect(user, device);
  }

  // ---- faults

  /** Switches a fault on for all nodes, those included that are added later. */
  public ActiveFault inject(Fault fault) {
    return faults.inject(fault);
  }

  /** Switches off all faults, of single nodes too. */
  public void clearFaults() {
    faults.clear();
    nodes.forEach(TestNode::clearFaults);
  }

  // ---- transactions of the application

  /** Begins a transaction on a connection without a database. */
  public TestTransaction begin() {
    return new TestTransaction(TransactionConnection.withoutDatabase(faults));
  }

  /**
   * Begins a transaction on a connection to a database of the application, of whatever kind: chat
   * is committed and rolled back together with its rows.
   *
   * @param database auto-commit is switched off; closed with the transaction
   */
  public TestTransaction begin(Connection database) throws SQLException {
    database.setAutoCommit(false);
    return new TestTransaction(TransactionConnection.over(database, faults));
  }

  /**
   * A data source of the application whose connections chat takes part in, for code that gets its
   * connections there, such as the transaction manager of a framework. Everything else is passed
   * on.
   */
  public DataSource dataSource(DataSource database) {
    return (DataSource)
        Proxy.newProxyInstance(
            TestChat.class.getClassLoader(),
            new Class<?>[] {DataSource.class},
            (proxy, method, arguments) -> {
              Object result;
              try {
                result = method.invoke(database, arguments);
              } catch (InvocationTargetException fault) {
                throw fault.getTargetException();
              }
              return method.getName().equals("getConnection")
                  ? TransactionConnection.over((Connection) result, faults)
                  : result;
            });
  }

  /** Switches off all faults and closes all nodes. Idempotent. */
  @Override
  public void close() {
    clearFaults();
    nodes.forEach(TestNode::close);
  }
}
