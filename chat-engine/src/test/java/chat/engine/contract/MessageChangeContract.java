package chat.engine.contract;

import static org.assertj.core.api.Assertions.assertThat;

import chat.engine.ConversationChange;
import chat.engine.ConversationChange.Kind;
import chat.engine.ConversationId;
import chat.engine.Message;
import chat.engine.MessageEdit;
import chat.engine.Role;
import chat.engine.UserId;
import chat.engine.spi.AppendOutcome;
import chat.engine.spi.AppendOutcome.Changed;
import chat.engine.spi.AppendOutcome.Duplicate;
import chat.engine.spi.AppendOutcome.NotAllowed;
import chat.engine.spi.AppendOutcome.NotMember;
import chat.engine.spi.AppendOutcome.Stored;
import chat.engine.spi.AppendOutcome.Unchanged;
import chat.engine.spi.AppendOutcome.WasDeleted;
import chat.engine.spi.ConversationStore.UnreadRange;
import chat.engine.spi.Deletion;
import chat.engine.spi.Draft;
import chat.engine.spi.Edit;
import chat.engine.spi.MessageStore;
import chat.engine.spi.MessageStore.ChangedAfter;
import chat.engine.spi.MessageStore.Range;
import chat.engine.spi.StoredMessage;
import chat.engine.spi.Write;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** Messages are edited and deleted: who may do that, what becomes of them, and in which order. */
interface MessageChangeContract extends StoreTests {
  Set<Role> NO_ROLE = Set.of();

  private Edit edit(ConversationId group, long seq, UserId actor, String text) {
    return chat().drafts().edit(group, seq, actor, text);
  }

  private Deletion deletion(ConversationId group, long seq, UserId actor) {
    return chat().drafts().deletion(group, seq, actor);
  }

  /** Makes a change that is allowed, and gives the message after it. */
  private Message changed(Write write) {
    AppendOutcome outcome = chat().append(write);
    assertThat(outcome).isInstanceOf(Changed.class);
    return ((Changed) outcome).change().message();
  }

  private Message read(ConversationId group, long seq) {
    return StoreFixture.after(chat().anotherNode(), group, seq - 1, 1).get(0);
  }

  private List<Message> changedAfter(ConversationId group, long rev, long upToSeq, int limit) {
    return chat()
        .anotherNode()
        .changed(List.of(new ChangedAfter(group, rev, upToSeq, limit)))
        .get(group);
  }

  // ---- what an edit does

  @Test
  default void anEditReplacesTheContentInEveryRead() {
    UserId ada = chat().user("ada");
    ConversationId group = chat().group(ada, chat().user("bob"));
    Draft draft =
        chat()
            .drafts()
            .draft(group, ada)
            .text("before")
            .mentions(chat().user("bob"))
            .attributes("{}")
            .build();
    chat().send(group, ada, 1);
    chat().append(draft);
    Message sent = Drafts.stored(draft, 2);
    Instant at = chat().drafts().now().plusSeconds(5);
    MessageEdit content = new MessageEdit("näch \uD83D\uDE00\n", List.of(ada), "[1]");

    AppendOutcome outcome = chat().append(new Edit(group, 2, ada, content, at));

    Message edited = sent.edited(content, 1, at);
    assertThat(outcome)
        .isEqualTo(
            new Changed(ConversationChange.ofMessage(edited, Kind.MESSAGE_EDITED, 2, ada, at)));
    MessageStore other = chat().anotherNode();
    assertThat(other.after(group, 1, 5)).containsExactly(new StoredMessage(edited, 0));
    assertThat(other.before(group, 3, 1)).containsExactly(edited);
    assertThat(other.ranges(List.of(new Range(group, 1, 2, 9))).get(group)).containsExactly(edited);
    assertThat(other.conversations().changes(group, 0, 9))
        .containsExactly(ConversationChange.ofMessage(edited, Kind.MESSAGE_EDITED, 2, ada, at));
    assertThat(changedAfter(group, 0, 9, 9)).containsExactly(edited);
  }

