package chat.engine.examples.replay;

import chat.engine.ConversationId;
import chat.engine.examples.local.LocalServers;
import chat.engine.examples.server.ServerApi;
import chat.engine.examples.server.ServerConnection;
import chat.engine.examples.server.ServerNode;
import chat.engine.examples.server.ServerProcess;
import chat.engine.examples.server.ServerProcesses;
import chat.engine.examples.server.ServerSession;
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
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Running chat-servers, over REST and WebSocket. A user whose connection ends comes back on the
 * next server and catches up with {@code sync}, as a good client does. Thread-safe.
 */
public final class ReplayServers implements ReplayTarget {
  private static final int PAGE = 100;

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
  public static ReplayServers running(List<URI> urls, @Nullable String issuerSecret)
      throws IOException, InterruptedException {
    ReplayServers target = new ReplayServers(null);
    for (URI url : urls) {
      target.nodes.add(ServerNode.connect(target.http, url, issuerSecret, 0));
    }
    return target;
  }

  /** Two processes of the jar, on their own PostgreSQL and Redis. */
  public static ReplayServers started(Path jar, boolean killNode)
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
    user.session.connect().join();
    return user;
  }

  @Override
  public ConversationId createGroup(String name, List<ReplayUser> members) {
    User owner = (User) members.get(0);
    ObjectNode request = ServerApi.object().put("type", "create_group").put("name", name + run);
    ArrayNode others = request.putArray("members");
    try {
      String token = nodes.get(0).api().enter(owner.name());
      for (ReplayUser member : members) {
        if (member != owner) {
          nodes.get(0).api().addContact(token, member.name());
          others.add(member.name());
        }
      }
    } catch (IOException fault) {
      throw new UncheckedIOException(fault);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", interrupted);
    }
    return ConversationId.parse(
        owner.session.ask(request).join().get("conversation_id").asString());
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

  private static ReplayMessage numbered(JsonNode json) {
    return new ReplayMessage(
        json.get("seq").asLong(),
        Long.parseLong(json.get("message_id").asString()),
        json.path("client_message_id").asString(""));
  }

  private final class User implements ReplayUser, ServerSession.Listener {
    private final String name;
    private final Listener listener;
    private final ServerSession session;
    private boolean connected;

    User(String name, int node, Listener listener) {
      this.name = name;
      this.listener = listener;
      this.session = new ServerSession(http, nodes, node, api -> api.enter(name), "replay", this);
    }

    @Override
    public String name() {
      return name;
    }

    @Override
    public void message(ObjectNode message, boolean live) {
      if (live) {
        listener.live(numbered(message));
      } else {
        listener.caughtUp(numbered(message));
      }
    }

    @Override
    public void event(ObjectNode event) {
      if (event.path("type").asString("").equals("resync")) {
        listener.resync();
      }
    }

    @Override
    public void online(JsonNode conversations) {
      if (connected) {
        returns.incrementAndGet();
      }
      connected = true;
    }

    @Override
    public void offline(String reason, boolean again) {
      listener.disconnected();
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
      return session
          .ask(request)
          .thenApply(
              ack -> new ReplayMessage(numbered(ack).seq(), numbered(ack).id(), clientMessageId))
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

    @Override
    public Page history(ConversationId conversation, long after) {
      ObjectNode request =
          ServerApi.object()
              .put("type", "history")
              .put("conversation_id", conversation.toString())
              .put("after", after)
              .put("limit", PAGE);
      ObjectNode reply = session.ask(request).join();
      List<ReplayMessage> messages = new ArrayList<>();
      reply.get("messages").forEach(json -> messages.add(numbered(json)));
      return new Page(messages, reply.get("has_more").asBoolean());
    }

    @Override
    public void close() {
      session.close();
    }
  }
}
