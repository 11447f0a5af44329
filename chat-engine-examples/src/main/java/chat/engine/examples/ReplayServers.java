package chat.engine.examples;

import chat.engine.ConversationId;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Running chat-servers, over REST and WebSocket. A user whose connection ends comes back on the
 * next server and catches up with {@code sync}, as a good client does. Thread-safe.
 */
final class ReplayServers implements ReplayTarget {
  private static final int PAGE = 100;
  private static final int MAX_RETURN_MILLIS = 1_000;

  private final HttpClient http = HttpClient.newHttpClient();
  private final String run = UUID.randomUUID().toString().substring(0, 6);
  private final List<ServerNode> nodes = new ArrayList<>();
  private final List<AutoCloseable> owned = new ArrayList<>();
  private final AtomicInteger users = new AtomicInteger();
  private final AtomicInteger returns = new AtomicInteger();
  private final @Nullable ServerProcess toKill;

  private ReplayServers(@Nullable ServerProcess toKill) {
    this.toKill = toKill;
  }

  /**
   * Servers that run already, all on one database.
   *
   * @param issuerSecret as for {@link ServerApi}
   */
  static ReplayServers running(List<URI> urls, @Nullable String issuerSecret)
      throws IOException, InterruptedException {
    ReplayServers target = new ReplayServers(null);
    for (URI url : urls) {
      target.nodes.add(ServerNode.connect(target.http, url, issuerSecret, 0));
    }
    return target;
  }

  /** Two processes of the jar, on a PostgreSQL and a Redis of their own. */
  static ReplayServers started(Path jar, boolean killNode)
      throws IOException, InterruptedException {
    LocalServers servers = LocalServers.start();
    try {
      ServerProcesses processes = ServerProcesses.start(jar, servers, 2);
      ReplayServers target = new ReplayServers(killNode ? processes.processes().get(1) : null);
      target.owned.addAll(List.of(processes, servers));
      target.nodes.addAll(processes.nodes());
      return target;
    } catch (IOException | InterruptedException | RuntimeException fault) {
      servers.close();
      throw fault;
    }
  }

  @Override
  public void awaitReady() throws IOException, InterruptedException {
    for (ServerNode node : nodes) {
      node.api().awaitReady();
    }
  }

  @Override
  public ReplayUser join(String nick, Listener listener) {
    int number = users.getAndIncrement();
    // what IRC allows in a nick is more than what a username may have
    String plain = nick.replaceAll("[^\\p{L}\\p{N}._-]", "_");
    String name =
        plain.substring(0, Math.min(20, plain.length())) + "-" + run + Integer.toHexString(number);
    User user = new User(name, number % nodes.size(), listener);
    user.connect().join();
    return user;
  }

  @Override
  public ConversationId createGroup(String name, List<ReplayUser> members) {
    User owner = (User) members.get(0);
    ObjectNode request = ServerApi.object().put("type", "create_group").put("name", name + run);
    ArrayNode others = request.putArray("members");
    try {
      for (ReplayUser member : members) {
        if (member != owner) {
          nodes.get(0).api().addContact(owner.token, member.name());
          others.add(member.name());
        }
      }
    } catch (IOException fault) {
      throw new UncheckedIOException(fault);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", interrupted);
    }
    ConversationId group =
        ConversationId.parse(owner.ask(request).join().get("conversation_id").asString());
    members.forEach(member -> ((User) member).group = group);
    return group;
  }

  @Override
  public void breakIt() {
    if (toKill != null) {
      System.out.println("  killing a server with -9");
      toKill.kill();
    }
  }

  @Override
  public void mendIt() {
    if (toKill != null) {
      System.out.println("  starting it again");
      toKill.restart();
    }
  }

  @Override
  public void close() {
    if (returns.get() > 0) {
      System.out.println("  connections made again: " + returns);
    }
    for (AutoCloseable part : owned) {
      try {
        part.close();
      } catch (Exception fault) {
        System.err.println("could not be stopped: " + fault);
      }
    }
  }

  private static ReplayMessage message(JsonNode json) {
    return new ReplayMessage(
        json.get("seq").asLong(),
        Long.parseLong(json.get("message_id").asString()),
        json.path("client_message_id").asString(""));
  }

  private static Executor afterMillis(long millis) {
    return CompletableFuture.delayedExecutor(millis, TimeUnit.MILLISECONDS);
  }

  private final class User implements ReplayUser {
    private final String name;
    private final Listener listener;
    private int node;
    private volatile String token = "";
    private volatile @Nullable ConversationId group;
    private volatile @Nullable ServerConnection connection;
    private volatile boolean gone;
    private boolean catchingUp;
    private final List<ReplayMessage> meanwhile = new ArrayList<>();

    User(String name, int node, Listener listener) {
      this.name = name;
      this.node = node;
      this.listener = listener;
    }

    @Override
    public String name() {
      return name;
    }