  @Test
  default void anEditOnlyWhileTheAttributesAreThoseIsRefusedOnceTheyAreOthers() {
    UserId ada = chat().user("ada");
    ConversationId group = chat().group(ada);
    chat().append(chat().drafts().draft(group, ada).attributes("{\"n\":1}").build());
    MessageEdit last = new MessageEdit("done", List.of(), "{\"n\":2}").onlyWhile("{\"n\":1}");
    Instant at = chat().drafts().now();

    Message edited = changed(new Edit(group, 1, ada, last, at));
    AppendOutcome late =
        chat().append(new Edit(group, 1, ada, MessageEdit.text("late").onlyWhile("{\"n\":1}"), at));
    AppendOutcome again = chat().append(new Edit(group, 1, ada, last, at));

    assertThat(edited.text()).isEqualTo("done");
    assertThat(late).isEqualTo(new AppendOutcome.Superseded());
    assertThat(again).isEqualTo(new AppendOutcome.Unchanged(edited));
    assertThat(read(group, 1)).isEqualTo(edited);
    assertThat(changed(edit(group, 1, ada, "whatever is there")).attributes()).isNull();
    assertThat(chat().append(new Edit(group, 1, ada, MessageEdit.text("x").onlyWhile("{}"), at)))
        .isEqualTo(new AppendOutcome.Superseded());
  }

  @Test
  default void anEditWithoutMentionsAndAttributesTakesThemAway() {
    UserId ada = chat().user("ada");
    ConversationId group = chat().group(ada);
    chat().append(chat().drafts().draft(group, ada).mentions(ada).attributes("{}").build());

    changed(edit(group, 1, ada, "plain"));

    Message message = read(group, 1);
    assertThat(message.mentions()).isEmpty();
    assertThat(message.attributes()).isNull();
  }

  /**
   * A client that knows an older rev still hears of the deletion, and takes the message off then.
   */
  @Test
  default void whatWasDeletedAfterTheRevOfARangeCountsAsUnreadStill() {
    UserId ada = chat().user("ada");
    UserId bob = chat().user("bob");
    ConversationId group = chat().group(ada, bob);
    chat().send(group, ada, 3);
    long first = changed(deletion(group, 1, ada)).rev();
    long second = changed(deletion(group, 2, ada)).rev();

    assertThat(unread(bob, new UnreadRange(group, 0, 3, first - 1))).isEqualTo(3);
    assertThat(unread(bob, new UnreadRange(group, 0, 3, first))).isEqualTo(2);
    assertThat(unread(bob, new UnreadRange(group, 0, 3, second))).isEqualTo(1);
  }

  private long unread(UserId user, UnreadRange range) {
    return chat().conversations().unread(user, List.of(range)).get(range.conversation()).messages();
  }

  @Test
  default void aDeletionLeavesThePlaceAndTheSenderOnly() {
    UserId ada = chat().user("ada");
    ConversationId group = chat().group(ada);
    chat().send(group, ada, 1);
    Draft draft =
        chat().drafts().draft(group, ada).replyTo(1).mentions(ada).attributes("{}").build();
    chat().append(draft);
    Message edited = changed(edit(group, 2, ada, "edited"));
    Deletion deletion = deletion(group, 2, ada);

    AppendOutcome outcome = chat().append(deletion);

    Message deleted = edited.deleted(2, deletion.at());
    assertThat(deleted.text()).isEmpty();
    assertThat(deleted.editedAt()).isEqualTo(edited.editedAt());
    ConversationChange change =
        ConversationChange.ofMessage(deleted, Kind.MESSAGE_DELETED, 2, ada, deletion.at());
    assertThat(outcome).isEqualTo(new Changed(change));
    assertThat(read(group, 2)).isEqualTo(deleted);
    assertThat(chat().store().lastSeqs(List.of(group))).containsEntry(group, 2L);
    assertThat(chat().send(group, ada, 1)).extracting(Message::seq).containsExactly(3L);
  }

  // ---- who may, and what is refused

