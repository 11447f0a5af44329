package chat.engine.examples.server;

import java.io.IOException;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A user of chat-server who stays: when the connection ends, it is made again, on the next server
 * if there are several, and what was missed meanwhile is fetched with {@code sync}. So the listener
 * gets each message once, in order. What was asked but not answered when the connection ended fails
 * with {@link ServerConnection.ClosedException}; a send may be repeated with its {@code
 * client_message_id}. Thread-safe.
 */
public final class ServerSession implements AutoCloseable {
  private static final int PAGE = 100;
  private static final int FIRST_RETRY_MILLIS = 500;
  private static final Duration LONGEST_RETRY = Duration.ofSeconds(30);

  private final HttpClient http;
  private final List<ServerNode> nodes;
  private final TokenSource tokens;
  private final String device;
  private final Listener listener;
  private final int longestRetryMillis;
  private final Map<String, Cursor> cursors = new HashMap<>();
  private final List<ObjectNode> meanwhile = new ArrayList<>();
  private int node;
  private int failures;
  private boolean synced;
  private boolean catchingUp;
  private boolean closed;
  private volatile @Nullable ServerConnection connection;

  /** Gives an access token that is valid now. Blocks. */
  public interface TokenSource {
    String token(ServerApi api) throws IOException, InterruptedException;
  }

  /** Called in order, never concurrently, on a thread of the connection; must not block. */
  public interface Listener {
    /**
     * A message of somebody, or of another device.
     *
     * @param live false if it was missed and has been fetched
     */
    void message(ObjectNode message, boolean live);

    /** Any other event of the protocol. */
    void event(ObjectNode event);

    /** Connected and up to date; the states of the conversations that changed. */
    void online(JsonNode conversations);

    /**
     * The connection ended.
     *
     * @param again whether it will be made again
     */
    void offline(String reason, boolean again);
  }

  /** What is known of a conversation: all up to a seq, and some beyond. */
  private static final class Cursor {
    private long upTo;
    private final TreeSet<Long> beyond = new TreeSet<>();

    Cursor(long upTo) {
      this.upTo = upTo;
    }

    boolean knows(long seq) {
      return seq <= upTo || beyond.contains(seq);
    }

    void add(long seq) {
      if (seq > upTo) {
        beyond.add(seq);
      }
      for (Iterator<Long> next = beyond.iterator(); next.hasNext(); ) {
        if (next.next() != upTo + 1) {
          break;
        }
        upTo++;
        next.remove();
      }
    }
  }

  /**
   * @param first index of the node to begin with
   */
  public ServerSession(
      HttpClient http,
      List<ServerNode> nodes,
      int first,
      TokenSource tokens,
      String device,
      Listener listener) {
    this(http, nodes, first, tokens, device, listener, LONGEST_RETRY);
  }

  /**
   * @param first index of the node to begin with
   * @param longestRetry the most that passes between two attempts to come back
   */
  public ServerSession(
      HttpClient http,
      List<ServerNode> nodes,
      int first,
      TokenSource tokens,
      String device,
      Listener listener,
      Duration longestRetry) {
    this.http = http;
    this.nodes = List.copyOf(nodes);
    this.node = first;
    this.tokens = tokens;
    this.device = device;
    this.listener = listener;
    this.longestRetryMillis = (int) longestRetry.toMillis();
  }

  /** Connects and syncs. If that fails, it is not tried again. Blocks a moment. */
  public CompletableFuture<Void> connect() {
    return open()
        .thenCompose(opened -> catchUp())
        .whenComplete(
            (done, fault) -> {
              if (fault != null) {
                close();
              }
            });
  }

  private CompletableFuture<Void> open() {
    ServerNode to;
    synchronized (this) {
      to = nodes.get(node % nodes.size());
    }
    String token;
    try {
      token = tokens.token(to.api());
    } catch (IOException away) {
      return CompletableFuture.failedFuture(away);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      return CompletableFuture.failedFuture(interrupted);
    }
    synchronized (this) {
      catchingUp = true;
      meanwhile.clear();
    }
    return ServerConnection.open(http, to.socket(), token, device, this::event, this::lost)
        .thenAccept(opened -> connection = opened);
  }

  private void lost(int code, String reason) {
    connection = null;
    synchronized (this) {
      if (closed) {
        return;
      }
    }
    boolean again = mayReturn(code);
    listener.offline(reason, again);
    if (again) {
      comeBack();
    }
  }

  /** After these something must change first: a message was too large, or a login has ended. */
  private static boolean mayReturn(int code) {
    return code != 1008 && code != 1009 && (code < 4000 || code > 4499);
  }

