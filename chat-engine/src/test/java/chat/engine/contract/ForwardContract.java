package chat.engine.contract;

import static org.assertj.core.api.Assertions.assertThat;

import chat.engine.ConversationChange;
import chat.engine.ConversationId;
import chat.engine.Emoji;
import chat.engine.ForwardOf;
import chat.engine.Message;
import chat.engine.UserId;
import chat.engine.spi.AppendOutcome;
import chat.engine.spi.AppendOutcome.Conflict;
import chat.engine.spi.AppendOutcome.Duplicate;
import chat.engine.spi.AppendOutcome.NoSuchOriginal;
import chat.engine.spi.AppendOutcome.NotMember;
import chat.engine.spi.AppendOutcome.Stored;
import chat.engine.spi.Draft;
import chat.engine.spi.MessageStore;
import chat.engine.spi.MessageStore.ChangedAfter;
import chat.engine.spi.MessageStore.Range;
import chat.engine.spi.MessageStore.Reading;
import chat.engine.spi.StoredMessage;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Messages that forward others, and who may read what is to be forwarded. */
interface ForwardContract extends StoreTests {
  /** The message, as all reads of another node have it. */
  private Message read(ConversationId conversation, long seq) {
    MessageStore node = chat().anotherNode();
    List<Message> found = new ArrayList<>();
    node.after(conversation, seq - 1, 1).stream().map(StoredMessage::message).forEach(found::add);
    found.addAll(node.before(conversation, seq + 1, 1));
    found.addAll(node.ranges(List.of(new Range(conversation, seq - 1, seq, 1))).get(conversation));
    if (found.get(0).rev() > 0) {
      found.addAll(
          node.changed(List.of(new ChangedAfter(conversation, 0, seq, 9))).get(conversation));
    }
    assertThat(found).hasSizeGreaterThanOrEqualTo(3).allMatch(found.get(0)::equals);
    return found.get(0);
  }

  /** As it comes to the store when the original could not be read. */
  private Draft withoutOriginal(Draft draft) {
    Draft retry = chat().drafts().retryOf(draft);
    return Draft.of(
        retry.id(),
        retry.conversation(),
        retry.sender(),
        retry.content().withText(""),
        retry.contentHash(),
        retry.createdAt(),
        retry.verifiedRev());
  }

  @Test
  default void aForwardKeepsWhereItCameFrom() {
    UserId ada = chat().user("ada");
    UserId bob = chat().user("bob");
    ConversationId origin = chat().group(ada);
    ConversationId group = chat().group(ada, bob);
    for (long verified : new long[] {0, Draft.UNVERIFIED}) {
      long last = chat().store().lastSeqs(List.of(group)).get(group);
      Draft plain = chat().drafts().draft(group, ada).verifiedRev(verified).build();
      Draft forward =
          chat().drafts().draft(group, ada).forwardOf(origin, 7).verifiedRev(verified).build();
      Draft reply =
          chat()
              .drafts()
              .draft(group, ada)
              .replyTo(last + 1)
              .forwardOf(group, 1)
              .attributes("{}")
              .verifiedRev(verified)
              .build();
      assertThat(chat().append(List.of(plain, forward, reply))).allMatch(Stored.class::isInstance);
      assertThat(read(group, last + 1)).isEqualTo(Drafts.stored(plain, last + 1));
      assertThat(read(group, last + 2)).isEqualTo(Drafts.stored(forward, last + 2));
      assertThat(read(group, last + 3).forwardOf()).isEqualTo(ForwardOf.of(group, 1));
      assertThat(read(group, last + 3).replyPreview().seq()).isEqualTo(last + 1);
      assertThat(chat().append(chat().drafts().retryOf(forward)))
          .isEqualTo(new Duplicate(Drafts.stored(forward, last + 2), 0));
    }
  }