  @Test
  default void onlyItsAuthorAndTheSystemEditAMessage() {
    UserId ada = chat().user("ada");
    UserId bob = chat().user("bob");
    ConversationId group = chat().group(ada, bob);
    chat().send(group, bob, 1);

    assertThat(chat().append(edit(group, 1, ada, "the owner's"))).isEqualTo(new NotAllowed());
    assertThat(chat().append(edit(group, 1, chat().user("eve"), "a stranger's")))
        .isEqualTo(new NotMember());
    assertThat(read(group, 1).rev()).isZero();
    assertThat(changed(edit(group, 1, UserId.SYSTEM, "the system's")).from()).isEqualTo(bob);
    assertThat(changed(edit(group, 1, bob, "the author's")).rev()).isEqualTo(2);
  }

  @Test
  default void aMessageIsDeletedByItsAuthorTheSystemAndTheRolesThatMay() {
    UserId ada = chat().user("ada");
    UserId bob = chat().user("bob");
    UserId carl = chat().user("carl");
    ConversationId group = chat().group(ada, bob, carl);
    chat().send(group, bob, 4);
    Instant at = chat().drafts().now();

    assertThat(chat().append(deletion(group, 1, carl))).isEqualTo(new NotAllowed());
    assertThat(chat().append(new Deletion(group, 1, ada, NO_ROLE, at))).isEqualTo(new NotAllowed());
    assertThat(chat().append(deletion(group, 1, chat().user("eve")))).isEqualTo(new NotMember());
    changed(deletion(group, 1, ada));
    changed(new Deletion(group, 2, bob, NO_ROLE, at));
    changed(new Deletion(group, 3, UserId.SYSTEM, NO_ROLE, at));
    chat().change(group, StoreFixture.roleSet(carl, Role.ADMIN));
    changed(deletion(group, 4, carl));
    assertThat(chat().messages(group)).allMatch(Message::deleted);
  }

  @Test
  default void messagesOfTheSystemAreOthersToEveryMember() {
    UserId ada = chat().user("ada");
    UserId bob = chat().user("bob");
    ConversationId group = chat().group(ada, bob);
    chat().send(group, UserId.SYSTEM, 1);

    assertThat(chat().append(edit(group, 1, ada, "x"))).isEqualTo(new NotAllowed());
    assertThat(chat().append(deletion(group, 1, bob))).isEqualTo(new NotAllowed());
    changed(edit(group, 1, UserId.SYSTEM, "y"));
    changed(deletion(group, 1, ada));
  }

  @Test
  default void aRemovedMemberChangesNothingAndOneWhoCameBackDoes() {
    UserId ada = chat().user("ada");
    UserId bob = chat().user("bob");
    ConversationId group = chat().group(ada, bob);
    chat().send(group, bob, 1);
    chat().change(group, StoreFixture.removed(bob));

    assertThat(chat().append(List.of(edit(group, 1, bob, "x"), deletion(group, 1, bob))))
        .containsOnly(new NotMember());

    chat().change(group, StoreFixture.added(bob));
    assertThat(changed(edit(group, 1, bob, "x")).rev()).isEqualTo(3);
  }

  @Test
  default void whatIsNotThereCannotBeChanged() {
    UserId ada = chat().user("ada");
    ConversationId group = chat().group(ada);
    chat().send(group, ada, 2);
    ConversationId none = chat().drafts().conversationId();

    for (long seq : new long[] {Long.MIN_VALUE, -1, 0, 3, Long.MAX_VALUE}) {
      assertThat(chat().append(List.of(edit(group, seq, ada, "x"), deletion(group, seq, ada))))
          .as("seq " + seq)
          .containsOnly(new AppendOutcome.NoSuchMessage());
    }
    assertThat(chat().append(deletion(group, 9, chat().user("eve")))).isEqualTo(new NotMember());
    assertThat(chat().append(List.of(edit(none, 1, ada, "x"), deletion(none, 1, UserId.SYSTEM))))
        .containsOnly(new AppendOutcome.NoSuchConversation());
    chat().conversations().delete(group, UserId.SYSTEM, chat().drafts().now());
    assertThat(chat().append(deletion(group, 1, ada)))
        .isEqualTo(new AppendOutcome.NoSuchConversation());
  }

