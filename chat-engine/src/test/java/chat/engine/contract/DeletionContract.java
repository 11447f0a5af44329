package chat.engine.contract;

import static org.assertj.core.api.Assertions.assertThat;

import chat.engine.Conversation;
import chat.engine.ConversationChange;
import chat.engine.ConversationId;
import chat.engine.GroupKey;
import chat.engine.ReceiptKind;
import chat.engine.Role;
import chat.engine.UserId;
import chat.engine.spi.AppendOutcome;
import chat.engine.spi.ConversationStore;
import chat.engine.spi.ConversationStore.Changed;
import chat.engine.spi.ConversationStore.ReceiptMove;
import chat.engine.spi.ConversationStore.ReceiptOutcome;
import chat.engine.spi.Draft;
import chat.engine.spi.MessageStore;
import chat.engine.spi.MessageStore.Range;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A deleted conversation is gone from every view at once, and its messages soon after. */
interface DeletionContract extends StoreTests {

  private Optional<Changed> delete(ConversationId id) {
    return chat().conversations().delete(id, UserId.SYSTEM, chat().drafts().now());
  }

  private void eraseAll(ConversationId id, int limit) {
    while (chat().conversations().erase(id, limit)) {
      assertThat(chat().conversations().unerased(1_000)).contains(id);
    }
  }

  @Test
  default void aDeletedGroupIsGoneFromEveryView() {
    UserId ada = chat().user("ada");
    UserId bob = chat().user("bob");
    ConversationId group = chat().group(ada, bob);
    chat().send(group, ada, 5);
    chat().change(group, StoreFixture.renamed("last name"));
    Instant at = chat().drafts().now().plusSeconds(2);

    Changed deleted = chat().conversations().delete(group, UserId.SYSTEM, at).orElseThrow();

    assertThat(deleted.conversation().name()).isEqualTo("last name");
    assertThat(deleted.changes())
        .containsExactly(
            new ConversationChange(
                group,
                2,
                5,
                ConversationChange.Kind.DELETED,
                UserId.SYSTEM,
                List.of(),
                null,
                null,
                at));
    ConversationStore other = chat().anotherNode().conversations();
    assertThat(other.find(List.of(group))).isEmpty();
    assertThat(other.members(group)).isEmpty();
    assertThat(other.member(group, ada)).isEmpty();
    assertThat(other.memberships(ada)).isEmpty();
    assertThat(other.fellowMembers(ada, Set.of(bob))).isEmpty();
    assertThat(other.change(group, 2, List.of(StoreFixture.renamed("x")), ada, at)).isEmpty();
    assertThat(other.moveReceipts(List.of(new ReceiptMove(group, ada, ReceiptKind.READ, 1))))
        .containsExactly(ReceiptOutcome.NOT_MEMBER);
    assertThat(chat().anotherNode().lastSeqs(List.of(group))).isEmpty();
    assertThat(other.changes(group, 0, 10)).isEqualTo(deleted.changes());
    assertThat(other.changes(group, 2, 10)).isEmpty();
  }

  @Test
  default void nothingCanBeSentToADeletedConversation() {
    UserId ada = chat().user("ada");
    ConversationId group = chat().group(ada);
    Draft first = chat().drafts().text(group, ada, "first");
    chat().append(first);
    delete(group);

    assertThat(
            chat()
                .append(
                    List.of(
                        chat().drafts().draft(group, ada).verifiedRev(0).build(),
                        chat().drafts().text(group, UserId.SYSTEM, "late"),
                        chat().drafts().retryOf(first))))
        .containsOnly(new AppendOutcome.NoSuchConversation());
    assertThat(
            chat()
                .store()
                .append(
                    List.of(chat().drafts().text(group, UserId.SYSTEM, "late")),
                    Duration.ofSeconds(1)))
        .containsExactly(new AppendOutcome.NoSuchConversation());
  }

  @Test
  default void theMessagesAreTakenOutInStepsOfABoundedSize() {
    UserId ada = chat().user("ada");
    ConversationId group = chat().group(ada);
    ConversationId neighbour = chat().group(ada);
    chat().send(group, ada, 25);
    chat().send(neighbour, ada, 3);
    delete(group);

    eraseAll(group, 10);

    assertThat(chat().messages(group)).isEmpty();
    assertThat(chat().store().before(group, Long.MAX_VALUE, 10)).isEmpty();
    assertThat(chat().store().ranges(List.of(new Range(group, 0, 25, 10))).get(group)).isEmpty();
    assertThat(chat().conversations().unerased(1_000)).doesNotContain(group);
    assertThat(chat().conversations().erase(group, 10)).isFalse();
    assertThat(chat().messages(neighbour)).hasSize(3);
  }

