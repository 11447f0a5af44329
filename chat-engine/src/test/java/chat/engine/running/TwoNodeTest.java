package chat.engine.running;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import chat.engine.ChatEngine;
import chat.engine.ChatException;
import chat.engine.ChatSession;
import chat.engine.ConversationChange;
import chat.engine.DeviceId;
import chat.engine.EngineBuilder;
import chat.engine.ErrorCode;
import chat.engine.UserId;
import chat.engine.event.ChatEvent;
import chat.engine.event.ConversationChanged;
import chat.engine.event.MessageChanged;
import chat.engine.event.ReactionChanged;
import chat.engine.memory.InMemoryMessageStore;
import chat.engine.memory.InMemoryRouter;
import chat.engine.spi.MessageStore;
import chat.engine.spi.Router;
import chat.engine.testkit.RecordingListener;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/**
 * Tests of engines on two nodes, called north and south, that share a store and a network in
 * memory; and what such tests say again and again.
 */
public abstract class TwoNodeTest {
  protected static final UserId ADA = UserId.of("ada");
  protected static final UserId BOB = UserId.of("bob");
  protected static final UserId CLEO = UserId.of("cleo");
  protected static final UserId DAN = UserId.of("dan");

  protected final InMemoryMessageStore store = new InMemoryMessageStore();
  protected final InMemoryRouter.Network network = new InMemoryRouter.Network();

  /** By which south can be cut off, without being told of it. */
  protected final InMemoryRouter southRouter = network.join();

  private final List<ChatEngine> engines = new ArrayList<>();
  protected ChatEngine north;
  protected ChatEngine south;

  /** The store as one more node sees it. */
  protected MessageStore openStore() {
    return store;
  }

  /** What both nodes have. */
  protected EngineBuilder settings(EngineBuilder settings) {
    return settings;
  }

  /** What north has that south has not. */
  protected EngineBuilder northSettings(EngineBuilder settings) {
    return settings;
  }

  @BeforeEach
  protected final void start() {
    north = node(network.join(), settings -> northSettings(settings(settings)));
    south = node(southRouter, this::settings);
  }

  @AfterEach
  protected final void close() {
    engines.forEach(ChatEngine::close);
    closed();
  }

  /** The engines are closed. */
  protected void closed() {}

  /** One more node, which is closed with the others. */
  protected final ChatEngine node(
      MessageStore opened, Router router, UnaryOperator<EngineBuilder> settings) {
    ChatEngine engine = settings.apply(ChatEngine.builder().store(opened).router(router)).build();
    engines.add(engine);
    return engine;
  }

  protected final ChatEngine node(Router router, UnaryOperator<EngineBuilder> settings) {
    return node(openStore(), router, settings);
  }

  protected final ChatEngine node(Router router) {
    return node(router, settings -> settings);
  }

  protected static <T> T get(CompletableFuture<T> future) {
    return future.join();
  }

  protected static ChatSession connect(ChatEngine node, UserId user, RecordingListener listener) {
    return get(node.connect(user, DeviceId.of("d"), listener));
  }

  protected static RecordingListener connect(ChatEngine node, UserId user) {
    RecordingListener listener = new RecordingListener();
    connect(node, user, listener);
    return listener;
  }

  /** With what a call failed. */
  protected static ChatException refusal(CompletableFuture<?> call) {
    ChatException[] found = new ChatException[1];
    assertThatThrownBy(call::join)
        .isInstanceOf(CompletionException.class)
        .cause()
        .isInstanceOfSatisfying(ChatException.class, refusal -> found[0] = refusal);
    return found[0];
  }

  protected static void assertRefused(CompletableFuture<?> call, ErrorCode code) {
    ChatException refusal = refusal(call);
    assertThat(refusal.code()).isEqualTo(code);
    assertThat(refusal.inDoubt()).isFalse();
  }

  /** With what a call failed, or null if it did not. */
  protected static @Nullable ChatException outcome(CompletableFuture<?> call) {
    return call.handle(
            (done, fault) ->
                fault == null
                    ? null
                    : (ChatException)
                        (fault instanceof CompletionException ? fault.getCause() : fault))
        .join();
  }

  /** The changes of conversations that a listener was told. */
  protected static List<ConversationChange> changes(RecordingListener listener) {
    return listener.events(ConversationChanged.class).stream()
        .map(ConversationChanged::change)
        .filter(Objects::nonNull)
        .toList();
  }

  /** All entries of the logs that a listener was told, those of messages too. */
  protected static List<ConversationChange> logged(RecordingListener listener) {
    List<ConversationChange> entries = new ArrayList<>();
    for (ChatEvent event : listener.events()) {
      if (event instanceof ReactionChanged changed) {
        entries.add(changed.change());
      } else if (event instanceof MessageChanged changed) {
        entries.add(changed.change());
      } else if (event instanceof ConversationChanged changed && changed.change() != null) {
        entries.add(changed.change());
      }
    }
    return entries;
  }

  /** What a listener was told of the only conversation that changed came by rev, each once. */
  protected static void assertInOneOrder(RecordingListener listener) {
    assertThat(logged(listener))
        .extracting(ConversationChange::rev)
        .isSorted()
        .doesNotHaveDuplicates();
  }
}