  @Test
  default void repeatingAChangeStoresNothing() {
    UserId ada = chat().user("ada");
    ConversationId group = chat().group(ada);
    Message sent = chat().send(group, ada, 1).get(0);

    assertThat(chat().append(edit(group, 1, ada, sent.text()))).isEqualTo(new Unchanged(sent));
    Message edited = changed(edit(group, 1, ada, "edited"));
    assertThat(chat().append(edit(group, 1, ada, "edited"))).isEqualTo(new Unchanged(edited));
    Message deleted = changed(deletion(group, 1, ada));
    assertThat(chat().append(deletion(group, 1, ada))).isEqualTo(new Unchanged(deleted));
    assertThat(chat().append(edit(group, 1, ada, "edited"))).isEqualTo(new WasDeleted());
    assertThat(chat().append(edit(group, 1, UserId.SYSTEM, "late"))).isEqualTo(new WasDeleted());
    assertThat(chat().conversations().changes(group, 0, 9)).hasSize(2);
  }

  @Test
  default void thatAMessageWasDeletedIsToldOnlyToThoseWhoMayChangeIt() {
    UserId ada = chat().user("ada");
    UserId bob = chat().user("bob");
    ConversationId group = chat().group(ada, bob);
    chat().send(group, ada, 1);
    changed(deletion(group, 1, ada));

    assertThat(chat().append(List.of(edit(group, 1, bob, "x"), deletion(group, 1, bob))))
        .containsOnly(new NotAllowed());
  }

  @Test
  default void directConversationsHaveChangesOfMessagesToo() {
    UserId ada = chat().user("ada");
    ConversationId direct = chat().direct(ada, chat().user("bob")).id();
    chat().send(direct, ada, 1);

    changed(edit(direct, 1, ada, "edited"));

    assertThat(chat().append(edit(direct, 1, chat().user("bob"), "x"))).isEqualTo(new NotAllowed());
    assertThat(chat().conversations().memberships(ada, List.of(direct)).get(0).rev()).isEqualTo(1);
  }

  // ---- sends that are repeated

  @Test
  default void aRetryOfTheSendIsADuplicateAfterAnEditAndAfterADeletion() {
    UserId ada = chat().user("ada");
    ConversationId group = chat().group(ada);
    Draft draft = chat().drafts().text(group, ada, "first");
    chat().append(draft);

    Message edited = changed(edit(group, 1, ada, "second"));
    assertThat(chat().append(chat().drafts().retryOf(draft))).isEqualTo(new Duplicate(edited, 0));
    Message deleted = changed(deletion(group, 1, ada));
    assertThat(chat().append(chat().drafts().retryOf(draft))).isEqualTo(new Duplicate(deleted, 0));
    assertThat(
            chat()
                .append(
                    chat()
                        .drafts()
                        .draft(group, ada)
                        .clientMessageId(draft.clientMessageId().value())
                        .text("second")
                        .build()))
        .isEqualTo(new AppendOutcome.Conflict());
  }

  // ---- order

  @Test
  default void theWritesOfABatchTakeEffectInTheirOrder() {
    UserId ada = chat().user("ada");
    ConversationId group = chat().group(ada);
    Draft one = chat().drafts().text(group, ada, "one");

    List<AppendOutcome> outcomes =
        chat()
            .append(
                List.of(
                    edit(group, 1, ada, "too early"),
                    one,
                    edit(group, 1, ada, "edited"),
                    edit(group, 2, ada, "too early"),
                    chat().drafts().draft(group, ada).replyTo(1).build(),
                    chat().drafts().retryOf(one),
                    edit(group, 1, ada, "edited"),
                    edit(group, 1, ada, "edited again"),
                    deletion(group, 2, ada),
                    deletion(group, 1, ada),
                    edit(group, 1, ada, "late"),
                    chat().drafts().retryOf(one)));

    Message sent = Drafts.stored(one, 1);
    assertThat(outcomes)
        .extracting(outcome -> outcome.getClass().getSimpleName())
        .containsExactly(
            "NoSuchMessage",
            "Stored",
            "Changed",
            "NoSuchMessage",
            "Stored",
            "Duplicate",
            "Unchanged",
            "Changed",
            "Changed",
            "Changed",
            "WasDeleted",
            "Duplicate");
    assertThat(outcomes.stream().filter(Changed.class::isInstance))
        .extracting(outcome -> ((Changed) outcome).change())
        .extracting(change -> List.of(change.rev(), change.message().seq(), change.atSeq()))
        .containsExactly(
            List.of(1L, 1L, 1L), List.of(2L, 1L, 2L), List.of(3L, 2L, 2L), List.of(4L, 1L, 2L));
    assertThat(((Changed) outcomes.get(2)).change().message().text()).isEqualTo("edited");
    assertThat(((Changed) outcomes.get(7)).change().message().text()).isEqualTo("edited again");
    assertThat(((Duplicate) outcomes.get(5)).first().text()).isEqualTo("edited");
    assertThat(read(group, 1))
        .isEqualTo(
            sent.edited(MessageEdit.text("edited again"), 2, read(group, 1).editedAt())
                .deleted(4, read(group, 1).deletedAt()));
    assertThat(((Duplicate) outcomes.get(11)).first()).isEqualTo(read(group, 1));
  }

