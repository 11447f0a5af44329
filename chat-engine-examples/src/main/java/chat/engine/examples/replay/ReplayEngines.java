package chat.engine.examples.replay;

import chat.engine.ChatEngine;
import chat.engine.ChatException;
import chat.engine.ChatListener;
import chat.engine.ChatSession;
import chat.engine.ClientMessageId;
import chat.engine.ConversationId;
import chat.engine.DeviceId;
import chat.engine.HistoryQuery;
import chat.engine.Message;
import chat.engine.MessagePage;
import chat.engine.NewMessage;
import chat.engine.UserId;
import chat.engine.event.ChatEvent;
import chat.engine.event.MessageReceived;
import chat.engine.event.Resync;
import chat.engine.examples.local.LocalServers;
import chat.engine.postgres.PostgresMessageStore;
import chat.engine.redis.RedisRouter;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;

/** Two engines in this process, on their own PostgreSQL and Redis. Thread-safe. */
public final class ReplayEngines implements ReplayTarget {
  private final LocalServers servers;
  private final boolean killRedis;
  private final List<ChatEngine> nodes;
  private final AtomicInteger users = new AtomicInteger();

  public ReplayEngines(boolean killRedis) {
    this.servers = LocalServers.start();
    this.killRedis = killRedis;
    this.nodes = List.of(node(), node());
  }

  private ChatEngine node() {
    return ChatEngine.builder()
        .store(PostgresMessageStore.open(servers.postgresUrl(), "postgres", ""))
        .router(RedisRouter.open(servers.redisUrl()))
        .build();
  }

  @Override
  public void awaitReady() {} // an engine that is built is ready

  @Override
  public ReplayUser join(String nick, Listener listener) {
    return new User(
        nodes
            .get(users.getAndIncrement() % nodes.size())
            .connect(
                UserId.of(nick),
                DeviceId.of("replay"),
                ChatListener.of(event -> tell(listener, event)))
            .join());
  }

  private static void tell(Listener listener, ChatEvent event) {
    if (event instanceof MessageReceived received) {
      listener.live(message(received.message()));
    } else if (event instanceof Resync) {
      listener.resync();
    }
  }

  private static ReplayMessage message(Message message) {
    return new ReplayMessage(
        message.seq(), message.id().value(), message.clientMessageId().value());
  }

  @Override
  public ConversationId createGroup(String name, List<ReplayUser> members) {
    ChatSession owner = ((User) members.get(0)).session();
    return owner
        .createGroup(
            name,
            members.stream().map(member -> UserId.of(member.name())).collect(Collectors.toSet()))
        .join()
        .id();
  }

  @Override
  public void breakIt() {
    if (killRedis) {
      System.out.println("  killing Redis");
      servers.killRedis();
    }
  }

  @Override
  public void mendIt() {
    if (killRedis) {
      System.out.println("  starting Redis again, empty");
      servers.startRedis();
    }
  }

  @Override
  public void close() {
    nodes.forEach(ChatEngine::close);
    servers.close();
  }

  private record User(ChatSession session) implements ReplayUser {
    @Override
    public String name() {
      return session.user().value();
    }

    @Override
    public CompletableFuture<ReplayMessage> send(
        ConversationId group, String clientMessageId, String text) {
      NewMessage message = NewMessage.text(ClientMessageId.of(clientMessageId), text);
      return session
          .send(group, message)
          .thenApply(ack -> new ReplayMessage(ack.seq(), ack.messageId().value(), clientMessageId))
          .exceptionallyCompose(fault -> CompletableFuture.failedFuture(translated(fault)));
    }

    private static Throwable translated(Throwable fault) {
      Throwable cause = fault instanceof CompletionException ? fault.getCause() : fault;
      if (cause instanceof ChatException refusal) {
        switch (refusal.code()) {
          case BUSY, UNAVAILABLE -> {
            return new NotNowException(String.valueOf(refusal.getMessage()));
          }
          default -> {}
        }
      }
      return fault;
    }

    @Override
    public Page history(ConversationId group, long after) {
      MessagePage page =
          session.history(group, HistoryQuery.after(after).limit(HistoryQuery.MAX_LIMIT)).join();

      return new Page(
          page.messages().stream().map(ReplayEngines::message).toList(), page.hasMore());
    }

    @Override
    public void close() {
      session.close();
    }
  }
}