  @Test
  default void anEditKeepsItAndADeletionTakesItAway() {
    UserId ada = chat().user("ada");
    ConversationId origin = chat().group(ada);
    ConversationId group = chat().group(ada);
    chat().append(chat().drafts().draft(group, ada).forwardOf(origin, 7).build());

    chat().append(chat().drafts().reaction(group, 1, ada, Emoji.of("👍")));
    assertThat(read(group, 1).forwardOf()).isEqualTo(ForwardOf.of(origin, 7));
    chat().append(chat().drafts().edit(group, 1, ada, "edited"));
    assertThat(read(group, 1).forwardOf()).isEqualTo(ForwardOf.of(origin, 7));
    chat().append(chat().drafts().deletion(group, 1, ada));
    assertThat(read(group, 1).forwardOf()).isNull();
    assertThat(chat().anotherNode().conversations().changes(group, 0, 9))
        .extracting(ConversationChange::message)
        .allMatch(message -> message == null || message.forwardOf() == null);
  }

  @Test
  default void aForwardWithoutOriginalIsStoredOnlyIfItWasStoredBefore() {
    UserId ada = chat().user("ada");
    UserId eve = chat().user("eve");
    ConversationId origin = chat().group(ada);
    ConversationId group = chat().group(ada);
    Draft forward = chat().drafts().draft(group, ada).forwardOf(origin, 1).verifiedRev(0).build();

    assertThat(chat().append(withoutOriginal(forward))).isEqualTo(new NoSuchOriginal());
    assertThat(chat().append(forward)).isEqualTo(new Stored(1, 0));
    AppendOutcome again = new Duplicate(Drafts.stored(forward, 1), 0);
    assertThat(chat().append(withoutOriginal(forward))).isEqualTo(again);
    Draft fresh = chat().drafts().draft(group, ada).forwardOf(origin, 1).text("").build();
    Draft stranger = chat().drafts().draft(group, eve).forwardOf(origin, 1).text("").build();
    Draft conflicting =
        chat()
            .drafts()
            .draft(group, ada)
            .clientMessageId(forward.clientMessageId().value())
            .forwardOf(origin, 2)
            .text("")
            .build();
    assertThat(chat().append(List.of(fresh, stranger, conflicting)))
        .containsExactly(new NoSuchOriginal(), new NotMember(), new Conflict());
    assertThat(chat().messages(group)).hasSize(1);
  }

  @Test
  default void membersReadWhatIsThere() {
    UserId ada = chat().user("ada");
    UserId bob = chat().user("bob");
    ConversationId group = chat().group(ada);
    ConversationId other = chat().group(bob);
    ConversationId deleted = chat().group(ada);
    chat().send(group, ada, 3);
    chat().send(other, bob, 1);
    chat().send(deleted, ada, 1);
    chat().append(chat().drafts().deletion(group, 2, ada));
    chat().conversations().delete(deleted, UserId.SYSTEM, chat().drafts().now());
    Reading first = new Reading(ada, group, 1);
    Reading third = new Reading(ada, group, 3);
    Reading system = new Reading(UserId.SYSTEM, other, 1);
    List<Reading> wanted =
        List.of(
            first,
            third,
            system,
            new Reading(bob, group, 1), // no member
            new Reading(ada, group, 2), // deleted
            new Reading(ada, group, 4),
            new Reading(ada, group, 0),
            new Reading(UserId.SYSTEM, group, 2),
            new Reading(ada, other, 1),
            new Reading(ada, deleted, 1),
            new Reading(UserId.SYSTEM, deleted, 1),
            new Reading(ada, chat().drafts().conversationId(), 1));

    MessageStore node = chat().anotherNode();
    assertThat(node.read(wanted))
        .isEqualTo(
            Map.of(
                first, chat().messages(group).get(0),
                third, chat().messages(group).get(2),
                system, chat().messages(other).get(0)));
    assertThat(node.read(List.of())).isEmpty();
    assertThat(node.conversations().readableAfter(ada, List.of(group, other, deleted)))
        .isEqualTo(Map.of(group, 0L));
    assertThat(node.conversations().readableAfter(ada, List.of())).isEmpty();
    chat().change(group, StoreFixture.removed(ada));
    assertThat(node.read(List.of(first))).isEmpty();
    assertThat(node.conversations().readableAfter(ada, List.of(group))).isEmpty();
  }
}