  @Test
  default void aBatchForManyConversationsKeepsTheOrderOfEach() {
    UserId ada = chat().user("ada");
    List<ConversationId> groups = IntStream.range(0, 130).mapToObj(i -> chat().group(ada)).toList();
    List<Write> batch = new ArrayList<>();
    for (int round = 1; round <= 3; round++) {
      for (ConversationId group : groups) {
        batch.add(chat().drafts().text(group, ada, "text"));
        batch.add(edit(group, round, ada, "edited"));
      }
    }
    MessageStore.Mark mark = chat().store().writesSince(null).mark();

    assertThat(chat().append(batch))
        .allMatch(outcome -> outcome instanceof Stored || outcome instanceof Changed);

    for (ConversationId group : groups) {
      assertThat(chat().messages(group))
          .extracting(message -> List.of(message.seq(), message.rev(), message.text()))
          .containsExactly(
              List.of(1L, 1L, "edited"), List.of(2L, 2L, "edited"), List.of(3L, 3L, "edited"));
    }
    MessageStore.Writes writes = chat().anotherNode().writesSince(mark);
    groups.forEach(group -> assertThat(writes.revs()).containsEntry(group, 3L));
    groups.forEach(group -> assertThat(writes.lastSeqs()).containsEntry(group, 3L));
  }

  @Test
  default void aBatchThatWaitsKeepsTheOrderToo() {
    UserId ada = chat().user("ada");
    ConversationId group = chat().group(ada);

    assertThat(
            chat()
                .store()
                .append(
                    List.of(
                        chat().drafts().text(group, ada, "text"),
                        edit(group, 1, ada, "edited"),
                        chat().drafts().text(group, ada, "text"),
                        deletion(group, 2, ada)),
                    Duration.ofSeconds(5)))
        .extracting(outcome -> outcome.getClass().getSimpleName())
        .containsExactly("Stored", "Changed", "Stored", "Changed");
    assertThat(chat().messages(group)).extracting(Message::rev).containsExactly(1L, 2L);
  }

  // ---- revs

  @Test
  default void changesOfMessagesAndOfTheGroupShareOneRowOfRevs() {
    UserId ada = chat().user("ada");
    UserId bob = chat().user("bob");
    ConversationId group = chat().group(ada);
    chat().send(group, ada, 2);

    changed(edit(group, 1, ada, "edited"));
    chat().change(group, StoreFixture.added(bob), StoreFixture.renamed("x"));
    changed(deletion(group, 2, ada));
    chat().send(group, bob, 1);
    changed(edit(group, 3, bob, "edited"));
    chat().change(group, StoreFixture.renamed("y"));

    List<ConversationChange> changes = chat().anotherNode().conversations().changes(group, 0, 9);
    assertThat(changes).extracting(ConversationChange::rev).containsExactly(1L, 2L, 3L, 4L, 5L, 6L);
    assertThat(changes)
        .extracting(ConversationChange::kind)
        .containsExactly(
            Kind.MESSAGE_EDITED,
            Kind.ADDED,
            Kind.RENAMED,
            Kind.MESSAGE_DELETED,
            Kind.MESSAGE_EDITED,
            Kind.RENAMED);
    assertThat(changes)
        .extracting(change -> Optional.ofNullable(change.message()).map(Message::seq).orElse(0L))
        .containsExactly(1L, 0L, 0L, 2L, 3L, 0L);
    assertThat(chat().conversations().changes(group, 2, 3)).isEqualTo(changes.subList(2, 5));
    assertThat(chat().conversations().member(group, bob).orElseThrow().joinedRev()).isEqualTo(2);
    assertThat(chat().conversations().find(List.of(group)).get(group).rev()).isEqualTo(6);
    assertThat(chat().conversations().memberships(ada)).singleElement().matches(m -> m.rev() == 6);
  }

