package chat.engine.contract;

import static org.assertj.core.api.Assertions.assertThat;

import chat.engine.ConversationChange;
import chat.engine.ConversationId;
import chat.engine.Message;
import chat.engine.ReplyPreview;
import chat.engine.UserId;
import chat.engine.spi.AppendOutcome;
import chat.engine.spi.AppendOutcome.Changed;
import chat.engine.spi.AppendOutcome.Duplicate;
import chat.engine.spi.AppendOutcome.Stored;
import chat.engine.spi.Draft;
import chat.engine.spi.MessageStore;
import chat.engine.spi.MessageStore.ChangedAfter;
import chat.engine.spi.MessageStore.Range;
import chat.engine.spi.StoredMessage;
import chat.engine.spi.Write;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What a message shows of the one that it answers. */
interface ReplyPreviewContract extends StoreTests {
  int REPLIES = 200;

  private Draft reply(ConversationId group, UserId sender, long seq) {
    return chat().drafts().draft(group, sender).replyTo(seq).build();
  }

  private static ReplyPreview plain(long seq, UserId from, String text) {
    return new ReplyPreview(seq, from, text, 0, false, false);
  }

  private static ReplyPreview deleted(long seq, UserId from, long rev) {
    return new ReplyPreview(seq, from, "", rev, false, true);
  }

  /** What all reads of another node agree on. */
  private ReplyPreview read(ConversationId group, long seq) {
    MessageStore node = chat().anotherNode();
    List<Message> found = new ArrayList<>();
    found.addAll(node.after(group, seq - 1, 1).stream().map(StoredMessage::message).toList());
    found.addAll(node.before(group, seq + 1, 1));
    found.addAll(node.ranges(List.of(new Range(group, seq - 1, seq, 1))).get(group));
    found.addAll(StoreFixture.after(node, group, 0, 1_000).subList((int) seq - 1, (int) seq));
    if (found.get(0).rev() > 0) {
      node.changed(List.of(new ChangedAfter(group, 0, seq, 100))).get(group).stream()
          .filter(message -> message.seq() == seq)
          .forEach(found::add);
      node.conversations().changes(group, 0, 100).stream()
          .map(ConversationChange::message)
          .filter(message -> message != null && message.seq() == seq)
          .forEach(found::add);
      assertThat(found).hasSizeGreaterThanOrEqualTo(6);
    }
    assertThat(found).hasSizeGreaterThanOrEqualTo(4).allMatch(found.get(0)::equals);
    return found.get(0).replyPreview();
  }

  @Test
  default void aReplyComesWithAPreviewInItsOutcomeAndInEveryRead() {
    UserId ada = chat().user("ada");
    UserId bob = chat().user("bob");
    ConversationId group = chat().group(ada, bob);
    chat().append(chat().drafts().text(group, ada, "Shall we meet?"));
    ReplyPreview expected = plain(1, ada, "Shall we meet?");
    Draft reply = reply(group, bob, 1);

    assertThat(chat().append(List.of(reply, chat().drafts().text(group, bob, "plain"))))
        .containsExactly(new Stored(2, 0, expected), new Stored(3, 0));
    assertThat(read(group, 2)).isEqualTo(expected);
    assertThat(chat().messages(group).get(2).replyPreview()).isNull();
    assertThat(chat().append(chat().drafts().retryOf(reply)))
        .isInstanceOfSatisfying(
            Duplicate.class, first -> assertThat(first.first().replyPreview()).isEqualTo(expected));
  }

  @Test
  default void aVerifiedReplyOnTheFastPathHasItsPreview() {
    UserId ada = chat().user("ada");
    ConversationId group = chat().group(ada);
    ConversationId other = chat().group(ada);
    chat().append(chat().drafts().text(group, ada, "one"));
    chat().append(chat().drafts().text(other, ada, "two"));
    List<Draft> batch = new ArrayList<>();
    for (ConversationId to : List.of(group, other, group)) {
      batch.add(chat().drafts().draft(to, ada).replyTo(1).verifiedRev(0).build());
      batch.add(chat().drafts().draft(to, ada).verifiedRev(0).build());
    }

    assertThat(chat().append(batch))
        .containsExactly(
            new Stored(2, 0, plain(1, ada, "one")),
            new Stored(3, 0),
            new Stored(2, 0, plain(1, ada, "two")),
            new Stored(3, 0),
            new Stored(4, 0, plain(1, ada, "one")),
            new Stored(5, 0));
  }

