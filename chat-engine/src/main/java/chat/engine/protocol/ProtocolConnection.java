package chat.engine.protocol;

import chat.engine.ChatException;
import chat.engine.ChatSession;
import chat.engine.DeviceId;
import chat.engine.EncodedChatListener;
import chat.engine.ErrorCode;
import chat.engine.EventEncoder;
import chat.engine.UserId;
import chat.engine.event.ChatEvent;
import chat.engine.event.SessionEnded;
import chat.engine.protocol.rate.RequestPace;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * One socket that speaks the protocol. The host tells it what comes in, with {@link #receive} and
 * {@link #closed}; it writes to its {@link Transport}. Requests take effect in the order received,
 * also those that were received before {@link #closed}.
 *
 * <p>Thread-safe, and nothing blocks. {@link #receive} is to be called by one thread at a time.
 */
public final class ProtocolConnection {
  private static final Logger log = LoggerFactory.getLogger(ProtocolConnection.class);
  private static final CompletableFuture<Void> READABLE = CompletableFuture.completedFuture(null);
  private static final int MAX_ID_LENGTH = 64;
  private static final int MAX_REFUSED = 1_000;
  private static final int MAX_BEHIND_WELCOME = 100;

  private final ChatProtocol protocol;
  private final Transport transport;
  private final RequestPace pace;
  private final RequestLine line;
  private final Object welcoming = new Object();
  private boolean admitted; // guarded by welcoming
  private @Nullable Runnable beforeWelcome; // guarded by welcoming
  private final List<Frame> behindWelcome = new ArrayList<>(); // guarded by welcoming
  private int refused; // a rough count: written by the threads that receive and that handle
  private volatile boolean welcomed;
  private volatile @Nullable ChatSession session;
  private volatile @Nullable Object attachment;

  ProtocolConnection(ChatProtocol protocol, Transport transport) {
    this.protocol = protocol;
    this.transport = transport;
    this.pace = new RequestPace(protocol.settings().requestsPerSecond(), System.nanoTime());
    this.line = new RequestLine(transport, new Requests(), pace, this::whenWritable);
    line.waitForOpen();
  }

  public ChatProtocol protocol() {
    return protocol;
  }

  /** The engine's session; null until the user is admitted. */
  public @Nullable ChatSession session() {
    return session;
  }

  /** What the host attached when it admitted the user; null before, and if that was nothing. */
  public @Nullable Object attachment() {
    return attachment;
  }

  /**
   * What the host attached when it admitted the user.
   *
   * @throws IllegalStateException if there is nothing of this type
   */
  public <T> T attachment(Class<T> type) {
    Object attached = attachment;
    if (!type.isInstance(attached)) {
      throw new IllegalStateException("no " + type.getSimpleName() + " is attached");
    }
    return type.cast(attached);
  }

  // ---- coming in

  /**
   * Lets a user in: opens a session, sends {@code welcome}, and begins to handle requests. If that
   * fails the socket is closed with the code that fits.
   *
   * @param attached anything that the host's own verbs need to know, or null
   * @return completes behind the welcome; fails if there is no session
   */
  public CompletableFuture<ChatSession> admit(
      UserId user, DeviceId device, @Nullable Object attached) {
    synchronized (welcoming) {
      if (admitted) {
        throw new IllegalStateException("a connection has one user, who was admitted before");
      }
      admitted = true;
    }
    attachment = attached;
    return protocol
        .engine()
        .connect(user, device, new Events())
        .whenComplete(
            (opened, fault) -> {
              if (fault != null) {
                refuse(fault);
              } else {
                begin(opened);
              }
            });
  }

  private void begin(ChatSession opened) {
    session = opened;
    if (!line.isClosed()) {
      synchronized (welcoming) {
        transport.send(new Frame(JsonObjects.bytes(protocol.welcome(this, opened))));
        behindWelcome.forEach(transport::send);
        behindWelcome.clear();
        if (beforeWelcome != null) {
          beforeWelcome.run();
          beforeWelcome = null;
          opened.resume();
        }
        welcomed = true;
      }
    }
    pace.belongsTo(protocol.rates().join(opened.user(), System.nanoTime()));
    line.open(); // also if it is closed: what came in before has an effect
  }

  private void refuse(Throwable fault) {
    Throwable cause = WireError.unwrapped(fault);
    ErrorCode code = cause instanceof ChatException refusal ? refusal.code() : ErrorCode.INTERNAL;
    switch (code) {
      case BAD_REQUEST, TOO_LARGE, FORBIDDEN -> close(CloseCode.POLICY, "not admitted");
      case INTERNAL -> {
        log.error("a connection could not be taken in", cause);
        close(CloseCode.INTERNAL, "internal error");
      }
      default -> close(CloseCode.TRY_LATER, "come back later");
    }
  }

  // ---- what the host tells

  /**
   * Takes a text frame.
   *
   * @return completes when the next frame should be read, nearly always at once. A host whose
   *     {@link Transport#pauseReading} works need not look at it; another should wait, so that a
   *     client which sends too fast is held up
   */
  public CompletableFuture<Void> receive(String text) {
    if (isTooLong(text)) {
      close(
          CloseCode.TOO_BIG, "a frame may have " + protocol.settings().maxFrameBytes() + " bytes");
      return READABLE;
    }
    return line.receive(text);
  }

  private boolean isTooLong(String text) {
    int most = protocol.settings().maxFrameBytes();
    return text.length() > most
        || (text.length() * 3L > most && JsonObjects.utf8Length(text) > most);
  }

  /** The socket has gone. Idempotent. */
  public void closed() {
    line.close();
    protocol.forget(this);
  }

  // ---- what goes out

  /**
   * Sends a frame of the host's own. The welcome comes first: what is sent while the user is being
   * admitted follows it, and is dropped if the user is refused. A connection to which more than
   * {@value #MAX_BEHIND_WELCOME} frames are sent meanwhile is closed, to come back later.
   */
  public void send(ObjectNode json) {
    Frame frame = new Frame(JsonObjects.bytes(json));
    if (!welcomed) {
      synchronized (welcoming) {
        if (admitted && !welcomed) {
          hold(frame);
          return;
        }
      }
    }
    transport.send(frame);
  }

  private void hold(Frame frame) {
    if (behindWelcome.size() < MAX_BEHIND_WELCOME) {
      behindWelcome.add(frame);
    } else {
      close(CloseCode.TRY_LATER, "come back later");
    }
  }

  /**
   * Closes the socket from this side. Requests that wait have no effect; those under way may have.
   */
  public void close(int code, String reason) {
    line.expel();
    transport.close(code, reason);
  }

  /** For a drain: an admitted user is told by the session. */
  void closeUnlessAdmitted() {
    synchronized (welcoming) {
      if (admitted) {
        return;
      }
    }
    close(CloseCode.RESTART, "restart");
  }

  private void sendError(@Nullable String id, Throwable fault) {
    WireError error = protocol.error(fault);
    if (error.code().equals(WireError.INTERNAL)) {
      log.error("a request failed", WireError.unwrapped(fault));
    }
    sendError(id, error);
  }

  private void sendError(@Nullable String id, WireError error) {
    ObjectNode json = WireJson.typed("error");
    if (id != null) {
      json.put("id", id);
    }
    json.put("code", error.code()).put("message", error.message());
    if (error.retryAfter() != null) {
      json.put("retry_after_ms", error.retryAfter().toMillis());
    }
    send(json);
  }

  private void whenWritable() {
    ChatSession ready = session;
    if (ready != null) {
      ready.resume();
    }
    line.writable();
  }

  // ---- requests

  private final class Requests implements RequestLine.Handler {
    @Override
    public CompletionStage<?> handle(String text) {
      refused = Math.max(0, refused - 10);
      ChatSession ready = session;
      if (ready == null) { // it could not be opened
        line.answered();
        return READABLE;
      }
      @Nullable String id = null;
      try {
        ObjectNode request = JsonObjects.parse(text);
        id = requestId(request);
        String type = JsonObjects.text(request, "type");
        return begin(id, type, new VerbCall(ProtocolConnection.this, ready, request));
      } catch (RuntimeException fault) {
        sendError(id, fault);
        line.answered();
        return READABLE;
      } catch (Error fault) {
        log.error("a request failed", fault);
        close(CloseCode.INTERNAL, "internal error");
        return READABLE;
      }
    }

    private CompletionStage<?> begin(@Nullable String id, String type, VerbCall call) {
      long begun = System.nanoTime();
      Verb verb = protocol.verb(type);
      if (verb == null) {
        sendError(id, WireError.unknownType(type));
        line.answered();
        return READABLE;
      }
      Outcome outcome = verb.handle(call);
      CompletionStage<?> answered =
          outcome
              .answer()
              .handle(
                  (answer, fault) -> {
                    finish(id, answer, fault);
                    protocol.answered(type, fault == null, System.nanoTime() - begun);
                    line.answered();
                    return type;
                  });
      return outcome.isAlone() ? answered : outcome.placed();
    }

    private void finish(
        @Nullable String id, @Nullable ObjectNode answer, @Nullable Throwable fault) {
      if (fault != null || answer == null) {
        sendError(id, fault != null ? fault : new IllegalStateException("a verb gave no answer"));
        return;
      }
      transport.send(WireJson.ok(id, answer));
    }

    /** Read more slowly and sends on all the same. */
    @Override
    public void refuse(String text) {
      @Nullable String id = null;
      try {
        id = requestId(JsonObjects.parse(text));
      } catch (ChatException malformed) {
        // refused without its id
      }
      sendError(id, protocol.tooFast());
      if (++refused > MAX_REFUSED) {
        close(CloseCode.POLICY, "too many requests");
      }
    }

    @Override
    public void ended() {
      ChatSession ready = session;
      if (ready != null) {
        ready.close();
        protocol.rates().leave(ready.user(), System.nanoTime());
      }
    }
  }

  private static @Nullable String requestId(ObjectNode request) {
    String id = JsonObjects.optionalText(request, "id").orElse(null);
    if (id != null && (id.isEmpty() || id.length() > MAX_ID_LENGTH)) {
      throw ChatException.badRequest("id must have 1 to " + MAX_ID_LENGTH + " characters");
    }
    return id;
  }

  // ---- events

  private final class Events implements EncodedChatListener<Frame> {
    @Override
    public EventEncoder<Frame> encoder() {
      return WireJson.FRAMES;
    }

    /**
     * An event can come before the session is known here; the welcome is the first frame even so.
     */
    @Override
    public void onEvent(ChatSession from, ChatEvent event, Frame frame) {
      if (!welcomed) {
        synchronized (welcoming) {
          if (!welcomed) {
            Runnable earlier = beforeWelcome;
            beforeWelcome =
                () -> {
                  if (earlier != null) {
                    earlier.run();
                  }
                  deliver(from, event, frame);
                };
            from.pause();
            return;
          }
        }
      }
      deliver(from, event, frame);
    }

    private void deliver(ChatSession from, ChatEvent event, Frame frame) {
      transport.send(frame);
      protocol.sent(ProtocolConnection.this, event);
      if (transport.isCongested()) {
        from.pause(); // from now on events wait there, where it is known what is dispensable
        transport.whenWritable(ProtocolConnection.this::whenWritable);
      }
      if (event instanceof SessionEnded ended) {
        switch (ended.reason()) {
          case DRAINING -> transport.close(CloseCode.RESTART, "restart");
          case TOO_SLOW -> transport.close(CloseCode.TRY_LATER, "too slow");
          case DISCONNECTED -> close(CloseCode.UNAUTHORIZED, "disconnected");
          case GONE -> close(CloseCode.FORBIDDEN, "no such user");
        }
      }
    }
  }
}