  @Test
  default void changesOfMessagesDoNotConflictWithChangesOfTheGroup() {
    UserId ada = chat().user("ada");
    ConversationId group = chat().group(ada);
    chat().send(group, ada, 1);
    chat().change(group, StoreFixture.renamed("x"));
    changed(edit(group, 1, ada, "edited"));
    changed(deletion(group, 1, ada));

    assertThat(chat().rev(group)).isEqualTo(1);
    assertThat(
            chat()
                .conversations()
                .change(group, 3, List.of(StoreFixture.renamed("y")), ada, chat().drafts().now()))
        .as("the expected rev is not that of a change of a message")
        .isEmpty();
    assertThat(
            chat()
                .conversations()
                .change(group, 1, List.of(StoreFixture.renamed("y")), ada, chat().drafts().now()))
        .hasValueSatisfying(
            made -> assertThat(made.changes()).singleElement().matches(c -> c.rev() == 4));
    assertThat(chat().rev(group)).isEqualTo(4);
  }

  @Test
  default void theMembershipUnderWhichMessagesAreSentIsNotMovedByChangesOfMessages() {
    UserId ada = chat().user("ada");
    ConversationId group = chat().group(ada);
    chat().change(group, StoreFixture.renamed("x"));
    chat().send(group, ada, 1);
    changed(edit(group, 1, ada, "edited"));

    assertThat(chat().append(chat().drafts().draft(group, ada).verifiedRev(1).build()))
        .isEqualTo(new Stored(2, 1));
    assertThat(
            chat()
                .store()
                .append(
                    List.of(chat().drafts().draft(group, ada).verifiedRev(1).build()),
                    Duration.ofSeconds(5)))
        .containsExactly(new Stored(3, 1));
    assertThat(chat().store().after(group, 0, 9))
        .extracting(StoredMessage::membersRev)
        .containsExactly(1L, 1L, 1L);
  }

  @Test
  default void theDeletionOfAConversationHasTheNextRev() {
    UserId ada = chat().user("ada");
    ConversationId group = chat().group(ada);
    chat().send(group, ada, 1);
    changed(edit(group, 1, ada, "edited"));
    changed(edit(group, 1, ada, "edited again"));

    assertThat(chat().conversations().delete(group, ada, chat().drafts().now()))
        .hasValueSatisfying(
            deleted -> assertThat(deleted.changes()).singleElement().matches(c -> c.rev() == 3));
    assertThat(chat().conversations().changes(group, 0, 9))
        .singleElement()
        .matches(change -> change.kind() == Kind.DELETED && change.message() == null);
    assertThat(changedAfter(group, 0, 9, 9)).isEmpty();
  }

  @Test
  default void changesOfMessagesAreTold() {
    UserId ada = chat().user("ada");
    ConversationId group = chat().group(ada);
    ConversationId other = chat().group(ada);
    chat().send(group, ada, 2);
    chat().send(other, ada, 1);
    MessageStore.Mark mark = chat().store().writesSince(null).mark();
    chat()
        .append(
            List.of(
                edit(group, 1, ada, "edited"),
                deletion(group, 2, ada),
                edit(other, 1, chat().user("eve"), "refused"),
                edit(other, 9, ada, "refused")));

    MessageStore.Writes writes = chat().anotherNode().writesSince(mark);
    assertThat(writes.revs()).containsEntry(group, 2L).doesNotContainKey(other);
    assertThat(writes.lastSeqs()).doesNotContainKeys(group, other);
  }