  @Test
  default void aMessageMayAnswerOneOfItsBatch() {
    UserId ada = chat().user("ada");
    ConversationId group = chat().group(ada);
    for (long verified : new long[] {0, Draft.UNVERIFIED}) {
      long last = chat().store().lastSeqs(List.of(group)).get(group);
      Draft first = chat().drafts().draft(group, ada).text("first").verifiedRev(verified).build();
      Draft second =
          chat().drafts().draft(group, ada).replyTo(last + 1).verifiedRev(verified).build();
      assertThat(chat().append(List.of(first, second)))
          .containsExactly(
              new Stored(last + 1, 0), new Stored(last + 2, 0, plain(last + 1, ada, "first")));
    }
  }

  @Test
  default void aPreviewFollowsEditsAndTheDeletionOfWhatIsAnswered() {
    UserId ada = chat().user("ada");
    ConversationId group = chat().group(ada);
    chat().append(chat().drafts().text(group, ada, "before"));
    chat().append(reply(group, ada, 1));

    chat().append(chat().drafts().edit(group, 1, ada, "after"));
    ReplyPreview edited = new ReplyPreview(1, ada, "after", 1, true, false);
    assertThat(read(group, 2)).isEqualTo(edited);
    assertThat(chat().append(reply(group, ada, 1))).isEqualTo(new Stored(3, 0, edited));
    chat().append(chat().drafts().deletion(group, 1, ada));
    assertThat(read(group, 2)).isEqualTo(deleted(1, ada, 2));
    assertThat(chat().append(reply(group, ada, 1))).isEqualTo(new Stored(4, 0, deleted(1, ada, 2)));
  }

  @Test
  default void aChangedReplyKeepsItsPreviewAndADeletedOneHasNone() {
    UserId ada = chat().user("ada");
    ConversationId group = chat().group(ada);
    chat().append(chat().drafts().text(group, ada, "one"));
    chat().append(reply(group, ada, 1));

    assertThat(chat().append(chat().drafts().edit(group, 2, ada, "better")))
        .satisfies(outcome -> assertThat(preview(outcome)).isEqualTo(plain(1, ada, "one")));
    assertThat(read(group, 2)).isEqualTo(plain(1, ada, "one"));
    assertThat(chat().append(chat().drafts().deletion(group, 2, ada)))
        .satisfies(outcome -> assertThat(preview(outcome)).isNull());
    assertThat(chat().messages(group).get(1).replyPreview()).isNull();
    assertThat(chat().messages(group).get(1).replyTo()).isEqualTo(1);
  }

  private static ReplyPreview preview(AppendOutcome changed) {
    return Objects.requireNonNull(((Changed) changed).change().message()).replyPreview();
  }

  @Test
  default void inABatchEachSeesTheWritesBeforeIt() {
    UserId ada = chat().user("ada");
    ConversationId group = chat().group(ada);
    chat().append(chat().drafts().text(group, ada, "one"));
    chat().append(reply(group, ada, 1));
    List<Write> batch =
        List.of(
            reply(group, ada, 1),
            chat().drafts().edit(group, 2, ada, "a"),
            chat().drafts().edit(group, 1, ada, "two"),
            chat().drafts().edit(group, 2, ada, "b"),
            reply(group, ada, 1),
            chat().drafts().deletion(group, 1, ada),
            chat().drafts().edit(group, 2, ada, "c"),
            reply(group, ada, 1));

    List<AppendOutcome> outcomes = chat().append(batch);

    ReplyPreview edited = new ReplyPreview(1, ada, "two", 2, true, false);
    assertThat(outcomes.get(0)).isEqualTo(new Stored(3, 0, plain(1, ada, "one")));
    assertThat(preview(outcomes.get(1))).isEqualTo(plain(1, ada, "one"));
    assertThat(preview(outcomes.get(3))).isEqualTo(edited);
    assertThat(outcomes.get(4)).isEqualTo(new Stored(4, 0, edited));
    assertThat(preview(outcomes.get(6))).isEqualTo(deleted(1, ada, 4));
    assertThat(outcomes.get(7)).isEqualTo(new Stored(5, 0, deleted(1, ada, 4)));
  }