  @Test
  default void whatWasNotDeletedIsNotErased() {
    UserId ada = chat().user("ada");
    ConversationId group = chat().group(ada);
    chat().send(group, ada, 3);

    assertThat(chat().conversations().erase(group, 10)).isFalse();

    assertThat(chat().messages(group)).hasSize(3);
  }

  @Test
  default void deletingAgainChangesNothing() {
    ConversationId group = chat().group(chat().user("ada"));
    Changed deleted = delete(group).orElseThrow();

    assertThat(delete(group)).isEmpty();
    assertThat(delete(chat().drafts().conversationId())).isEmpty();
    assertThat(chat().conversations().changes(group, 0, 10)).isEqualTo(deleted.changes());
  }

  @Test
  default void theTwoOfADeletedDirectConversationCanHaveAnother() {
    UserId ada = chat().user("ada");
    UserId bob = chat().user("bob");
    Conversation first = chat().direct(ada, bob);
    chat().send(first.id(), ada, 2);

    Changed deleted = delete(first.id()).orElseThrow();

    assertThat(deleted.conversation()).isEqualTo(first);
    assertThat(deleted.changes())
        .singleElement()
        .satisfies(
            change -> {
              assertThat(change.rev()).isEqualTo(1);
              assertThat(change.subjects()).containsExactly(ada, bob);
            });
    assertThat(chat().conversations().memberships(ada)).isEmpty();
    Conversation second = chat().direct(ada, bob);
    assertThat(second.id()).isNotEqualTo(first.id());
    assertThat(chat().messages(second.id())).isEmpty();
  }

  @Test
  default void theKeyOfADeletedGroupCanHaveAnother() {
    ConversationStore.Key key =
        new ConversationStore.Key(UserId.SYSTEM, GroupKey.of(chat().user("key").value()));
    Conversation first =
        Conversation.group(chat().drafts().conversationId(), "first", chat().drafts().now());
    Conversation second =
        Conversation.group(chat().drafts().conversationId(), "second", chat().drafts().now());
    chat().conversations().ensureGroup(key, first, Map.of(chat().user("ada"), Role.MEMBER));
    delete(first.id());

    assertThat(chat().conversations().find(key)).isEmpty();
    assertThat(chat().conversations().ensureGroup(key, second, Map.of())).isEqualTo(second);
  }

  @Test
  default void aDeletionIsTold() {
    UserId ada = chat().user("ada");
    ConversationId group = chat().group(ada);
    chat().send(group, ada, 2);
    MessageStore.Mark mark = chat().store().writesSince(null).mark();
    delete(group);

    assertThat(chat().anotherNode().writesSince(mark).revs()).containsEntry(group, 1L);
  }

  @Test
  @Tag(Together.TAG)
  default void sendsAndADeletionAtTheSameTimeLeaveNothingBehind() throws Exception {
    for (int round = 0; round < 5; round++) {
      UserId ada = chat().user("ada" + round);
      ConversationId group = chat().group(ada);
      List<MessageStore> nodes = List.of(chat().store(), chat().anotherNode());
      List<List<AppendOutcome>> outcomes =
          Together.run(
              4,
              task ->
                  () -> {
                    if (task == 0) {
                      delete(group);
                      return List.of();
                    }
                    List<AppendOutcome> own = new ArrayList<>();
                    for (int i = 0; i < 20; i++) {
                      own.addAll(
                          StoreFixture.appendWaiting(
                              nodes.get(task % 2),
                              List.of(chat().drafts().text(group, ada, "text"))));
                    }
                    return own;
                  });
      long stored =
          outcomes.stream()
              .flatMap(List::stream)
              .filter(AppendOutcome.Stored.class::isInstance)
              .count();

      assertThat(chat().conversations().changes(group, 0, 10))
          .singleElement()
          .satisfies(change -> assertThat(change.atSeq()).isEqualTo(stored));
      eraseAll(group, 7);
      assertThat(chat().messages(group)).isEmpty();
      assertThat(chat().append(chat().drafts().text(group, UserId.SYSTEM, "late")))
          .isInstanceOf(AppendOutcome.NoSuchConversation.class);
    }
  }
}