  // ---- reading what was changed

  @Test
  default void theLogShowsMessagesAsTheyAreNow() {
    UserId ada = chat().user("ada");
    ConversationId group = chat().group(ada);
    chat().send(group, ada, 1);
    changed(edit(group, 1, ada, "first"));
    Message second = changed(edit(group, 1, ada, "second"));
    assertThat(chat().conversations().changes(group, 0, 9))
        .extracting(ConversationChange::message)
        .containsExactly(second, second);

    Message deleted = changed(deletion(group, 1, ada));
    assertThat(chat().conversations().changes(group, 0, 9))
        .extracting(ConversationChange::message)
        .containsOnly(deleted);
    assertThat(chat().conversations().changes(group, 0, 9))
        .extracting(ConversationChange::rev)
        .containsExactly(1L, 2L, 3L);
  }

  @Test
  default void whatChangedSinceIsReadOnceAndByPages() {
    UserId ada = chat().user("ada");
    ConversationId group = chat().group(ada);
    chat().send(group, ada, 10);
    for (int seq = 10; seq >= 1; seq--) {
      changed(edit(group, seq, ada, "first"));
      chat().change(group, StoreFixture.renamed("name " + seq));
    }
    for (int seq = 2; seq <= 10; seq += 2) {
      changed(seq % 4 == 0 ? deletion(group, seq, ada) : edit(group, seq, ada, "second"));
    }

    assertThat(changedAfter(group, 0, 10, 10))
        .isEqualTo(changedAfter(group, 0, Long.MAX_VALUE, Integer.MAX_VALUE))
        .extracting(Message::seq)
        .containsExactly(9L, 7L, 5L, 3L, 1L, 2L, 4L, 6L, 8L, 10L);
    assertThat(changedAfter(group, 0, 10, 10)).allMatch(m -> m.equals(read(group, m.seq())));
    List<Message> paged = new ArrayList<>();
    for (List<Message> page = changedAfter(group, 0, 10, 3);
        !page.isEmpty();
        page = changedAfter(group, page.get(page.size() - 1).rev(), 10, 3)) {
      assertThat(page).hasSizeLessThanOrEqualTo(3);
      paged.addAll(page);
    }
    assertThat(paged).isEqualTo(changedAfter(group, 0, 10, 10));
    assertThat(changedAfter(group, 0, 4, 3)).extracting(Message::seq).containsExactly(3L, 1L, 2L);
    assertThat(changedAfter(group, 20, 10, 10))
        .extracting(Message::seq)
        .containsExactly(2L, 4L, 6L, 8L, 10L);
    assertThat(changedAfter(group, 25, 10, 10)).isEmpty();
    assertThat(changedAfter(group, 0, 0, 10)).isEmpty();
  }

  @Test
  default void whatChangedIsReadForManyConversationsAtOnce() {
    UserId ada = chat().user("ada");
    List<ConversationId> groups = IntStream.range(0, 70).mapToObj(i -> chat().group(ada)).toList();
    ConversationId none = chat().drafts().conversationId();
    List<ChangedAfter> pieces = new ArrayList<>();
    for (int i = 0; i < groups.size(); i++) {
      ConversationId group = groups.get(i);
      chat().send(group, ada, 3);
      chat().append(LongStream.rangeClosed(1, 3).mapToObj(s -> deletion(group, s, ada)).toList());
      pieces.add(new ChangedAfter(group, i % 4, 3, 2));
    }
    pieces.add(new ChangedAfter(none, 0, 9, 9));

    Map<ConversationId, List<Message>> found = chat().anotherNode().changed(pieces);

    assertThat(found.keySet()).hasSize(71);
    assertThat(found.get(none)).isEmpty();
    for (int i = 0; i < groups.size(); i++) {
      assertThat(found.get(groups.get(i)))
          .extracting(Message::rev)
          .isEqualTo(LongStream.rangeClosed(i % 4 + 1, 3).limit(2).boxed().toList());
    }
    assertThat(chat().store().changed(List.of())).isEmpty();
  }
}