  @Test
  default void aLongTextIsCutBetweenCharacters() {
    UserId ada = chat().user("ada");
    ConversationId group = chat().group(ada);
    String family = "\ud83d\udc68\u200d\ud83d\udc69\u200d\ud83d\udc67"; // one character of five
    String text = "x".repeat(137) + family + "y".repeat(1_000);
    chat().append(chat().drafts().text(group, ada, text));
    chat().append(reply(group, ada, 1));

    assertThat(read(group, 2)).isEqualTo(plain(1, ada, "x".repeat(137)));
    chat().append(chat().drafts().text(group, ada, "\ud83d\ude00".repeat(200)));
    chat().append(reply(group, ada, 3));
    assertThat(read(group, 4)).isEqualTo(plain(3, ada, "\ud83d\ude00".repeat(140)));
  }

  @Test
  @Tag(Together.TAG)
  default void aReplyAgainstTheDeletionOfWhatItAnswersShowsTheTextOnlyIfItCameBefore()
      throws Exception {
    UserId ada = chat().user("ada");
    ConversationId group = chat().group(ada);
    chat().send(group, ada, REPLIES);
    List<MessageStore> nodes = List.of(chat().store(), chat().anotherNode());
    CyclicBarrier together = new CyclicBarrier(2);

    List<List<AppendOutcome>> outcomes =
        Together.run(
            2,
            task ->
                () -> {
                  List<AppendOutcome> made = new ArrayList<>();
                  for (int round = 1; round <= REPLIES; round++) {
                    Write write =
                        task == 0
                            ? chat()
                                .drafts()
                                .draft(group, ada)
                                .replyTo(round)
                                .verifiedRev(0)
                                .build()
                            : chat().drafts().deletion(group, round, ada);
                    together.await(30, TimeUnit.SECONDS);
                    made.addAll(StoreFixture.appendWaiting(nodes.get(task), List.of(write)));
                  }
                  return made;
                });

    for (int i = 0; i < REPLIES; i++) {
      Stored reply = (Stored) outcomes.get(0).get(i);
      ConversationChange deletion = ((Changed) outcomes.get(1).get(i)).change();
      boolean before = reply.seq() <= deletion.atSeq();
      ReplyPreview gone = deleted(i + 1, ada, deletion.rev());
      assertThat(reply.replyPreview()).isEqualTo(before ? plain(i + 1, ada, "message " + i) : gone);
      assertThat(nodes.get(1).after(group, reply.seq() - 1, 1).get(0).message().replyPreview())
          .isEqualTo(gone);
    }
  }

  @Test
  @Tag(Together.TAG)
  default void aReadThatBeginsAfterADeletionShowsNoPreviewOfTheText() throws Exception {
    UserId ada = chat().user("ada");
    ConversationId group = chat().group(ada);
    List<Draft> batch = new ArrayList<>();
    chat().send(group, ada, REPLIES);
    for (int i = 1; i <= REPLIES; i++) {
      batch.add(reply(group, ada, i));
    }
    chat().append(batch);
    List<MessageStore> nodes = List.of(chat().store(), chat().anotherNode());

    List<Boolean> shown =
        Together.run(
            2,
            task ->
                () -> {
                  boolean leaked = false;
                  for (int i = 1; i <= REPLIES; i++) {
                    if (task == 0) {
                      nodes
                          .get(0)
                          .append(
                              List.of(chat().drafts().deletion(group, i, ada)),
                              Duration.ofSeconds(20));
                      ReplyPreview now =
                          nodes
                              .get(1)
                              .after(group, REPLIES + i - 1, 1)
                              .get(0)
                              .message()
                              .replyPreview();
                      leaked |= !now.deleted() || !now.text().isEmpty();
                    } else {
                      for (StoredMessage read : nodes.get(1).after(group, REPLIES, REPLIES)) {
                        ReplyPreview preview = read.message().replyPreview();
                        leaked |= preview.deleted() && !preview.text().isEmpty();
                      }
                    }
                  }
                  return leaked;
                });

    assertThat(shown).containsExactly(false, false);
  }
}
