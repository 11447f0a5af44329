package chat.engine.internal.user;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import chat.engine.ClientMessageId;
import chat.engine.Conversation;
import chat.engine.ConversationChange;
import chat.engine.ConversationId;
import chat.engine.Message;
import chat.engine.MessageId;
import chat.engine.UserId;
import chat.engine.event.ReceiptMoved;
import chat.engine.internal.conversation.Announcer;
import chat.engine.internal.conversation.ConversationDirectory;
import chat.engine.internal.runtime.StoreThreads;
import chat.engine.internal.session.Session;
import chat.engine.internal.session.SessionRegistry;
import chat.engine.memory.InMemoryMessageStore;
import chat.engine.spi.ConversationStore.Receipt;
import chat.engine.spi.Draft;
import chat.engine.spi.UserReplacements.Kind;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
final class UserReplacerTest {
  private static final UserId ADA = UserId.of("ada");
  private static final UserId BOB = UserId.of("bob");
  private static final UserId GONE = UserId.of("gone");
  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
  private static final ConversationId TALK = ConversationId.of(7);

  private final InMemoryMessageStore store = new InMemoryMessageStore();
  private final StoreThreads threads = new StoreThreads(2, 100);
  private final List<ConversationChange> announced = new CopyOnWriteArrayList<>();
  private final List<UserId> ended = new CopyOnWriteArrayList<>();
  private final UserReplacer replacer =
      new UserReplacer(
          store,
          new ConversationDirectory(store.conversations()),
          new Announced(),
          InstantSource.fixed(NOW),
          threads,
          new SessionRegistry(
              Duration.ofSeconds(1), user -> CompletableFuture.completedFuture(null)),
          ended::add);

  private final class Announced implements Announcer {
    @Override
    public void created(Conversation conversation, Collection<UserId> members) {}

    @Override
    public void changed(Conversation conversation, List<ConversationChange> changes) {
      announced.addAll(changes);
    }

    @Override
    public void receiptMoved(
        Conversation conversation, long membersRev, ReceiptMoved moved, @Nullable Session except) {}

    @Override
    public void ownRead(
        Conversation conversation, long membersRev, ReceiptMoved read, @Nullable Session except) {}

    @Override
    public void preferencesChanged(
        Conversation conversation, long membersRev, Receipt member, @Nullable Session except) {}
  }

  @AfterEach
  void close() {
    threads.close();
  }

  @Test
  void whatNobodyWorksOnIsTakenOverWithoutACall() {
    Conversation talk = store.conversations().openDirect(TALK, ADA, BOB, NOW);
    store.append(
        List.of(
            new Draft(
                MessageId.of(9),
                talk.id(),
                ADA,
                ClientMessageId.of("c"),
                1,
                "text",
                null,
                List.of(),
                null,
                NOW,
                Draft.UNVERIFIED)),
        Duration.ZERO);
    var unused = store.replacements().begin(Kind.ERASE, ADA, GONE, NOW);

    replacer.takeOver(Duration.ofHours(1));
    assertThat(ended).as("somebody works on it").isEmpty();
    replacer.takeOver(Duration.ZERO);

    await().until(() -> store.replacements().isDone(Kind.ERASE, ADA));
    assertThat(store.before(TALK, 2, 1)).extracting(Message::from).containsExactly(GONE);
    assertThat(announced)
        .extracting(ConversationChange::kind)
        .containsExactly(
            ConversationChange.Kind.PEER_REPLACED, ConversationChange.Kind.MESSAGE_DELETED);
    await().until(() -> ended.size() == 2); // in front, and at the end
    replacer.takeOver(Duration.ZERO);
    assertThat(ended).hasSize(2);
  }
}
