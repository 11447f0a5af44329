package chat.engine.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import chat.engine.ConversationId;
import chat.engine.Message;
import chat.engine.UserId;
import chat.engine.spi.MessageStore;
import chat.engine.spi.MessageStore.Range;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Pages, pieces, last seqs, what was committed since, and the epoch. */
interface ReadContract extends StoreTests {

  @Test
  default void afterGivesTheOldestMessagesAboveASeq() {
    UserId ada = chat().user("ada");
    ConversationId group = chat().group(ada);
    List<Message> sent = chat().send(group, ada, 10);
    MessageStore store = chat().store();

    assertThat(StoreFixture.after(store, group, 0, 3)).isEqualTo(sent.subList(0, 3));
    assertThat(StoreFixture.after(store, group, 3, 3)).isEqualTo(sent.subList(3, 6));
    assertThat(StoreFixture.after(store, group, 8, 3)).isEqualTo(sent.subList(8, 10));
    assertThat(StoreFixture.after(store, group, 0, Integer.MAX_VALUE)).isEqualTo(sent);
    assertThat(StoreFixture.after(store, group, 9, 1)).isEqualTo(sent.subList(9, 10));
    assertThat(StoreFixture.after(store, group, 10, 1)).isEmpty();
    assertThat(StoreFixture.after(store, group, 11, 1)).isEmpty();
    assertThat(StoreFixture.after(store, group, Long.MAX_VALUE, Integer.MAX_VALUE)).isEmpty();
  }

  @Test
  default void beforeGivesTheNewestMessagesBelowASeqAscending() {
    UserId ada = chat().user("ada");
    ConversationId group = chat().group(ada);
    List<Message> sent = chat().send(group, ada, 10);
    MessageStore store = chat().store();

    assertThat(store.before(group, Long.MAX_VALUE, 3)).isEqualTo(sent.subList(7, 10));
    assertThat(store.before(group, 8, 3)).isEqualTo(sent.subList(4, 7));
    assertThat(store.before(group, 11, 1)).isEqualTo(sent.subList(9, 10));
    assertThat(store.before(group, 3, 5)).isEqualTo(sent.subList(0, 2));
    assertThat(store.before(group, 11, Integer.MAX_VALUE)).isEqualTo(sent);
    assertThat(store.before(group, 2, 1)).isEqualTo(sent.subList(0, 1));
    assertThat(store.before(group, 1, 1)).isEmpty();
    assertThat(store.before(group, 0, 1)).isEmpty();
  }

  @Test
  default void pagesOfAnEmptyAndOfAnUnknownConversationAreEmpty() {
    ConversationId empty = chat().group(chat().user("ada"));
    ConversationId unknown = chat().drafts().conversationId();
    chat().send(chat().group(chat().user("ada")), chat().user("ada"), 1);

    for (ConversationId conversation : List.of(empty, unknown)) {
      assertThat(StoreFixture.after(chat().store(), conversation, 0, 10)).isEmpty();
      assertThat(chat().store().before(conversation, Long.MAX_VALUE, 10)).isEmpty();
    }
  }

  @Test
  default void rangesGiveTheLowestMessagesOfEachPieceInTheOrderAskedFor() {
    UserId ada = chat().user("ada");
    List<ConversationId> groups = new ArrayList<>();
    List<List<Message>> sent = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      groups.add(chat().group(ada));
      sent.add(chat().send(groups.get(i), ada, 10));
    }

    Map<ConversationId, List<Message>> pieces =
        chat()
            .store()
            .ranges(
                List.of(
                    new Range(groups.get(3), 0, 10, 100),
                    new Range(groups.get(0), 2, 9, 3),
                    new Range(groups.get(5), 9, 10, 1),
                    new Range(groups.get(1), 7, Long.MAX_VALUE, Integer.MAX_VALUE),
                    new Range(groups.get(4), 0, 4, 4)));

    assertThat(pieces)
        .containsExactly(
            Map.entry(groups.get(3), sent.get(3)),
            Map.entry(groups.get(0), sent.get(0).subList(2, 5)),
            Map.entry(groups.get(5), sent.get(5).subList(9, 10)),
            Map.entry(groups.get(1), sent.get(1).subList(7, 10)),
            Map.entry(groups.get(4), sent.get(4).subList(0, 4)));
  }

  @Test
  default void aRangeWithoutMessagesHasAnEmptyPiece() {
    UserId ada = chat().user("ada");
    ConversationId full = chat().group(ada);
    chat().send(full, ada, 3);
    ConversationId empty = chat().group(ada);
    ConversationId unknown = chat().drafts().conversationId();

    assertThat(
            chat()
                .store()
                .ranges(
                    List.of(
                        new Range(unknown, 0, 10, 10),
                        new Range(full, 3, 10, 10),
                        new Range(empty, 0, 10, 10))))
        .containsExactly(
            Map.entry(unknown, List.of()), Map.entry(full, List.of()), Map.entry(empty, List.of()));
    assertThat(chat().store().ranges(List.of(new Range(full, 2, 2, 10))))
        .containsExactly(Map.entry(full, List.of()));
    assertThat(chat().store().ranges(List.of())).isEmpty();
  }

  @Test
  default void aThousandRangesAreReadInOneCall() {
    UserId ada = chat().user("ada");
    List<ConversationId> groups =
        IntStream.range(0, 1000).mapToObj(i -> chat().group(ada)).toList();
    chat().append(groups.stream().map(group -> chat().drafts().text(group, ada, "x")).toList());

    Map<ConversationId, List<Message>> pieces =
        chat().store().ranges(groups.stream().map(group -> new Range(group, 0, 1, 1)).toList());

    assertThat(pieces.keySet()).containsExactlyElementsOf(groups);
    assertThat(pieces.values()).allSatisfy(piece -> assertThat(piece).hasSize(1));
  }

  @Test
  default void lastSeqsHaveAZeroForAnEmptyConversationAndNothingForAnUnknownOne() {
    UserId ada = chat().user("ada");
    ConversationId full = chat().group(ada);
    chat().send(full, ada, 3);
    ConversationId empty = chat().group(ada);
    ConversationId direct = chat().direct(ada, chat().user("bob")).id();
    ConversationId unknown = chat().drafts().conversationId();

    assertThat(chat().store().lastSeqs(List.of(unknown, empty, full, direct, full)))
        .containsExactlyInAnyOrderEntriesOf(Map.of(empty, 0L, full, 3L, direct, 0L));
    assertThat(chat().store().lastSeqs(List.of())).isEmpty();
  }

  // ---- the store itself

  @Test
  default void theEpochIsTheSameOnEveryNodeAndAfterAReopening() {
    String epoch = chat().store().epoch();

    assertThat(epoch).isNotBlank().hasSizeLessThanOrEqualTo(64);
    assertThat(chat().anotherNode().epoch()).isEqualTo(epoch);
  }

  @Test
  default void closingOneNodeTwiceHarmsNoOther() {
    UserId ada = chat().user("ada");
    ConversationId group = chat().group(ada);
    MessageStore other = chat().anotherNode();
    other.close();

    assertThatCode(other::close).doesNotThrowAnyException();
    assertThat(chat().messages(group)).isEmpty();
    chat().send(group, ada, 1);
  }
}