  /** On the next server, after a random while that grows: all would come at once otherwise. */
  private void comeBack() {
    int longest;
    synchronized (this) {
      node++;
      failures = Math.min(failures + 1, 10);
      longest = Math.min(longestRetryMillis, FIRST_RETRY_MILLIS << failures);
    }
    Executor later =
        CompletableFuture.delayedExecutor(
            ThreadLocalRandom.current().nextInt(longest), TimeUnit.MILLISECONDS);
    CompletableFuture.supplyAsync(this::open, later)
        .thenCompose(opened -> opened)
        .whenComplete(
            (opened, fault) -> {
              Throwable cause = fault instanceof CompletionException ? fault.getCause() : fault;
              if (cause instanceof ServerApi.RefusedException refusal
                  && refusal.code().equals("unauthorized")) {
                listener.offline(String.valueOf(refusal.getMessage()), false);
              } else if (fault != null) {
                comeBack();
              } else {
                catchUp().whenComplete((done, failed) -> close(failed == null ? null : connection));
              }
            });
  }

  private static void close(@Nullable ServerConnection open) {
    if (open != null) {
      open.close();
    }
  }

  /** Asks for what was missed; live messages wait until it is there. */
  private CompletableFuture<Void> catchUp() {
    ObjectNode request = ServerApi.object().put("type", "sync");
    synchronized (this) {
      if (synced) {
        ObjectNode known = request.putObject("cursors");
        cursors.forEach((name, cursor) -> known.putObject(name).put("seq", cursor.upTo));
      }
    }
    return ask(request)
        .thenCompose(
            reply -> {
              CompletableFuture<Void> all = CompletableFuture.completedFuture(null);
              for (JsonNode state : reply.get("conversations")) {
                all = all.thenCompose(before -> catchUp(state));
              }
              return all.thenAccept(done -> caughtUp(reply.get("conversations")));
            });
  }

  private CompletableFuture<Void> catchUp(JsonNode state) {
    String conversation = state.get("conversation_id").asString();
    long last = state.get("last_seq").asLong();
    long from;
    synchronized (this) {
      if (!synced) {
        cursors.put(conversation, new Cursor(last)); // older ones are history
        return CompletableFuture.completedFuture(null);
      }
      from = cursor(conversation).upTo;
    }
    return pageTo(conversation, missed(conversation, state.path("missed"), from, last), last);
  }

  private CompletableFuture<Void> pageTo(String conversation, long from, long to) {
    if (from >= to) {
      return CompletableFuture.completedFuture(null);
    }
    ObjectNode request =
        ServerApi.object()
            .put("type", "history")
            .put("conversation_id", conversation)
            .put("after", from)
            .put("limit", PAGE);
    return ask(request)
        .thenCompose(
            reply -> {
              long next = missed(conversation, reply.get("messages"), from, to);
              return next == from
                  ? CompletableFuture.completedFuture(null)
                  : pageTo(conversation, next, to);
            });
  }

  /**
   * @return the seq up to which nothing is missed now
   */
  private synchronized long missed(String conversation, JsonNode messages, long from, long to) {
    long last = from;
    for (JsonNode message : messages) {
      long seq = message.get("seq").asLong();
      if (seq <= to && !cursor(conversation).knows(seq)) {
        cursor(conversation).add(seq);
        listener.message((ObjectNode) message, false);
      }
      last = seq;
    }
    return last;
  }

  private synchronized void caughtUp(JsonNode conversations) {
    synced = true;
    catchingUp = false;
    failures = 0;
    listener.online(conversations);
    List<ObjectNode> waiting = List.copyOf(meanwhile);
    meanwhile.clear();
    for (ObjectNode event : waiting) {
      if (!isMessage(event)
          || !cursor(event.get("conversation_id").asString()).knows(event.get("seq").asLong())) {
        event(event);
      }
    }
  }

  private Cursor cursor(String conversation) {
    return cursors.computeIfAbsent(conversation, unknown -> new Cursor(0));
  }

  private static boolean isMessage(ObjectNode event) {
    return event.path("type").asString("").equals("message");
  }

  private synchronized void event(ObjectNode event) {
    if (catchingUp) {
      meanwhile.add(event);
    } else if (isMessage(event)) {
      cursor(event.get("conversation_id").asString()).add(event.get("seq").asLong());
      listener.message(event, true);
    } else {
      listener.event(event);
      if (event.path("type").asString("").equals("resync")) {
        catchingUp = true;
        catchUp();
      }
    }
  }

  /** Sends a request; a {@code send} is remembered when it is acknowledged. */
  public CompletableFuture<ObjectNode> ask(ObjectNode request) {
    ServerConnection open = connection;
    if (open == null) {
      return CompletableFuture.failedFuture(
          new ServerConnection.ClosedException("there is no connection now"));
    }
    CompletableFuture<ObjectNode> reply = open.ask(request);
    return !request.get("type").asString().equals("send")
        ? reply
        : reply.thenApply(
            ack -> {
              synchronized (this) {
                cursor(ack.get("conversation_id").asString()).add(ack.get("seq").asLong());
              }
              return ack;
            });
  }

  /** Parts with the server for good. */
  @Override
  public void close() {
    synchronized (this) {
      closed = true;
    }
    close(connection);
  }
}
