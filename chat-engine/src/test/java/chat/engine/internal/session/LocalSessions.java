package chat.engine.internal.session;

import chat.engine.ChatListener;
import chat.engine.ChatSession;
import chat.engine.ClientMessageId;
import chat.engine.Conversation;
import chat.engine.ConversationChange;
import chat.engine.ConversationId;
import chat.engine.DeviceId;
import chat.engine.Message;
import chat.engine.MessageId;
import chat.engine.Role;
import chat.engine.UserId;
import chat.engine.event.ChatEvent;
import chat.engine.event.ConversationChanged;
import chat.engine.event.MessageReceived;
import chat.engine.hook.EngineTimings;
import chat.engine.internal.cluster.SoloRouter;
import chat.engine.internal.runtime.Metrics;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The sessions of a node without threads: the test plays the feeds, the store and, with {@link
 * #deliver}, the delivery pool. Thread-safe.
 */
public final class LocalSessions {
  public final Metrics metrics = new Metrics(EngineTimings.NONE, InstantSource.system());
  public final SessionRegistry registry =
      new SessionRegistry(Duration.ofSeconds(10), user -> CompletableFuture.completedFuture(null));
  public final SessionContext context;

  private static final int MOST_TURNS = 100_000;

  private final ConcurrentLinkedQueue<Runnable> turns = new ConcurrentLinkedQueue<>();
  private final AtomicLong numbers = new AtomicLong();

  public LocalSessions() {
    this(1 << 20);
  }

  public LocalSessions(int budgetBytes) {
    this(budgetBytes, null);
  }

  /**
   * @param delivery the delivery pool; null if {@link #deliver} is
   */
  public LocalSessions(int budgetBytes, @Nullable Executor delivery) {
    context =
        new SessionContext(
            budgetBytes,
            metrics,
            delivery == null ? turns::add : delivery,
            registry,
            new SoloRouter());
    context.wire(
        new SessionContext.Owner() {
          @Override
          public void refill(List<Session.Gap> gaps) {}

          @Override
          public ChatSession handle(Session session) {
            return TestHandle.of(session);
          }

          @Override
          public void closed(Session session) {}
        });
  }

  /** A session that is still loading its cursors. */
  public Client connect(UserId user) {
    return connect(user, event -> {});
  }

  /**
   * A session that is still loading its cursors.
   *
   * @param listener is told each event, when the client has noted it
   */
  public Client connect(UserId user, Consumer<ChatEvent> listener) {
    Client client = new Client();
    client.session =
        registry
            .add(
                user,
                home ->
                    new Session(
                        context,
                        numbers.incrementAndGet(),
                        home,
                        DeviceId.of("device"),
                        ChatListener.of(
                            event -> {
                              client.note(event);
                              listener.accept(event);
                            })))
            .session();
    return client;
  }

  /** Runs the turns of the delivery pool. */
  public void deliver() {
    int run = 0;
    for (Runnable turn = turns.poll(); turn != null; turn = turns.poll()) {
      turn.run();
      if (++run > MOST_TURNS) {
        throw new AssertionError("sessions queue up without end");
      }
    }
  }

  /** A session and what it was told. */
  public final class Client {
    private final List<ChatEvent> events = new ArrayList<>();
    private Session session;

    private synchronized void note(ChatEvent event) {
      events.add(event);
    }

    public Session session() {
      return session;
    }

    /** Its stream goes on behind these seqs, in conversations without changes. */
    public Client liveAt(Map<ConversationId, Long> seqs) {
      Cursors cursors = new Cursors();
      seqs.forEach((id, seq) -> cursors.put(id, seq, 0));
      return liveAt(cursors);
    }

    public Client liveAt(Cursors cursors) {
      session.endSync(cursors, () -> {});
      return this;
    }

    /** What it was told up to now. */
    public List<ChatEvent> events() {
      deliver();
      synchronized (this) {
        return List.copyOf(events);
      }
    }

    public <T extends ChatEvent> List<T> events(Class<T> type) {
      return events().stream().filter(type::isInstance).map(type::cast).toList();
    }

    /** The seqs of the messages that it was told. */
    public List<Long> seqs(ConversationId conversation) {
      return events(MessageReceived.class).stream()
          .map(MessageReceived::message)
          .filter(message -> message.conversation().equals(conversation))
          .map(Message::seq)
          .toList();
    }

    /** The revs of the changes that it was told; 0 for a creation. */
    public List<Long> revs(ConversationId conversation) {
      return events(ConversationChanged.class).stream()
          .filter(event -> event.conversation().id().equals(conversation))
          .map(event -> event.change() == null ? 0L : event.change().rev())
          .toList();
    }

    /** Messages as {@code m<seq>} and changes as {@code c<rev>}, in their order. */
    public List<String> story() {
      return events().stream()
          .map(
              event -> {
                if (event instanceof MessageReceived received) {
                  return "m" + received.message().seq();
                }
                if (event instanceof ConversationChanged changed) {
                  return "c" + (changed.change() == null ? 0 : changed.change().rev());
                }
                return event.getClass().getSimpleName();
              })
          .toList();
    }
  }

  // ---- samples

  public static Message message(ConversationId conversation, long seq, UserId from) {
    return new Message(
        conversation,
        MessageId.of(1_000 + seq),
        seq,
        from,
        ClientMessageId.of(from.value() + "-" + seq),
        "message " + seq,
        null,
        List.of(),
        null,
        Instant.EPOCH);
  }

  public static ConversationChange added(Conversation group, long rev, long atSeq, UserId... who) {
    return change(group, rev, atSeq, ConversationChange.Kind.ADDED, who);
  }

  public static ConversationChange removed(
      Conversation group, long rev, long atSeq, UserId... who) {
    return change(group, rev, atSeq, ConversationChange.Kind.REMOVED, who);
  }

  public static ConversationChange renamed(Conversation group, long rev, long atSeq, String name) {
    return new ConversationChange(
        group.id(),
        rev,
        atSeq,
        ConversationChange.Kind.RENAMED,
        UserId.of("admin"),
        List.of(),
        null,
        Objects.requireNonNull(name),
        Instant.EPOCH);
  }

  private static ConversationChange change(
      Conversation group, long rev, long atSeq, ConversationChange.Kind kind, UserId... who) {
    return new ConversationChange(
        group.id(),
        rev,
        atSeq,
        kind,
        UserId.of("admin"),
        List.of(who),
        kind == ConversationChange.Kind.ADDED ? Role.MEMBER : null,
        null,
        Instant.EPOCH);
  }
}
