package chat.engine.internal.conversation;

import static org.assertj.core.api.Assertions.assertThat;

import chat.engine.ClientMessageId;
import chat.engine.Conversation;
import chat.engine.ConversationChange;
import chat.engine.ConversationId;
import chat.engine.Message;
import chat.engine.MessageEdit;
import chat.engine.MessageId;
import chat.engine.UserId;
import chat.engine.spi.ConversationStore;
import chat.engine.spi.ConversationStore.Found;
import chat.engine.spi.Draft;
import java.lang.reflect.Proxy;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class ConversationDirectoryTest {
  private static final UserId ADA = UserId.of("ada");
  private final Map<ConversationId, Found> stored = new HashMap<>();
  private final List<Collection<ConversationId>> asked = new ArrayList<>();

  /** Done while the store is asked. */
  private Runnable meanwhile = () -> {};

  private final ConversationDirectory directory = new ConversationDirectory(playedStore());

  @SuppressWarnings("unchecked")
  private ConversationStore playedStore() {
    return (ConversationStore)
        Proxy.newProxyInstance(
            getClass().getClassLoader(),
            new Class<?>[] {ConversationStore.class},
            (proxy, method, arguments) -> {
              assertThat(method.getName()).isEqualTo("find");
              Collection<ConversationId> ids = (Collection<ConversationId>) arguments[0];
              asked.add(List.copyOf(ids));
              Map<ConversationId, Found> found = new HashMap<>(stored);
              found.keySet().retainAll(ids);
              meanwhile.run();
              return found;
            });
  }

  private static ConversationId id(long value) {
    return ConversationId.of(value);
  }

  private static Conversation group(long id, String name) {
    return Conversation.group(id(id), name, Instant.EPOCH);
  }

  private void store(long id, String name, long rev) {
    stored.put(id(id), new Found(group(id, name), rev, 0));
  }

  @Test
  void theStoreIsAskedOnceForWhatIsNotRemembered() {
    store(1, "one", 0);
    store(2, "two", 0);
    assertThat(directory.recall(id(1))).isNull();
    assertThat(directory.lookUp(id(1)).conversation()).isEqualTo(group(1, "one"));
    assertThat(directory.lookUp(List.of(id(1), id(2), id(3))).keySet())
        .containsExactlyInAnyOrder(id(1), id(2));
    assertThat(directory.lookUp(List.of(id(1), id(2)))).hasSize(2);
    assertThat(directory.lookUp(id(3))).isNull();
    assertThat(asked).containsExactly(List.of(id(1)), List.of(id(2), id(3)), List.of(id(3)));
  }

  @Test
  void onlyLaterNewsChangesWhatIsRemembered() {
    directory.refresh(group(1, "first"), 2);
    directory.refresh(group(1, "older"), 1);
    directory.refresh(group(1, "same"), 2);
    assertThat(directory.recall(id(1)).conversation().name()).isEqualTo("first");
    directory.refresh(group(1, "later"), 3);
    assertThat(directory.recall(id(1)).conversation().name()).isEqualTo("later");
    assertThat(directory.remember(group(1, "latest"), 4).conversation().name()).isEqualTo("latest");
  }

  /** Who edits a message may not have heard of the rename before it. */
  @Test
  void aChangeOfAMessageSaysNothingOfTheConversation() {
    Message edited =
        new Message(
                id(1),
                MessageId.of(9),
                1,
                UserId.of("ada"),
                ClientMessageId.of("c"),
                "text",
                null,
                List.of(),
                null,
                Instant.EPOCH)
            .edited(MessageEdit.text("edited"), 3, Instant.EPOCH);
    directory.refresh(group(1, "first"), 1);
    directory.follow(
        group(1, "first"),
        ConversationChange.ofMessage(
            edited, ConversationChange.Kind.MESSAGE_EDITED, 1, UserId.of("ada"), Instant.EPOCH));
    directory.refresh(group(1, "renamed"), 2);
    assertThat(directory.recall(id(1)).conversation().name()).isEqualTo("renamed");
  }

  @Test
  void whatTheStoreSaidIsNotLostToSomebodyWhoRememberedLess() {
    store(1, "new", 5);
    meanwhile = () -> directory.remember(group(1, "old"), 4);
    assertThat(directory.lookUp(id(1)).conversation().name()).isEqualTo("new");
    assertThat(directory.recall(id(1)).conversation().name()).isEqualTo("new");
  }

  @Test
  void sendersAreKnownUnderTheRevTheyWereVerifiedAt() {
    ConversationDirectory.Entry entry = directory.remember(group(1, "one"), 0);
    assertThat(entry.verifiedRev(ADA)).isEqualTo(Draft.UNVERIFIED);
    entry.verified(ADA, 3);
    assertThat(entry.verifiedRev(ADA)).isEqualTo(3);
    entry.verified(UserId.of("bob"), 3);
    assertThat(entry.verifiedRev(UserId.of("bob"))).isEqualTo(3);
    entry.verified(UserId.of("cleo"), 2);
    assertThat(entry.verifiedRev(UserId.of("cleo"))).as("older").isEqualTo(Draft.UNVERIFIED);
    entry.verified(UserId.of("cleo"), 4);
    assertThat(entry.verifiedRev(ADA)).as("the membership changed").isEqualTo(Draft.UNVERIFIED);
    assertThat(entry.verifiedRev(UserId.of("cleo"))).isEqualTo(4);
  }

  @Test
  void theSendersThatAreRememberedAreBounded() {
    ConversationDirectory.Entry entry = directory.remember(group(1, "one"), 0);
    for (int i = 0; i < 4_096; i++) {
      entry.verified(UserId.of("u" + i), 1);
    }
    assertThat(entry.verifiedRev(UserId.of("u0"))).isEqualTo(1);
    entry.verified(ADA, 1);
    assertThat(entry.verifiedRev(UserId.of("u0"))).isEqualTo(Draft.UNVERIFIED);
    assertThat(entry.verifiedRev(ADA)).isEqualTo(1);
  }

  @Test
  void whatIsInUseIsKeptAndWhatIsNotIsForgotten() {
    int generation = 65_536;
    directory.remember(group(1, "used"), 0);
    directory.remember(group(2, "unused"), 0);
    for (int i = 0; i < 2 * generation + 10; i++) {
      directory.remember(group(10 + i, "g"), 0);
      directory.recall(id(1));
    }
    assertThat(directory.recall(id(1))).isNotNull();
    assertThat(directory.recall(id(2))).isNull();
    assertThat(directory.recall(id(10 + 2 * generation))).isNotNull();
  }
}
