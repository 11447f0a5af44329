package chat.engine.contract;

import static org.assertj.core.api.Assertions.assertThat;

import chat.engine.ConversationId;
import chat.engine.Emoji;
import chat.engine.Message;
import chat.engine.MessageEdit;
import chat.engine.MessageVersion;
import chat.engine.UserId;
import chat.engine.spi.AppendOutcome;
import chat.engine.spi.AppendOutcome.Changed;
import chat.engine.spi.AppendOutcome.MentionsStranger;
import chat.engine.spi.AppendOutcome.NotAllowed;
import chat.engine.spi.AppendOutcome.Stored;
import chat.engine.spi.AppendOutcome.Unchanged;
import chat.engine.spi.AppendOutcome.WasDeleted;
import chat.engine.spi.Deletion;
import chat.engine.spi.Edit;
import chat.engine.spi.MessageStore;
import chat.engine.spi.MessageStore.MessagePlace;
import chat.engine.spi.Reattribution;
import chat.engine.spi.Write;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Edits keep what they replace, if they say so, until the message is deleted. */
interface VersionContract extends StoreTests {
  int ALL_VERSIONS = 1_000;

  private Edit keeping(ConversationId group, long seq, UserId actor, String text) {
    return chat().drafts().keepingEdit(group, seq, actor, text);
  }

  private void make(Write write) {
    assertThat(chat().append(write)).isInstanceOf(Changed.class);
  }

  private List<MessageVersion> versions(ConversationId group, long seq) {
    return chat().anotherNode().versions(new MessagePlace(group, seq), 0, ALL_VERSIONS);
  }

  private List<String> texts(ConversationId group, long seq) {
    return versions(group, seq).stream().map(MessageVersion::text).toList();
  }

  @Test
  default void anEditKeepsWhatItReplacesIfItSaysSo() {
    UserId ada = chat().user("ada");
    ConversationId group = chat().group(ada);
    Instant sentAt = chat().drafts().now();
    assertThat(
            chat()
                .append(
                    chat()
                        .drafts()
                        .draft(group, ada)
                        .text("näch \uD83D\uDE00\n")
                        .attributes("[1]")
                        .createdAt(sentAt)
                        .build()))
        .isInstanceOf(Stored.class);
    assertThat(versions(group, 1))
        .containsExactly(new MessageVersion(1, "näch \uD83D\uDE00\n", "[1]", sentAt));
    Edit first = keeping(group, 1, ada, "two");
    Edit unkept = chat().drafts().edit(group, 1, ada, "three");
    Edit last =
        new Edit(
            group,
            1,
            UserId.SYSTEM,
            new MessageEdit("four", List.of(ada), "{}"),
            sentAt.plusSeconds(9),
            true);

    make(first);
    make(unkept);
    make(last);

    List<MessageVersion> all =
        List.of(
            new MessageVersion(1, "näch \uD83D\uDE00\n", "[1]", sentAt),
            new MessageVersion(2, "three", null, unkept.at()),
            new MessageVersion(3, "four", "{}", last.at()));
    assertThat(versions(group, 1)).isEqualTo(all);
    MessageStore store = chat().store();
    MessagePlace message = new MessagePlace(group, 1);
    assertThat(store.versions(message, 0, 1)).isEqualTo(all.subList(0, 1));
    assertThat(store.versions(message, 1, 1)).isEqualTo(all.subList(1, 2));
    assertThat(store.versions(message, 1, 2)).isEqualTo(all.subList(1, 3));
    assertThat(store.versions(message, 2, 5)).isEqualTo(all.subList(2, 3));
    assertThat(store.versions(message, 3, 5)).isEmpty();
    assertThat(store.versions(new MessagePlace(group, 2), 0, 5)).isEmpty();
    assertThat(store.versions(new MessagePlace(chat().drafts().conversationId(), 1), 0, 5))
        .isEmpty();
  }

