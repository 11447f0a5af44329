package chat.server.wire;

import chat.engine.ChatSession;
import chat.engine.DeviceId;
import chat.engine.EncodedChatListener;
import chat.engine.EventEncoder;
import chat.engine.Presence;
import chat.engine.UserId;
import chat.engine.event.ChatEvent;
import chat.engine.event.PresenceChanged;
import chat.engine.event.SessionEnded;
import chat.server.accounts.Account;
import chat.server.accounts.Identity;
import chat.server.json.ApiError;
import chat.server.json.ApiException;
import chat.server.json.Json;
import chat.server.ws.CloseCode;
import chat.server.ws.ConnectionListener;
import chat.server.ws.TextFrames;
import chat.server.ws.UpgradeRequest;
import chat.server.ws.WebSocketConnection;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * One connection that speaks the protocol. Its requests take effect one after the other, in the
 * order sent: while one waits for the database to learn what it is about (who is meant by a name),
 * the next ones wait behind it, and past a bound they are not even read. What the engine takes
 * needs no such wait; its answers come when they come.
 */
final class ChatSocket implements ConnectionListener, EncodedChatListener {
  private static final Logger log = LoggerFactory.getLogger(ChatSocket.class);

  /** What more than this waits is left in the socket; what was read with it is bounded, too. */
  private static final int MAX_WAITING_CHARACTERS = 16 * 1024;

  /** A client that sends ten times as much as it may and more reaches this, others never. */
  private static final int MAX_REFUSED = 1_000;

  private static final int REFUSALS_FORGIVEN = 10;

  private final ChatEndpoint endpoint;
  private final WebSocketConnection connection;
  private final SendRate rate;
  private final Object lock = new Object();
  private final Queue<String> waiting = new ArrayDeque<>();
  private int waitingCharacters;
  private boolean unread; // requests are left in the socket
  private boolean busy = true; // until it is known who this is
  private final Queue<Runnable> beforeWelcome = new ArrayDeque<>();
  private boolean closed;
  private boolean expelled; // by this server: what the client sent has no effect any more
  private int refused; // by the thread that handles requests
  private volatile boolean welcomed;
  private volatile @Nullable Requests requests;
  private volatile @Nullable Identity identity;

  ChatSocket(ChatEndpoint endpoint, WebSocketConnection connection) {
    this.endpoint = endpoint;
    this.connection = connection;
    this.rate = new SendRate(endpoint.settings().messagesPerSecond(), System.nanoTime());
  }

  @Nullable UUID login() {
    Identity who = identity;
    return who == null ? null : who.login();
  }

  boolean belongsTo(Account account) {
    Identity who = identity;
    return who != null && who.account().id() == account.id();
  }

  void close(int code, String reason) {
    synchronized (lock) {
      expelled = true;
    }
    connection.close(code, reason);
  }

  void start(UpgradeRequest request) {
    unread = true;
    connection.pauseReading(); // a stranger's requests would only fill the memory
    onBlockingThread(() -> endpoint.admission().identify(request))
        .thenCompose(
            who -> {
              enter(who);
              DeviceId device = Admission.device(request);
              return endpoint
                  .engine()
                  .connect(who.account().userId(), device, this)
                  .thenAccept(session -> admitted(who, session));
            })
        .whenComplete(
            (done, fault) -> {
              if (fault != null) {
                refuse(ApiException.from(fault));
              }
            });
  }

  private void enter(Identity who) {
    synchronized (lock) {
      if (closed) {
        return;
      }
      if (!endpoint.enter(who.account())) {
        throw ApiException.of(ApiError.RATE_LIMITED, "too many connections of this user");
      }
      identity = who;
    }
  }

  private void refuse(ApiException refusal) {
    switch (refusal.error()) {
      case UNAUTHORIZED -> connection.close(CloseCode.UNAUTHORIZED, "not authorised");
      case BAD_REQUEST, TOO_LARGE -> connection.close(CloseCode.POLICY, "bad device or username");
      case RATE_LIMITED -> connection.close(CloseCode.TRY_LATER, "too many connections");
      case INTERNAL -> {
        log.error("a connection could not be taken in", refusal);
        connection.close(CloseCode.INTERNAL, "internal error");
      }
      default -> connection.close(CloseCode.TRY_LATER, "come back later");
    }
  }

  private void admitted(Identity who, ChatSession session) {
    boolean late;
    synchronized (lock) {
      late = closed;
      requests = new Requests(endpoint, this, who, session);
    }
    if (late) {
      next(); // what the client sent before it closed takes effect
      return;
    }
    synchronized (lock) {
      welcome(who, session);
      beforeWelcome.forEach(Runnable::run);
      beforeWelcome.clear();
      welcomed = true;
    }
    watchContacts(who);
    next();
  }

  private void welcome(Identity who, ChatSession session) {
    ChatEndpoint.Settings settings = endpoint.settings();
    ObjectNode welcome = Json.object().put("type", "welcome");
    welcome
        .putObject("user")
        .put("id", Long.toString(who.account().id()))
        .put("username", who.account().username());
    welcome
        .put("device", session.device().value())
        .put("session_id", session.id())
        .put("node", settings.node())
        .put("server_time", Json.time(Instant.now()))
        .put("epoch", settings.epoch())
        .put("heartbeat_seconds", settings.heartbeat().toSeconds());
    welcome
        .putObject("limits")
        .put("max_frame_bytes", settings.maxFrameBytes())
        .put("max_text_bytes", settings.maxTextBytes())
        .put("messages_per_second", settings.messagesPerSecond());
    send(welcome);
  }

