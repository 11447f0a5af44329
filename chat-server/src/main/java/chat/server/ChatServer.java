package chat.server;

import chat.engine.ChatEngine;
import chat.engine.core.EngineBuilder;
import chat.engine.postgres.PostgresMessageStore;
import chat.engine.redis.RedisRouter;
import chat.server.accounts.AccessTokens;
import chat.server.accounts.Accounts;
import chat.server.accounts.BearerTokens;
import chat.server.accounts.Contacts;
import chat.server.accounts.ExternalAccounts;
import chat.server.accounts.ExternalIssuer;
import chat.server.accounts.GroupNames;
import chat.server.accounts.Logins;
import chat.server.accounts.Passwords;
import chat.server.config.Settings;
import chat.server.conversations.Conversations;
import chat.server.database.DatabaseAddress;
import chat.server.database.EmbeddedDatabase;
import chat.server.database.ServerDatabase;
import chat.server.http.HttpEndpoint;
import chat.server.http.RestApi;
import chat.server.http.WebPage;
import chat.server.uri.AllowedOrigins;
import chat.server.wire.ChatEndpoint;
import chat.server.wire.EventJson;
import chat.server.ws.WebSocketEndpoint;
import chat.server.ws.WebSocketLimits;
import com.sun.management.UnixOperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.channels.UnresolvedAddressException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One node: database, engine, WebSocket and REST, put together and started in this order, stopped
 * in the other. Thread-safe.
 */