  @Test
  default void whatChangesNothingKeepsNothing() {
    UserId ada = chat().user("ada");
    UserId bob = chat().user("bob");
    ConversationId group = chat().group(ada, bob);
    chat().send(group, bob, 1);
    Edit edit = keeping(group, 1, bob, "two");
    MessageEdit stranger = new MessageEdit("x", List.of(chat().user("eve")), null);
    Instant now = chat().drafts().now();

    assertThat(
            chat()
                .append(
                    List.of(
                        keeping(group, 1, ada, "of another"),
                        edit,
                        edit,
                        keeping(group, 1, bob, "two"),
                        new Edit(group, 1, bob, stranger, now, true))))
        .satisfiesExactly(
            outcome -> assertThat(outcome).isInstanceOf(NotAllowed.class),
            outcome -> assertThat(outcome).isInstanceOf(Changed.class),
            outcome -> assertThat(outcome).isInstanceOf(Unchanged.class),
            outcome -> assertThat(outcome).isInstanceOf(Unchanged.class),
            outcome -> assertThat(outcome).isInstanceOf(MentionsStranger.class));
    assertThat(chat().append(edit)).isInstanceOf(Unchanged.class);

    assertThat(texts(group, 1)).containsExactly("message 0", "two");
  }

  @Test
  default void aBatchOfSendsAndEditsKeepsTheVersionsOfEachMessage() {
    UserId ada = chat().user("ada");
    ConversationId one = chat().group(ada);
    ConversationId other = chat().group(ada);
    List<Write> batch = new ArrayList<>();
    for (ConversationId group : List.of(one, other)) {
      batch.add(chat().drafts().text(group, ada, group + " 1"));
    }
    for (ConversationId group : List.of(one, other)) {
      batch.add(keeping(group, 1, ada, group + " 2"));
      batch.add(chat().drafts().text(group, ada, "second"));
      batch.add(keeping(group, 1, ada, group + " 3"));
      batch.add(chat().drafts().edit(group, 2, ada, "unkept"));
      batch.add(keeping(group, 1, ada, group + " 4"));
    }

    assertThat(chat().append(batch))
        .allMatch(outcome -> outcome instanceof Stored || outcome instanceof Changed);

    for (ConversationId group : List.of(one, other)) {
      assertThat(texts(group, 1))
          .containsExactly(group + " 1", group + " 2", group + " 3", group + " 4");
      assertThat(versions(group, 1))
          .extracting(MessageVersion::number)
          .containsExactly(1L, 2L, 3L, 4L);
      assertThat(texts(group, 2)).containsExactly("unkept");
    }
  }

  @Test
  default void ofAMessageThatIsEditedVeryOftenTheLastVersionsAreKept() {
    UserId ada = chat().user("ada");
    ConversationId group = chat().group(ada);
    chat().send(group, ada, 2);
    int most = MessageVersion.MAX_PER_MESSAGE;
    make(keeping(group, 2, ada, "of another message"));
    int edits = 0;
    for (int size : new int[] {most - 1, 1, 1, 3, 2 * most + 5}) {
      int from = edits;
      edits += size;
      assertThat(
              chat()
                  .append(
                      IntStream.range(from, edits)
                          .mapToObj(i -> keeping(group, 1, ada, "edit " + (i + 1)))
                          .toList()))
          .allMatch(Changed.class::isInstance);
      long present = edits + 1;
      long first = Math.max(1, present - most);
      assertThat(versions(group, 1))
          .extracting(MessageVersion::number)
          .containsExactlyElementsOf(LongStream.rangeClosed(first, present).boxed().toList());
      assertThat(texts(group, 1)).endsWith("edit " + (edits - 1), "edit " + edits);
    }
    assertThat(texts(group, 1)).startsWith("edit " + (edits - most));
    assertThat(texts(group, 2)).containsExactly("message 1", "of another message");
  }

  @Test
  default void aDeletionTakesAllVersionsAway() {
    UserId ada = chat().user("ada");
    ConversationId group = chat().group(ada);
    chat().send(group, ada, 3);
    make(keeping(group, 1, ada, "kept"));
    make(keeping(group, 2, ada, "stays"));
    List<Write> batch =
        List.of(
            keeping(group, 1, ada, "again"),
            chat().drafts().deletion(group, 1, ada),
            keeping(group, 1, ada, "too late"),
            keeping(group, 3, ada, "just now"),
            chat().drafts().deletion(group, 3, ada));

    assertThat(chat().append(batch).stream().<Class<?>>map(AppendOutcome::getClass).toList())
        .containsExactly(
            Changed.class, Changed.class, WasDeleted.class, Changed.class, Changed.class);

    assertThat(versions(group, 1)).isEmpty();
    assertThat(versions(group, 3)).isEmpty();
    assertThat(texts(group, 2)).containsExactly("message 1", "stays");
  }