    CompletableFuture<Void> connect() {
      ServerNode to = nodes.get(node % nodes.size());
      try {
        token = to.api().enter(name);
      } catch (IOException away) {
        return CompletableFuture.failedFuture(away);
      } catch (InterruptedException interrupted) {
        Thread.currentThread().interrupt();
        return CompletableFuture.failedFuture(interrupted);
      }
      synchronized (this) {
        catchingUp = group != null;
        meanwhile.clear();
      }
      return ServerConnection.open(http, to.socket(), token, "replay", this::event, this::lost)
          .thenCompose(
              open -> {
                connection = open;
                return catchUp();
              });
    }

    private void lost(String reason) {
      connection = null;
      if (!gone) {
        comeBack();
      }
    }

    /** On the next server, after a random while: all come at once otherwise. */
    private void comeBack() {
      node++;
      afterMillis(ThreadLocalRandom.current().nextInt(MAX_RETURN_MILLIS))
          .execute(
              () ->
                  connect()
                      .whenComplete(
                          (done, fault) -> {
                            if (fault == null) {
                              returns.incrementAndGet();
                            } else if (!gone && connection == null) {
                              comeBack();
                            }
                          }));
    }

    /** Asks for what was missed; live messages wait until it is there. */
    private CompletableFuture<Void> catchUp() {
      ConversationId conversation = group;
      if (conversation == null) {
        return CompletableFuture.completedFuture(null);
      }
      listener.reconnected();
      long known = listener.seenWithoutGap();
      ObjectNode request = ServerApi.object().put("type", "sync");
      request.putObject("cursors").putObject(conversation.toString()).put("seq", known);
      return ask(request)
          .thenCompose(
              reply -> {
                for (JsonNode state : reply.get("conversations")) {
                  if (state.get("conversation_id").asString().equals(conversation.toString())) {
                    long last = known;
                    for (JsonNode missed : state.path("missed")) {
                      listener.caughtUp(message(missed));
                      last = missed.get("seq").asLong();
                    }
                    return pageTo(conversation, last, state.get("last_seq").asLong());
                  }
                }
                return CompletableFuture.completedFuture(known);
              })
          .thenAccept(this::caughtUp);
    }

    private CompletableFuture<Long> pageTo(ConversationId conversation, long from, long to) {
      if (from >= to) {
        return CompletableFuture.completedFuture(to);
      }
      return ask(historyRequest(conversation, from))
          .thenCompose(
              reply -> {
                long last = from;
                for (JsonNode missed : reply.get("messages")) {
                  last = missed.get("seq").asLong();
                  if (last <= to) {
                    listener.caughtUp(message(missed));
                  }
                }
                return pageTo(conversation, last, to);
              });
    }

    private synchronized void caughtUp(long upTo) {
      meanwhile.stream().filter(message -> message.seq() > upTo).forEach(listener::live);
      meanwhile.clear();
      catchingUp = false;
    }

    private synchronized void event(ObjectNode event) {
      switch (event.path("type").asString("")) {
        case "message" -> {
          if (catchingUp) {
            meanwhile.add(message(event));
          } else {
            listener.live(message(event));
          }
        }
        case "resync" -> listener.resync();
        default -> {}
      }
    }

    CompletableFuture<ObjectNode> ask(ObjectNode request) {
      ServerConnection open = connection;
      return open == null
          ? CompletableFuture.failedFuture(new ServerConnection.ClosedException("not connected"))
          : open.ask(request);
    }

    @Override
    public CompletableFuture<ReplayMessage> send(
        ConversationId conversation, String clientMessageId, String text) {
      ObjectNode request =
          ServerApi.object()
              .put("type", "send")
              .put("conversation_id", conversation.toString())
              .put("client_message_id", clientMessageId)
              .put("text", text);
      return ask(request)
          .thenApply(
              ack -> new ReplayMessage(message(ack).seq(), message(ack).id(), clientMessageId))
          .exceptionallyCompose(fault -> CompletableFuture.failedFuture(translated(fault)));
    }

    private static Throwable translated(Throwable fault) {
      Throwable cause = fault instanceof CompletionException ? fault.getCause() : fault;
      if (cause instanceof ServerConnection.ClosedException closed) {
        return new NotNowException(String.valueOf(closed.getMessage()));
      }
      if (cause instanceof ServerApi.RefusedException refusal) {
        return switch (refusal.code()) {
          case "busy", "unavailable", "rate_limited" ->
              new NotNowException(String.valueOf(refusal.getMessage()));
          default -> refusal;
        };
      }
      return fault;
    }

    private static ObjectNode historyRequest(ConversationId conversation, long after) {
      return ServerApi.object()
          .put("type", "history")
          .put("conversation_id", conversation.toString())
          .put("after", after)
          .put("limit", PAGE);
    }

    @Override
    public Page history(ConversationId conversation, long after) {
      ObjectNode reply = ask(historyRequest(conversation, after)).join();
      List<ReplayMessage> messages = new ArrayList<>();
      reply.get("messages").forEach(json -> messages.add(message(json)));
      return new Page(messages, reply.get("has_more").asBoolean());
    }

    @Override
    public void close() {
      gone = true;
      ServerConnection open = connection;
      if (open != null) {
        open.close();
      }
    }
  }
}
