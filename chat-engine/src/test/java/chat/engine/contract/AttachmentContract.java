package chat.engine.contract;

import static org.assertj.core.api.Assertions.assertThat;

import chat.engine.ConversationId;
import chat.engine.FileId;
import chat.engine.Message;
import chat.engine.UserId;
import chat.engine.spi.AppendOutcome.Changed;
import chat.engine.spi.AppendOutcome.Conflict;
import chat.engine.spi.AppendOutcome.Duplicate;
import chat.engine.spi.AppendOutcome.NothingLeft;
import chat.engine.spi.AppendOutcome.Stored;
import chat.engine.spi.Draft;
import chat.engine.spi.MessageStore;
import chat.engine.spi.MessageStore.Range;
import chat.engine.spi.Reattribution;
import chat.engine.spi.StoredMessage;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Messages with files. */
interface AttachmentContract extends StoreTests {
  /** The message, as all reads of another node have it. */
  private Message stored(ConversationId conversation, long seq) {
    MessageStore node = chat().anotherNode();
    List<Message> found = new ArrayList<>();
    node.after(conversation, seq - 1, 1).stream().map(StoredMessage::message).forEach(found::add);
    found.addAll(node.before(conversation, seq + 1, 1));
    found.addAll(node.ranges(List.of(new Range(conversation, seq - 1, seq, 1))).get(conversation));
    assertThat(found).hasSize(3).allMatch(found.get(0)::equals);
    return found.get(0);
  }

  @Test
  default void attachmentsAreKeptInTheirOrder() {
    UserId ada = chat().user("ada");
    UserId bob = chat().user("bob");
    ConversationId group = chat().group(ada, bob);
    for (long verified : new long[] {0, Draft.UNVERIFIED}) {
      long last = chat().store().lastSeqs(List.of(group)).get(group);
      List<Draft> drafts =
          List.of(
              chat().drafts().draft(group, ada).verifiedRev(verified).build(),
              chat()
                  .drafts()
                  .draft(group, ada)
                  .attachments("b-2", "a_1")
                  .text("")
                  .verifiedRev(verified)
                  .build(),
              chat()
                  .drafts()
                  .draft(group, ada)
                  .forwardOf(group, 1)
                  .attributes("{}")
                  .attachments("c")
                  .verifiedRev(verified)
                  .build());
      assertThat(chat().append(drafts.subList(0, 2))).allMatch(Stored.class::isInstance);
      assertThat(chat().append(drafts.get(2))).isInstanceOf(Stored.class);
      Draft both = chat().drafts().draft(group, bob).attachments("d").verifiedRev(verified).build();
      Draft forward = chat().drafts().draft(group, bob).forwardOf(group, 1).build();
      assertThat(chat().append(List.of(both, forward))).allMatch(Stored.class::isInstance);
      for (int i = 0; i < 3; i++) {
        assertThat(stored(group, last + 1 + i))
            .isEqualTo(Drafts.stored(drafts.get(i), last + 1 + i));
      }
      assertThat(stored(group, last + 4)).isEqualTo(Drafts.stored(both, last + 4));
      assertThat(stored(group, last + 5)).isEqualTo(Drafts.stored(forward, last + 5));
      assertThat(stored(group, last + 2).attachments())
          .containsExactly(FileId.of("b-2"), FileId.of("a_1"));
      assertThat(chat().append(chat().drafts().retryOf(drafts.get(1))))
          .isEqualTo(new Duplicate(Drafts.stored(drafts.get(1), last + 2), 0));
      String id = drafts.get(1).clientMessageId().value();
      assertThat(
              chat()
                  .append(
                      chat()
                          .drafts()
                          .draft(group, ada)
                          .clientMessageId(id)
                          .text("")
                          .attachments("a_1")
                          .build()))
          .isEqualTo(new Conflict());
    }
  }

  @Test
  default void anEditKeepsAttachmentsAndADeletionTakesThemAway() {
    UserId ada = chat().user("ada");
    ConversationId group = chat().group(ada);
    chat().append(chat().drafts().draft(group, ada).attachments("a").build());
    chat().append(chat().drafts().text(group, ada, "without"));

    assertThat(chat().append(chat().drafts().edit(group, 1, ada, "edited")))
        .isInstanceOf(Changed.class);
    assertThat(stored(group, 1).attachments()).containsExactly(FileId.of("a"));
    assertThat(chat().append(chat().drafts().edit(group, 1, ada, ""))).isInstanceOf(Changed.class);
    assertThat(stored(group, 1).text()).isEmpty();
    assertThat(stored(group, 1).attachments()).containsExactly(FileId.of("a"));
    assertThat(chat().append(chat().drafts().edit(group, 2, ada, ""))).isEqualTo(new NothingLeft());
    assertThat(stored(group, 2).text()).isEqualTo("without");
    chat().append(chat().drafts().deletion(group, 1, ada));
    assertThat(stored(group, 1).attachments()).isEmpty();
  }

  @Test
  default void attachmentsLeaveWithAnErasedAuthorAndStayWithARenamedOne() {
    UserId ada = chat().user("ada");
    UserId eva = chat().user("eva");
    ConversationId group = chat().group(ada);
    chat().append(chat().drafts().draft(group, ada).attachments("a").build());
    chat().append(new Reattribution(group, 1, ada, eva, false, chat().drafts().now()));
    assertThat(stored(group, 1).from()).isEqualTo(eva);
    assertThat(stored(group, 1).attachments()).containsExactly(FileId.of("a"));
    UserId gone = chat().user("gone");
    chat().append(new Reattribution(group, 1, eva, gone, true, chat().drafts().now()));
    assertThat(stored(group, 1).deleted()).isTrue();
    assertThat(stored(group, 1).attachments()).isEmpty();
  }
}