public final class ChatServer implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(ChatServer.class);
  private static final int BLOCKING_THREADS = 8;
  private static final int BLOCKING_QUEUE = 20_000;
  private static final int FRAME_OVERHEAD_BYTES = 8 * 1024;

  /** Jars, database connections, REST. */
  private static final int FILES_FOR_OTHERS = 512;

  private static final int FEW_CONNECTIONS = 10_000;

  private static final long SWEEP_MILLIS = 2000;
  private static final long LOGIN_SWEEP_MILLIS = TimeUnit.HOURS.toMillis(1);

  private final Settings settings;
  private final Deque<AutoCloseable> parts = new ArrayDeque<>();
  private @Nullable ChatEngine engine;
  private @Nullable WebSocketEndpoint sockets;
  private @Nullable HttpEndpoint http;

  private ChatServer(Settings settings) {
    this.settings = settings;
  }

  /**
   * Blocks until clients can come.
   *
   * @throws IOException if a port is taken, the database does not start or its directory is in use
   */
  public static ChatServer start(Settings settings) throws IOException {
    ChatServer server = new ChatServer(settings);
    try {
      server.open();
      return server;
    } catch (IOException | RuntimeException fault) {
      server.close();
      throw fault;
    }
  }

  private <T extends AutoCloseable> T part(T part) {
    parts.push(part);
    return part;
  }

  private void open() throws IOException {
    ServerMeters meters = part(new ServerMeters());
    ServerDatabase database = part(database(databaseAddress(), meters));
    PostgresMessageStore store = PostgresMessageStore.open(database.dataSource());
    EngineBuilder builder =
        ChatEngine.builder()
            .store(store)
            .encoder(new EventJson())
            .timings(meters)
            .maxTextBytes(settings.maxTextBytes());
    String redis = settings.redisUrl();
    if (redis != null) {
      builder.router(RedisRouter.open(redis));
    }
    ChatEngine chat = part(builder.build());
    engine = chat;

    Accounts accounts =
        new Accounts(
            database.jdbi(),
            new Passwords(Runtime.getRuntime().availableProcessors()),
            settings.registration());
    String secret = settings.tokenSecret();
    byte[] key =
        secret == null
            ? Logins.sharedKey(database.jdbi())
            : secret.getBytes(StandardCharsets.UTF_8);
    AccessTokens accessTokens =
        new AccessTokens(
            key, Duration.ofMinutes(settings.accessTokenMinutes()), InstantSource.system());
    BearerTokens bearerTokens = bearerTokens(accessTokens, database);
    Logins logins =
        new Logins(
            database.jdbi(),
            accounts,
            accessTokens,
            key,
            Duration.ofDays(settings.refreshTokenDays()),
            Duration.ofSeconds(settings.ticketSeconds()),
            InstantSource.system());
    Contacts contacts = new Contacts(database.jdbi(), accounts);
    Conversations conversations =
        new Conversations(
            chat, accounts, contacts, new GroupNames(database.jdbi()), settings.directPolicy());
    meters.engine(chat);

    HttpEndpoint rest =
        part(
            listen(
                "--http-port",
                settings.httpPort(),
                address -> HttpEndpoint.bind(address, meters::requestTook)));
    http = rest;
    AllowedOrigins origins = origins(rest.port());
    ThreadPoolExecutor blocking = blockingThreads();
    part(blocking::shutdownNow);
    WebSocketLimits limits = limits();
    ChatEndpoint endpoint =
        new ChatEndpoint(
            chat,
            conversations,
            contacts,
            logins,
            bearerTokens,
            blocking,
            endpointSettings(store.epoch(), limits, origins),
            meters::sendTook);
    WebSocketEndpoint listening =
        part(
            listen(
                "--ws-port",
                settings.wsPort(),
                address -> WebSocketEndpoint.start(address, limits, endpoint, eventLoops())));
    sockets = listening;
    meters.connections(listening);
    rest.start(
        new RestApi(
            chat,
            accounts,
            logins,
            bearerTokens,
            contacts,
            conversations,
            endpoint,
            () ->
                new RestApi.Readiness(
                    database.answers() && takesSends(chat.health()),
                    chat.health().router(),
                    listening.listening()),
            meters.registry()),
        new WebPage(settings.publicWsUrl(), listening.port()),
        origins);
    sweep(endpoint, logins);
  }

  /** Without ids, or a store that stores, this node is of no use to those who send. */
  private static boolean takesSends(ChatEngine.Health health) {
    return health.store() && health.ids();
  }

  private interface Opening<T> {
    T at(InetSocketAddress address) throws IOException;
  }

  private <T> T listen(String flag, int port, Opening<T> opening) throws IOException {
    try {
      return opening.at(new InetSocketAddress(settings.host(), port));
    } catch (IOException | UnresolvedAddressException fault) {
      throw new IOException(
          "it cannot listen on %s:%d (%s); choose another --host or %s"
              .formatted(
                  settings.host(),
                  port,
                  fault.getMessage() == null ? "unknown host" : fault.getMessage(),
                  flag),
          fault);
    }
  }

  private static int eventLoops() {
    return Math.max(1, Runtime.getRuntime().availableProcessors() / 2);
  }

  private BearerTokens bearerTokens(AccessTokens own, ServerDatabase database) {
    String issuer = settings.issuer();
    return new BearerTokens(
        own,
        issuer == null
            ? null
            : new ExternalAccounts(
                database.jdbi(), externalIssuer(issuer), settings.issuerProvision()));
  }

  private ExternalIssuer externalIssuer(String issuer) {
    String audience = settings.issuerAudience();
    String usernameClaim = settings.issuerUsernameClaim();
    String secret = settings.issuerSecret();
    return secret != null
        ? ExternalIssuer.withSecret(
            issuer, audience, usernameClaim, secret.getBytes(StandardCharsets.UTF_8))
        : ExternalIssuer.withKeySet(
            issuer, audience, usernameClaim, Objects.requireNonNull(settings.issuerJwksUrl()));
  }

  private ServerDatabase database(DatabaseAddress address, ServerMeters meters) throws IOException {
    try {
      return ServerDatabase.open(address, settings.databaseConnections(), meters.registry());
    } catch (RuntimeException fault) {
      throw new IOException(
          "it cannot use the database %s as %s (%s); check --database-url, --database-user and"
                  .formatted(address.shownUrl(), address.user(), rootMessage(fault))
              + " --database-password",
          fault);
    }
  }

  private static String rootMessage(Throwable fault) {
    Throwable root = fault;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    boolean nameAlone = root instanceof UnknownHostException;
    return nameAlone ? "unknown host " + root.getMessage() : String.valueOf(root.getMessage());
  }

  private DatabaseAddress databaseAddress() throws IOException {
    String url = settings.databaseUrl();
    if (url != null) {
      return new DatabaseAddress(url, settings.databaseUser(), settings.databasePassword());
    }
    try {
      return part(EmbeddedDatabase.start(settings.dataDir())).address();
    } catch (FileSystemException fault) { // whose message is a path alone
      String why =
          fault instanceof AccessDeniedException
              ? "no right to use " + fault.getFile()
              : fault instanceof FileAlreadyExistsException
                  ? fault.getFile() + " is no directory"
                  : fault.getFile() + " cannot be made or used";
      throw new IOException(why + "; choose another --data-dir", fault);
    }
  }

  private WebSocketLimits limits() {
    return WebSocketLimits.defaults()
        .withConnections(maxConnections(), settings.maxConnectionsPerAddress())
        // every byte of a text can take six in JSON
        .withMessageBytes(6 * settings.maxTextBytes() + FRAME_OVERHEAD_BYTES)
        .withTimes(Duration.ofSeconds(10), Duration.ofSeconds(settings.heartbeatSeconds()));
  }

  /** No more than the process may open files for, less what else needs one. */
  private int maxConnections() {
    long files =
        ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean unix
            ? unix.getMaxFileDescriptorCount()
            : Long.MAX_VALUE;
    long possible = Math.max(1, files - FILES_FOR_OTHERS);
    if (possible < settings.maxConnections() && possible < FEW_CONNECTIONS) {
      log.warn(
          "this process may open {} files (ulimit -n): at most {} WebSocket connections instead of"
              + " the {} of --max-connections",
          files,
          possible,
          settings.maxConnections());
    }
    return (int) Math.min(possible, settings.maxConnections());
  }

  private AllowedOrigins origins(int httpPort) {
    if (!settings.origins().isEmpty()) {
      return new AllowedOrigins(settings.origins());
    }
    if (new InetSocketAddress(settings.host(), 0).getAddress().isAnyLocalAddress()) {
      log.warn(
          "this server's page works as http://localhost:{} only: name the other addresses at which"
              + " people open it with --origins",
          httpPort);
    }
    return new AllowedOrigins(
        Stream.of("localhost", "127.0.0.1", settings.host())
            .map(
                host -> "http://" + (host.contains(":") ? "[" + host + "]" : host) + ":" + httpPort)
            .collect(Collectors.toSet()));
  }

  private ChatEndpoint.Settings endpointSettings(
      String epoch, WebSocketLimits limits, AllowedOrigins origins) {
    return new ChatEndpoint.Settings(
        UUID.randomUUID().toString().substring(0, 8),
        epoch,
        limits.heartbeat(),
        limits.messageBytes(),
        settings.maxTextBytes(),
        settings.messagesPerSecond(),
        origins);
  }

  private static ThreadPoolExecutor blockingThreads() {
    ThreadPoolExecutor threads =
        new ThreadPoolExecutor(
            BLOCKING_THREADS,
            BLOCKING_THREADS,
            30,
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(BLOCKING_QUEUE),
            task -> daemon(task, "chat-blocking"));
    threads.allowCoreThreadTimeOut(true);
    return threads;
  }

  private static Thread daemon(Runnable task, String name) {
    Thread thread = new Thread(task, name);
    thread.setDaemon(true);
    return thread;
  }

  private void sweep(ChatEndpoint endpoint, Logins logins) {
    ScheduledExecutorService sweeper =
        Executors.newSingleThreadScheduledExecutor(task -> daemon(task, "chat-sweeper"));
    part(sweeper::shutdownNow);
    every(
        sweeper,
        SWEEP_MILLIS,
        () -> {
          endpoint.closeEnded();
          logins.sweepTickets();
        });
    every(sweeper, LOGIN_SWEEP_MILLIS, logins::sweepLogins);
  }

  private static void every(ScheduledExecutorService sweeper, long millis, Runnable work) {
    sweeper.scheduleWithFixedDelay(
        () -> {
          try {
            work.run();
          } catch (RuntimeException away) {
            log.debug("nothing swept: {}", away.toString());
          }
        },
        millis,
        millis,
        TimeUnit.MILLISECONDS);
  }

  public int httpPort() {
    HttpEndpoint endpoint = http;
    return endpoint == null ? 0 : endpoint.port();
  }

  public int wsPort() {
    WebSocketEndpoint endpoint = sockets;
    return endpoint == null ? 0 : endpoint.port();
  }

  /**
   * Parts with the clients ({@code bye}, close 1012) once what they sent is committed, then stops
   * everything. Bounded by the drain time and some seconds. Idempotent.
   */
  @Override
  public synchronized void close() {
    WebSocketEndpoint endpoint = sockets;
    ChatEngine chat = engine;
    HttpEndpoint calls = http;
    if (calls != null) {
      calls.drain();
    }
    if (endpoint != null && chat != null) {
      endpoint.stopListening();
      long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(settings.drainSeconds());
      boolean done = chat.drain(Duration.ofSeconds(settings.drainSeconds()));
      while (endpoint.connectionCount() > 0 && System.nanoTime() - deadline < 0) {
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
      }
      log.info(
          "drained{}; {} connections cut",
          done ? "" : ", not everything in time",
          endpoint.connectionCount());
    }
    engine = null;
    while (!parts.isEmpty()) {
      AutoCloseable part = parts.pop();
      try {
        part.close();
      } catch (Exception fault) {
        log.warn("{} did not close", part, fault);
      }
    }
  }
}