  @Test
  default void theVersionsFollowTheAuthorOrGoWithThem() {
    UserId ada = chat().user("ada");
    UserId bob = chat().user("bob");
    UserId next = chat().user("next");
    ConversationId group = chat().group(ada, bob);
    chat().send(group, bob, 2);
    make(keeping(group, 1, bob, "two"));
    make(keeping(group, 2, bob, "two"));
    Instant now = chat().drafts().now();

    make(new Reattribution(group, 1, bob, next, false, now));
    assertThat(texts(group, 1)).containsExactly("message 0", "two");
    make(new Reattribution(group, 2, bob, next, true, now));
    assertThat(versions(group, 2)).isEmpty();
  }

  @Test
  default void versionsExpireWithTheirMessage() {
    UserId ada = chat().user("ada");
    ConversationId group = chat().group(ada);
    Instant now = chat().drafts().now();
    Instant old = now.minus(Duration.ofDays(9));
    for (Instant at : List.of(old, now)) {
      assertThat(chat().append(chat().drafts().draft(group, ada).createdAt(at).build()))
          .isInstanceOf(Stored.class);
    }
    make(keeping(group, 1, ada, "two"));
    make(keeping(group, 2, ada, "two"));

    assertThat(chat().store().retention().expire(group, now.minusSeconds(1), 10, now)).isPresent();

    assertThat(versions(group, 1)).isEmpty();
    assertThat(versions(group, 2)).hasSize(2);
  }

  @Test
  default void aReactionLeavesTheVersionsAsTheyAre() {
    UserId ada = chat().user("ada");
    ConversationId group = chat().group(ada);
    chat().send(group, ada, 1);
    make(keeping(group, 1, ada, "two"));
    List<MessageVersion> before = versions(group, 1);
    make(chat().drafts().reaction(group, 1, ada, Emoji.of("\uD83D\uDC4D")));
    make(chat().drafts().pin(group, 1, ada));
    assertThat(versions(group, 1)).isEqualTo(before);
    assertThat(chat().messages(group)).singleElement().matches(message -> message.rev() == 2);
  }

  /** On two nodes at once: every edit is one version, and after a deletion there is none. */
  @Test
  @Tag(Together.TAG)
  default void editsAndADeletionAtTheSameTimeLeaveAllVersionsOrNone() throws Exception {
    UserId ada = chat().user("ada");
    MessageStore other = chat().anotherNode();
    for (int round = 0; round < 60; round++) {
      ConversationId group = chat().group(ada);
      chat().send(group, ada, 1);
      boolean deletes = round % 2 == 0;
      List<Edit> here =
          IntStream.range(0, 3).mapToObj(i -> keeping(group, 1, ada, "here " + i)).toList();
      List<Write> there = new ArrayList<>();
      IntStream.range(0, 2).forEach(i -> there.add(keeping(group, 1, ada, "there " + i)));
      if (deletes) {
        there.add(chat().drafts().deletion(group, 1, ada));
      }
      Thread thread =
          new Thread(() -> there.forEach(one -> StoreFixture.appendWaiting(other, List.of(one))));
      thread.start();
      here.forEach(one -> StoreFixture.appendWaiting(chat().store(), List.of(one)));
      thread.join();

      List<MessageVersion> left =
          chat().store().versions(new MessagePlace(group, 1), 0, ALL_VERSIONS);
      if (deletes) {
        assertThat(left).isEmpty();
        assertThat(chat().messages(group)).singleElement().matches(Message::deleted);
      } else {
        assertThat(left).extracting(MessageVersion::number).containsExactly(1L, 2L, 3L, 4L, 5L, 6L);
        assertThat(left)
            .extracting(MessageVersion::text)
            .startsWith("message 0")
            .contains("here 0", "here 1", "here 2", "there 0", "there 1");
      }
    }
  }

  /** A deletion that the caller makes twice, and one of a message that was never edited. */
  @Test
  default void deletionsMayBeRepeated() {
    UserId ada = chat().user("ada");
    ConversationId group = chat().group(ada);
    chat().send(group, ada, 2);
    make(keeping(group, 1, ada, "two"));
    Deletion deletion = chat().drafts().deletion(group, 1, ada);
    make(deletion);
    assertThat(chat().append(deletion)).isInstanceOf(Unchanged.class);
    make(chat().drafts().deletion(group, 2, ada));
    assertThat(versions(group, 1)).isEmpty();
    assertThat(versions(group, 2)).isEmpty();
  }
}