  private void watchContacts(Identity who) {
    onBlockingThread(
            () -> {
              endpoint.watchContacts(who.account(), List.of(this));
              return who;
            })
        .whenComplete(
            (watching, fault) -> {
              if (fault != null) {
                log.debug("no presence for {}: {}", who.account().username(), fault.toString());
              }
            });
  }

  void watch(Set<UserId> users) {
    Requests ready = requests;
    if (ready != null) {
      ready
          .session()
          .watchPresence(users)
          .thenAccept(
              presences ->
                  presences.stream()
                      .filter(Presence::online)
                      .forEach(online -> send(EventJson.json(new PresenceChanged(online)))));
    }
  }

  @Override
  public void onText(String text) {
    synchronized (lock) {
      if (closed) {
        return;
      }
      if (busy) {
        waiting.add(text);
        waitingCharacters += text.length();
        if (waitingCharacters > MAX_WAITING_CHARACTERS && !unread) {
          unread = true;
          connection.pauseReading();
        }
        return;
      }
      busy = true;
    }
    handle(text);
  }

  /** The request before is done: takes up what waits, one by one. */
  private void next() {
    while (true) {
      String text;
      boolean done = false;
      synchronized (lock) {
        if (expelled) {
          waiting.clear();
        }
        text = waiting.poll();
        if (text == null) {
          busy = false;
          done = closed;
          if (unread) {
            unread = false;
            connection.resumeReading();
          }
        } else {
          waitingCharacters -= text.length();
        }
      }
      if (text == null) {
        if (done) {
          closeSession();
        }
        return;
      }
      if (!handleAtOnce(text)) {
        return;
      }
    }
  }

  private void handle(String text) {
    if (handleAtOnce(text)) {
      next();
    }
  }

  /**
   * @return false if the request goes on elsewhere, and {@link #next} follows from there
   */
  private boolean handleAtOnce(String text) {
    Requests ready = requests;
    if (ready == null) {
      return true;
    }
    @Nullable String id = null;
    try {
      ObjectNode request;
      try {
        request = Json.parse(text);
        id = requestId(request);
      } finally {
        takeFromRate(); // malformed or not
      }
      CompletableFuture<?> accepted = ready.handle(Json.text(request, "type"), id, request);
      if (accepted.isDone()) {
        return true;
      }
      accepted.whenComplete((done, fault) -> next());
      return false;
    } catch (RuntimeException fault) {
      sendError(id, ApiException.from(fault));
      return true;
    } catch (Error fault) {
      log.error("a request failed", fault);
      connection.close(CloseCode.INTERNAL, "internal error");
      return true;
    }
  }

  private void takeFromRate() {
    try {
      rate.take(System.nanoTime());
      refused = Math.max(0, refused - REFUSALS_FORGIVEN);
    } catch (ApiException limited) {
      if (++refused > MAX_REFUSED) {
        connection.close(CloseCode.POLICY, "too many requests");
      }
      throw limited;
    }
  }

  private static @Nullable String requestId(ObjectNode request) {
    String id = Json.optionalText(request, "id").orElse(null);
    if (id != null && (id.isEmpty() || id.length() > 64)) {
      throw ApiException.badRequest("id must have 1 to 64 characters");
    }
    return id;
  }

  interface Blocking<T> {
    T call();
  }

  <T> CompletableFuture<T> onBlockingThread(Blocking<T> work) {
    try {
      return CompletableFuture.supplyAsync(work::call, endpoint.blocking());
    } catch (RejectedExecutionException full) {
      return CompletableFuture.failedFuture(ApiException.busy());
    }
  }

  void send(ObjectNode json) {
    connection.send(TextFrames.of(Json.bytes(json)));
  }

  void sendError(@Nullable String id, ApiException refusal) {
    if (refusal.error() == ApiError.INTERNAL) {
      log.error("a request failed", refusal.getCause());
    }
    ObjectNode error = Json.object().put("type", "error");
    if (id != null) {
      error.put("id", id);
    }
    error.put("code", refusal.error().wireName()).put("message", refusal.getMessage());
    refusal.retryAfter().ifPresent(wait -> error.put("retry_after_ms", wait.toMillis()));
    send(error);
  }

  @Override
  public EventEncoder encoder() {
    return EventJson.ENCODER;
  }

  /** Events can come before the session is known here; the welcome is the first frame even so. */
  @Override
  public void onEvent(ChatSession session, ChatEvent event, byte[] frame) {
    if (!welcomed) {
      synchronized (lock) {
        if (!welcomed) {
          beforeWelcome.add(() -> deliver(event, frame));
          return;
        }
      }
    }
    deliver(event, frame);
  }

  private void deliver(ChatEvent event, byte[] frame) {
    connection.send(frame);
    if (connection.isCongested()) {
      waitForTheClient();
    }
    if (event instanceof SessionEnded ended) {
      switch (ended.reason()) {
        case DRAINING -> connection.close(CloseCode.RESTART, "restart");
        case TOO_SLOW -> connection.close(CloseCode.TRY_LATER, "too slow");
        case DISCONNECTED -> close(CloseCode.UNAUTHORIZED, "disconnected");
      }
    }
  }

  /** From now on events wait in the session, which knows what a slow client can do without. */
  private void waitForTheClient() {
    Requests ready = requests;
    if (ready != null) {
      ready.session().pause();
      connection.whenWritten(ready.session()::resume);
    }
  }

  @Override
  public void onClose() {
    boolean done;
    Identity who;
    synchronized (lock) {
      closed = true;
      done = !busy;
      who = identity;
    }
    endpoint.gone(this, who == null ? null : who.account());
    if (done) { // else once the requests that were received before have taken effect
      closeSession();
    }
  }

  private void closeSession() {
    Requests ready = requests;
    if (ready != null) {
      ready.session().close();
    }
  }
}
