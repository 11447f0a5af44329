package chat.engine.contract;

import static org.assertj.core.api.Assertions.assertThat;

import chat.engine.Conversation;
import chat.engine.ConversationChange;
import chat.engine.ConversationChange.Kind;
import chat.engine.ConversationId;
import chat.engine.Emoji;
import chat.engine.GroupKey;
import chat.engine.GroupUpdate;
import chat.engine.HistoryAccess;
import chat.engine.Role;
import chat.engine.UserId;
import chat.engine.spi.AppendOutcome.NoSuchMessage;
import chat.engine.spi.ConversationStore;
import chat.engine.spi.ConversationStore.Change;
import chat.engine.spi.ConversationStore.Membership;
import chat.engine.spi.MessageStore;
import chat.engine.spi.MessageStore.Reading;
import chat.engine.spi.Write;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Groups whose members read what was sent after they joined. */
interface HistoryAccessContract extends StoreTests {
  private static Change set(HistoryAccess history) {
    return new Change(
        Kind.UPDATED, List.of(), null, null, null, GroupUpdate.of().withHistory(history), null);
  }

  private Conversation found(ConversationId group) {
    return chat().anotherNode().conversations().find(List.of(group)).get(group).conversation();
  }

  private long readableAfter(ConversationId group, UserId user) {
    MessageStore node = chat().anotherNode();
    long after = node.conversations().readableAfter(user, List.of(group)).get(group);
    List<Membership> memberships = node.conversations().memberships(user, List.of(group));
    assertThat(memberships).extracting(Membership::readableAfter).containsExactly(after);
    assertThat(node.conversations().memberships(user)).containsAll(memberships);
    Map<Reading, ?> read =
        node.read(List.of(new Reading(user, group, after), new Reading(user, group, after + 1)));
    assertThat(read.keySet()).noneMatch(reading -> reading.seq() == after);
    return after;
  }

  @Test
  default void theSettingIsKeptAndLogged() {
    UserId ada = chat().user("ada");
    ConversationId group = chat().group(ada);
    assertThat(found(group).history()).isEqualTo(HistoryAccess.ALL);
    for (HistoryAccess history :
        List.of(HistoryAccess.JOINED, HistoryAccess.ALL, HistoryAccess.JOINED)) {
      List<ConversationChange> made = chat().change(group, set(history));
      assertThat(found(group).history()).isEqualTo(history);
      assertThat(chat().anotherNode().conversations().changes(group, made.get(0).rev() - 1, 9))
          .isEqualTo(made);
    }
    chat().change(group, StoreFixture.renamed("another"));
    assertThat(found(group).history()).isEqualTo(HistoryAccess.JOINED);

    ConversationStore.Key key =
        new ConversationStore.Key(ada, GroupKey.of("key-" + chat().drafts().id()));
    Conversation proposed =
        Conversation.group(chat().drafts().conversationId(), "g", chat().drafts().now())
            .withHistory(HistoryAccess.JOINED);
    chat().conversations().ensureGroup(key, proposed, Map.of(ada, Role.MEMBER));
    assertThat(found(proposed.id())).isEqualTo(proposed);
  }

  @Test
  default void itDecidesWhatMembersReadAsItIsNow() {
    UserId ada = chat().user("ada");
    UserId bob = chat().user("bob");
    ConversationId group = chat().group(ada);
    chat().send(group, ada, 3);
    chat().change(group, StoreFixture.added(bob));
    chat().send(group, ada, 2);
    assertThat(readableAfter(group, ada)).isZero();
    assertThat(readableAfter(group, bob)).isZero();
    chat().change(group, set(HistoryAccess.JOINED));
    assertThat(readableAfter(group, ada)).isZero();
    assertThat(readableAfter(group, bob)).isEqualTo(3);
    chat().change(group, StoreFixture.removed(bob));
    chat().change(group, StoreFixture.added(bob));
    assertThat(readableAfter(group, bob)).isEqualTo(5);
    chat().send(group, ada, 1);
    Reading hidden = new Reading(bob, group, 5);
    Reading shown = new Reading(bob, group, 6);
    Reading system = new Reading(UserId.SYSTEM, group, 1);
    assertThat(chat().anotherNode().read(List.of(hidden, shown, system)).keySet())
        .containsExactlyInAnyOrder(shown, system);
    chat().change(group, set(HistoryAccess.ALL));
    assertThat(readableAfter(group, bob)).isZero();
    assertThat(chat().anotherNode().read(List.of(hidden))).containsKey(hidden);
  }

  @Test
  default void whatAMemberCannotReadIsNoMessageToChange() {
    UserId ada = chat().user("ada");
    UserId bob = chat().user("bob");
    ConversationId group = chat().group(ada, bob);
    chat().send(group, bob, 2);
    chat().change(group, set(HistoryAccess.JOINED));
    chat().change(group, StoreFixture.removed(bob));
    chat().change(group, StoreFixture.added(bob));
    chat().change(group, StoreFixture.roleSet(bob, Role.ADMIN));
    chat().send(group, bob, 1);
    List<Write> hidden =
        List.of(
            chat().drafts().edit(group, 2, bob, "edited"),
            chat().drafts().deletion(group, 2, bob),
            chat().drafts().reaction(group, 2, bob, Emoji.of("👍")),
            chat().drafts().pin(group, 2, bob),
            chat().drafts().unpin(group, 2, bob));
    assertThat(chat().append(hidden)).containsOnly(new NoSuchMessage());
    for (Write write : hidden) {
      assertThat(chat().append(write)).isEqualTo(new NoSuchMessage());
    }
    assertThat(chat().append(chat().drafts().edit(group, 3, bob, "edited")))
        .isNotInstanceOf(NoSuchMessage.class);
    assertThat(chat().append(chat().drafts().edit(group, 2, UserId.SYSTEM, "edited")))
        .isNotInstanceOf(NoSuchMessage.class);
    assertThat(chat().append(chat().drafts().deletion(group, 1, ada)))
        .isNotInstanceOf(NoSuchMessage.class);
  }
}
