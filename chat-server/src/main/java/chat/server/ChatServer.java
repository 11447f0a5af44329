package chat.server;

import chat.engine.ChatEngine;
import chat.engine.EngineBuilder;
import chat.engine.postgres.PostgresMessageStore;
import chat.engine.postgres.router.PostgresRouter;
import chat.engine.redis.RedisRouter;
import chat.server.accounts.Accounts;
import chat.server.accounts.ErasedAccounts;
import chat.server.accounts.Passwords;
import chat.server.accounts.login.AccessTokens;
import chat.server.accounts.login.BearerTokens;
import chat.server.accounts.login.ExternalAccounts;
import chat.server.accounts.login.ExternalIssuer;
import chat.server.accounts.login.LoginList;
import chat.server.accounts.login.Logins;
import chat.server.admin.AdminRoutes;
import chat.server.admin.Administration;
import chat.server.admin.ExportedAccount;
import chat.server.admin.GeneralRetention;
import chat.server.admin.NodeReports;
import chat.server.announcements.Announcements;
import chat.server.announcements.ShownAnnouncements;
import chat.server.bots.AnswersUnderWay;
import chat.server.bots.ServerBots;
import chat.server.browser.ApiDocumentation;
import chat.server.browser.WebPage;
import chat.server.config.IntegrationsFile;
import chat.server.config.Settings;
import chat.server.contacts.ContactRequests;
import chat.server.contacts.Contacts;
import chat.server.conversations.Blocks;
import chat.server.conversations.Conversations;
import chat.server.conversations.GroupNames;
import chat.server.database.DatabaseAddress;
import chat.server.database.ServerDatabase;
import chat.server.files.FileLimits;
import chat.server.files.SentFiles;
import chat.server.files.SentFilesFeed;
import chat.server.files.UserFiles;
import chat.server.files.storage.S3Bucket;
import chat.server.guard.CallLimits;
import chat.server.guard.GuessLimits;
import chat.server.guard.Rate;
import chat.server.guard.WebhookLimits;
import chat.server.http.HttpEndpoint;
import chat.server.json.DatabaseFaults;
import chat.server.outgoing.OutgoingHttp;
import chat.server.push.PushSettings;
import chat.server.push.ServerPush;
import chat.server.rest.AccountRoutes;
import chat.server.rest.Callers;
import chat.server.rest.ContactRoutes;
import chat.server.rest.GroupRoutes;
import chat.server.rest.LoginRoutes;
import chat.server.rest.MessageRoutes;
import chat.server.rest.NodeRoutes;
import chat.server.security.SecurityEvents;
import chat.server.uri.AllowedOrigins;
import chat.server.webhooks.DeadLetters;
import chat.server.webhooks.IncomingWebhooks;
import chat.server.webhooks.Moderation;
import chat.server.webhooks.OutgoingWebhooks;
import chat.server.webhooks.WebhookRoutes;
import chat.server.wire.ChatEndpoint;
import chat.server.ws.WebSocketEndpoint;
import chat.server.ws.WebSocketLimits;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
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
  private static final Duration LAST_REQUESTS = Duration.ofSeconds(2);
  private static final Duration GUESSES_WITHIN = Duration.ofMinutes(15);
  private static final Duration REGISTRATIONS_WITHIN = Duration.ofHours(1);
  private static final Duration POSTS_WITHIN = Duration.ofMinutes(1);
  private static final Duration CALLS_WITHIN = Duration.ofSeconds(10);
  private final Settings settings;
  private final BooleanSupplier unwanted;
  private final InstantSource nodeClock;
  private final Deque<AutoCloseable> parts = new ArrayDeque<>();
  private @Nullable ChatEndpoint chat;
  private @Nullable WebSocketEndpoint sockets;
  private @Nullable HttpEndpoint http;

  private ChatServer(Settings settings, InstantSource nodeClock, BooleanSupplier unwanted) {
    this.settings = settings;
    this.nodeClock = nodeClock;
    this.unwanted = unwanted;
  }

  /**
   * Blocks until clients can come.
   *
   * @throws IOException if a port is taken, the database does not start or its directory is in use
   */
  public static ChatServer start(Settings settings) throws IOException {
    return start(settings, () -> false);
  }

  /**
   * The same, and gives up at the next step once it is not wanted any more.
   *
   * @throws CancellationException then; what was begun is closed
   */
  static ChatServer start(Settings settings, BooleanSupplier unwanted) throws IOException {
    return start(settings, Passwords.Cost.OWASP, InstantSource.system(), unwanted);
  }

  static ChatServer start(Settings settings, Passwords.Cost passwordCost, InstantSource nodeClock)
      throws IOException {
    return start(settings, passwordCost, nodeClock, () -> false);
  }

  private static ChatServer start(
      Settings settings,
      Passwords.Cost passwordCost,
      InstantSource nodeClock,
      BooleanSupplier unwanted)
      throws IOException {
    ChatServer server = new ChatServer(settings, nodeClock, unwanted);
    try {
      server.open(passwordCost);
      return server;
    } catch (IOException | RuntimeException fault) {
      server.close();
      throw fault;
    }
  }

  private <T extends AutoCloseable> T part(T part) {
    parts.push(part);
    if (unwanted.getAsBoolean()) {
      throw new CancellationException("the process was told to end while it started");
    }
    return part;
  }

  private void open(Passwords.Cost passwordCost) throws IOException {
    ServerMeters meters = part(new ServerMeters());
    ServerDatabase database =
        part(
            Opening.database(
                databaseAddress(),
                settings.databaseConnections(),
                meters.registry(),
                settings.acceptNewerSchema()));
    PostgresMessageStore store = Opening.store(database.dataSource(), settings.acceptNewerSchema());
    Passwords passwords = new Passwords(Runtime.getRuntime().availableProcessors(), passwordCost);
    SecurityEvents events = new SecurityEvents(meters.registry());
    GuessLimits guesses =
        new GuessLimits(
            new Rate(settings.limits().failedLoginsPerAccount(), GUESSES_WITHIN),
            new Rate(settings.limits().failedLoginsPerAddress(), GUESSES_WITHIN),
            events);
    Accounts accounts = new Accounts(database.jdbi(), passwords, settings.registration(), guesses);
    ContactRequests contactRequests = new ContactRequests(database.jdbi());
    Contacts contacts =
        new Contacts(database.jdbi(), accounts, contactRequests, settings.contactPolicy());
    IntegrationsFile integrations = IntegrationsFile.read(settings.integrations(), System.getenv());
    OutgoingHttp outgoing = part(new OutgoingHttp());
    GeneralRetention generalRetention =
        new GeneralRetention(database.jdbi(), settings.retentionDays());
    EngineBuilder builder =
        ChatEngine.builder()
            .store(store)
            .clock(nodeClock)
            .timings(meters)
            .maxTextBytes(settings.limits().maxTextBytes())
            .search(settings.search())
            .editHistory(settings.editHistory())
            .retention(() -> DatabaseFaults.forEngine(generalRetention::inForce))
            .contacts(
                (user, others) ->
                    CompletableFuture.completedFuture(
                        DatabaseFaults.forEngine(() -> contacts.among(user, others))))
            .maxSessionsPerUser(settings.limits().maxConnectionsPerUser());
    Moderation.of(integrations, outgoing, meters::moderationFailed)
        .ifPresent(
            moderation ->
                builder
                    .sendHook(moderation)
                    .hookDeadline(moderation.deadline().plus(Duration.ofSeconds(1))));
    switch (settings.router()) {
      case REDIS ->
          builder.router(
              part(
                  RedisRouter.open(
                      Objects.requireNonNull(settings.redisUrl()), settings.redisNamespace())));
      case POSTGRES -> builder.router(part(PostgresRouter.open(database.dataSource())));
      case NONE -> {} // it is alone
    }
    ChatEngine engine = part(builder.build());
    SentFilesFeed sentFiles = part(new SentFilesFeed(engine, database.jdbi(), meters::feed));
    UserFiles files = part(userFiles(database, new SentFiles(database.jdbi(), engine, sentFiles)));
    ErasedAccounts erasedAccounts =
        new ErasedAccounts(database.jdbi(), accounts, engine.asApplication(), files);

    String secret = settings.tokenSecret();
    byte[] key =
        secret == null
            ? Logins.sharedKey(database.jdbi())
            : secret.getBytes(StandardCharsets.UTF_8);
    AccessTokens accessTokens =
        new AccessTokens(key, Duration.ofMinutes(settings.accessTokenMinutes()), engine.clock());
    BearerTokens bearerTokens = bearerTokens(accessTokens, database, engine.clock());
    Logins logins =
        new Logins(
            database.jdbi(),
            accounts,
            accessTokens,
            key,
            Duration.ofDays(settings.refreshTokenDays()),
            Duration.ofSeconds(settings.ticketSeconds()));
    Conversations conversations =
        new Conversations(
            engine, accounts, contacts, new GroupNames(database.jdbi()), settings.directPolicy());
    Blocks blocks = new Blocks(engine, accounts, contacts);
    meters.engine(engine);
    meters.build(BuildInfo.read());
    meters.disk("files", settings.filesDir());
    if (settings.databaseUrl() == null) {
      meters.disk("database", settings.dataDir());
    }
    LoginList loginList = new LoginList(database.jdbi());
    Announcements announcements = new Announcements(database.jdbi());
    ShownAnnouncements shown = new ShownAnnouncements(announcements, engine.clock());
    shown.compare(); // before the first client comes
    Administration administration =
        new Administration(
            database.jdbi(),
            accounts,
            erasedAccounts::erase,
            announcements,
            engine::asApplication,
            generalRetention);

    HttpEndpoint rest =
        part(
            Opening.listener(
                "--http-port",
                settings.host(),
                settings.httpPort(),
                address -> HttpEndpoint.bind(address, meters::requestTook)));
    http = rest;
    AllowedOrigins origins = origins(rest.port());
    ThreadPoolExecutor blocking = blockingThreads();
    part(() -> end(blocking));
    WebSocketLimits limits = ConnectionLimits.of(settings);
    Callers callers = new Callers(logins, bearerTokens);
    ServerPush push =
        part(
            new ServerPush(
                pushSettings(integrations, limits),
                database.jdbi(),
                engine,
                store.conversations(),
                callers,
                outgoing,
                meters::pushed,
                meters::feed));
    ChatEndpoint endpoint =
        part(
            new ChatEndpoint(
                engine,
                conversations,
                blocks,
                contacts,
                contactRequests,
                files::requireReadable,
                push::read,
                shown,
                logins,
                bearerTokens,
                blocking,
                endpointSettings(limits, origins),
                events,
                meters::sendTook));
    chat = endpoint;
    WebSocketEndpoint listening =
        part(
            Opening.listener(
                "--ws-port",
                settings.host(),
                settings.wsPort(),
                address -> WebSocketEndpoint.start(address, limits, endpoint, eventLoops())));
    sockets = listening;
    meters.connections(listening);
    rest.guardedBy(callLimits(bearerTokens, events), settings.limits().clientAddresses());
    rest.start(
        List.of(
            push.routes(),
            new AccountRoutes(
                engine,
                callers,
                accounts,
                erasedAccounts,
                logins,
                new ExportedAccount(database.jdbi())::lines,
                endpoint,
                events),
            new ContactRoutes(engine, callers, contacts, blocks, endpoint),
            new GroupRoutes(callers, conversations),
            new MessageRoutes(engine, callers, accounts, contacts, conversations),
            files.routes(callers::of),
            new NodeRoutes(
                () ->
                    new NodeRoutes.Readiness(
                        database.answers() && takesSends(engine.health()),
                        engine.health().router(),
                        listening.listening()),
                meters.registry()),
            new LoginRoutes(callers, accounts, loginList),
            new AdminRoutes(callers, administration, events),
            new WebhookRoutes(
                callers,
                new IncomingWebhooks(
                    database.jdbi(),
                    engine,
                    new WebhookLimits(
                        new Rate(settings.limits().incomingPostsPerMinute(), POSTS_WITHIN),
                        events))),
            new WebPage(settings.publicWsUrl(), listening.port()),
            new ApiDocumentation()),
        origins);
    sentFiles.openIfUsed();
    DeadLetters deadLetters = new DeadLetters(database.jdbi(), meters.registry());
    AnswersUnderWay underWay = new AnswersUnderWay(accounts);
    part(
        ServerBots.start(
            integrations,
            database.jdbi(),
            underWay,
            engine,
            outgoing,
            meters::botFailed,
            deadLetters,
            meters::feed));
    part(OutgoingWebhooks.start(integrations, engine, outgoing, deadLetters, meters::feed));
    NodeReports reports =
        new NodeReports(
            database.jdbi(), engine.nodeId(), BuildInfo.read().toString(), endpoint::connected);
    reports.report();
    part(
        new Sweeper(
            endpoint, logins, contacts, erasedAccounts, reports, files, sentFiles, underWay));
  }

  private UserFiles userFiles(ServerDatabase database, SentFiles sent) throws IOException {
    if (settings.files().maxFileBytes() > 0) {
      Opening.filesDirectory(settings.filesDir());
    }
    FileLimits limits =
        new FileLimits(
            settings.files().maxFileBytes(),
            settings.files().perUserBytes(),
            settings.files().types());
    S3Bucket bucket = settings.files().bucket();
    return bucket == null
        ? UserFiles.onDisk(database.jdbi(), settings.filesDir(), sent, limits)
        : UserFiles.inBucket(database.jdbi(), bucket, settings.filesDir(), sent, limits);
  }

  private CallLimits callLimits(BearerTokens bearerTokens, SecurityEvents events) {
    return new CallLimits(
        bearerTokens,
        calls(settings.limits().callsPerSecondPerUser()),
        calls(settings.limits().callsPerSecondPerAddress()),
        new Rate(settings.limits().registrationsPerAddress(), REGISTRATIONS_WITHIN),
        events);
  }

  private static Rate calls(int perSecond) {
    return new Rate(
        (int) Math.min(Integer.MAX_VALUE, perSecond * CALLS_WITHIN.toSeconds()), CALLS_WITHIN);
  }

  /** Without ids, or a store that stores, this node is of no use to those who send. */
  private static boolean takesSends(ChatEngine.Health health) {
    return health.store() && health.ids();
  }

  private static int eventLoops() {
    return Math.max(1, Runtime.getRuntime().availableProcessors() / 2);
  }

  private BearerTokens bearerTokens(
      AccessTokens own, ServerDatabase database, InstantSource clock) {
    String issuer = settings.issuer().name();
    return new BearerTokens(
        own,
        issuer == null
            ? null
            : new ExternalAccounts(
                database.jdbi(), externalIssuer(issuer, clock), settings.issuer().provision()));
  }

  private ExternalIssuer externalIssuer(String issuer, InstantSource clock) {
    String audience = settings.issuer().audience();
    String usernameClaim = settings.issuer().usernameClaim();
    String secret = settings.issuer().secret();
    return secret != null
        ? ExternalIssuer.withSecret(
            issuer, audience, usernameClaim, secret.getBytes(StandardCharsets.UTF_8), clock)
        : ExternalIssuer.withKeySet(
            issuer,
            audience,
            usernameClaim,
            Objects.requireNonNull(settings.issuer().jwksUrl()),
            clock);
  }

  private DatabaseAddress databaseAddress() throws IOException {
    String url = settings.databaseUrl();
    return url == null
        ? part(Opening.embeddedDatabase(settings.dataDir())).address()
        : new DatabaseAddress(url, settings.databaseUser(), settings.databasePassword());
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

  private ChatEndpoint.Settings endpointSettings(WebSocketLimits limits, AllowedOrigins origins) {
    return new ChatEndpoint.Settings(
        limits.heartbeat(),
        limits.messageBytes(),
        settings.limits().messagesPerSecond(),
        settings.limits().messagesPerSecondPerUser(),
        origins,
        settings.limits().clientAddresses());
  }

  private PushSettings pushSettings(IntegrationsFile integrations, WebSocketLimits limits) {
    return new PushSettings(
        Duration.ofMillis(settings.push().delayMillis()),
        limits.heartbeat().multipliedBy(2),
        settings.push().hideContent(),
        settings.push().contact(),
        settings.push().privateAddresses(),
        PushSettings.webhook(integrations));
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

  /** Lets what was received take effect, for as long as a database that works needs. */
  private static void end(ThreadPoolExecutor threads) throws InterruptedException {
    threads.shutdown();
    if (!threads.awaitTermination(LAST_REQUESTS.toMillis(), TimeUnit.MILLISECONDS)) {
      threads.shutdownNow();
    }
  }

  private static Thread daemon(Runnable task, String name) {
    Thread thread = new Thread(task, name);
    thread.setDaemon(true);
    return thread;
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
   * Parts with the clients ({@code bye}, close 1012) once what they sent is committed, or at the
   * end of the drain time, then stops everything. That takes a few seconds, and up to half a minute
   * if the database does not answer any more. Idempotent.
   */
  @Override
  public synchronized void close() {
    HttpEndpoint calls = http;
    if (calls != null) {
      calls.drain();
    }
    WebSocketEndpoint listening = sockets;
    ChatEndpoint clients = chat;
    if (listening != null && clients != null) {
      listening.stopListening();
      boolean done = clients.drain(Duration.ofSeconds(settings.drainSeconds()));
      log.info(
          "drained{}; {} connections cut",
          done ? "" : ", not everything in time",
          listening.connectionCount());
    }
    chat = null;
    end();
  }

  private void end() {
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
