package chat.engine.message.change;

import static org.assertj.core.api.Assertions.assertThat;

import chat.engine.ChangeAck;
import chat.engine.ChatEngine;
import chat.engine.ChatException;
import chat.engine.ConversationId;
import chat.engine.EngineBuilder;
import chat.engine.ErrorCode;
import chat.engine.GroupUpdate;
import chat.engine.HistoryAccess;
import chat.engine.HistoryQuery;
import chat.engine.Message;
import chat.engine.MessageEdit;
import chat.engine.MessageVersion;
import chat.engine.NewMessage;
import chat.engine.Page;
import chat.engine.PageQuery;
import chat.engine.SearchQuery;
import chat.engine.UserId;
import chat.engine.running.TwoNodeTest;
import chat.engine.spi.MessageStore;
import chat.engine.spi.MessageStore.MessagePlace;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What messages said before their edits, on two nodes with edit history and one without. */
@Timeout(300)
abstract class EditHistoryTests extends TwoNodeTest {
  private static final int ROUNDS = 150;
  private static final int ALL = 1_000;

  @Override
  protected EngineBuilder northSettings(EngineBuilder settings) {
    return settings.editHistory(true).search(true);
  }

  private ChatEngine keeping() {
    return node(network.join(), settings -> settings.editHistory(true));
  }

  private void send(UserId from, ConversationId to, String text) {
    get(north.asUser(from).send(to, NewMessage.text(text)));
  }

  private static ChangeAck edit(ChatEngine node, UserId author, ConversationId id, String text) {
    return get(node.asUser(author).editMessage(id, 1, MessageEdit.text(text)));
  }

  private static List<String> texts(ChatEngine node, UserId reader, ConversationId id) {
    return get(node.asUser(reader).edits(id, 1, PageQuery.first())).items().stream()
        .map(MessageVersion::text)
        .toList();
  }

  private List<MessageVersion> stored(ConversationId id, long seq) {
    try (MessageStore one = openStore()) {
      return one.versions(new MessagePlace(id, seq), 0, ALL);
    }
  }

  @Test
  void membersReadWhatAMessageSaidBefore() {
    ChatEngine other = keeping();
    ConversationId talk = get(north.asUser(ADA).openDirect(BOB)).id();
    get(north.asUser(ADA).send(talk, NewMessage.text("one").withAttributes("{\"a\":1}")));
    assertThat(texts(other, BOB, talk)).as("never edited").containsExactly("one");
    ChangeAck second = edit(north, ADA, talk, "two");
    ChangeAck third = edit(other, ADA, talk, "three");
    assertThat(edit(north, ADA, talk, "three")).as("again").isEqualTo(third);

    Message sent = get(other.asUser(BOB).history(talk, HistoryQuery.after(0))).messages().get(0);
    Page<MessageVersion> page = get(other.asUser(BOB).edits(talk, 1, PageQuery.first()));

    assertThat(page.hasMore()).isFalse();
    assertThat(page.items())
        .containsExactly(
            new MessageVersion(1, "one", "{\"a\":1}", sent.createdAt()),
            new MessageVersion(2, "two", null, second.editedAt()),
            new MessageVersion(3, "three", null, third.editedAt()));
    assertThat(get(north.asApplication().edits(talk, 1, PageQuery.first()))).isEqualTo(page);
    Page<MessageVersion> first =
        get(north.asUser(ADA).edits(talk, 1, PageQuery.<Long>first().limit(2)));
    assertThat(first.items()).isEqualTo(page.items().subList(0, 2));
    assertThat(first.hasMore()).isTrue();
    Page<MessageVersion> rest = get(north.asUser(ADA).edits(talk, 1, PageQuery.after(2L)));
    assertThat(rest.items()).isEqualTo(page.items().subList(2, 3));
    assertThat(rest.hasMore()).isFalse();
    assertThat(get(north.asUser(ADA).edits(talk, 1, PageQuery.after(3L))).items()).isEmpty();
  }

  @Test
  void whereItIsOffNothingIsKeptAndNothingIsShown() {
    ConversationId talk = get(south.asUser(ADA).openDirect(BOB)).id();
    send(ADA, talk, "one");
    edit(south, ADA, talk, "two");
    assertThat(texts(north, BOB, talk)).containsExactly("two");
    edit(north, ADA, talk, "three");
    assertRefused(south.asUser(BOB).edits(talk, 1, PageQuery.first()), ErrorCode.FORBIDDEN);
    assertRefused(south.asApplication().edits(talk, 1, PageQuery.first()), ErrorCode.FORBIDDEN);
    assertThat(texts(north, BOB, talk)).containsExactly("two", "three");
    get(south.asUser(ADA).deleteMessage(talk, 1));
    assertThat(stored(talk, 1)).as("what was kept goes").isEmpty();
  }

  @Test
  void whoMayNotReadTheMessageReadsNoVersion() {
    ConversationId group = get(north.asUser(ADA).createGroup("g", Set.of(BOB))).id();
    send(ADA, group, "one");
    edit(north, ADA, group, "two");
    send(ADA, group, "another");
    assertRefused(north.asUser(CLEO).edits(group, 1, PageQuery.first()), ErrorCode.NOT_FOUND);
    get(north.asUser(ADA).addMembers(group, Set.of(CLEO)));
    assertThat(texts(north, CLEO, group)).containsExactly("one", "two");
    get(north.asUser(ADA).updateGroup(group, GroupUpdate.of().withHistory(HistoryAccess.JOINED)));
    assertRefused(north.asUser(CLEO).edits(group, 1, PageQuery.first()), ErrorCode.NOT_FOUND);
    assertThat(texts(north, BOB, group)).containsExactly("one", "two");
    get(north.asUser(ADA).removeMembers(group, Set.of(BOB)));
    assertRefused(north.asUser(BOB).edits(group, 1, PageQuery.first()), ErrorCode.NOT_FOUND);
    for (long none : new long[] {-1, 0, 3, Long.MAX_VALUE}) {
      assertRefused(north.asUser(ADA).edits(group, none, PageQuery.first()), ErrorCode.NOT_FOUND);
    }
    get(north.asUser(ADA).deleteMessage(group, 1));
    assertThat(texts(north, ADA, group)).isEmpty();
  }

  @Test
  void aPageOfLongVersionsEndsEarly() {
    ConversationId talk = get(north.asUser(ADA).openDirect(BOB)).id();
    send(ADA, talk, "one");
    int edits = MessageVersion.MAX_PER_MESSAGE + 20;
    List<CompletableFuture<ChangeAck>> made = new ArrayList<>();
    for (int i = 1; i <= edits; i++) {
      made.add(
          north.asUser(ADA).editMessage(talk, 1, MessageEdit.text(i + " " + "x".repeat(16_000))));
    }
    made.forEach(TwoNodeTest::get);
    List<Long> numbers = new ArrayList<>();
    PageQuery<Long> query = PageQuery.first();
    while (true) {
      Page<MessageVersion> page = get(north.asUser(BOB).edits(talk, 1, query));
      assertThat(page.items().stream().mapToLong(one -> one.text().length()).sum())
          .isLessThan(256 << 10);
      page.items().forEach(one -> numbers.add(one.number()));
      if (!page.hasMore()) {
        break;
      }
      query = PageQuery.after(numbers.get(numbers.size() - 1));
    }
    long present = edits + 1L;
    assertThat(numbers)
        .containsExactlyElementsOf(
            IntStream.rangeClosed((int) present - MessageVersion.MAX_PER_MESSAGE, (int) present)
                .asLongStream()
                .boxed()
                .toList());
  }

  @Test
  void onlyThePresentTextIsFound() {
    ConversationId talk = get(north.asUser(ADA).openDirect(BOB)).id();
    send(ADA, talk, "zebrafinch");
    edit(north, ADA, talk, "goldfinch");
    Awaitility.await()
        .atMost(Duration.ofSeconds(60))
        .untilAsserted(() -> assertThat(found("goldfinch")).isEqualTo(1));
    assertThat(found("zebrafinch")).isZero();
  }

  private int found(String word) {
    return get(north.asUser(BOB).search(SearchQuery.of(word))).hits().size();
  }

  @Test
  void versionsLeaveWithAllMessagesOfAUserAndWithTheConversation() {
    ConversationId one = get(north.asUser(ADA).createGroup("one", Set.of(BOB))).id();
    ConversationId two = get(north.asUser(ADA).createGroup("two", Set.of(BOB))).id();
    for (ConversationId id : List.of(one, two)) {
      send(BOB, id, "first");
      edit(north, BOB, id, "second");
    }
    get(north.asApplication().deleteMessagesOf(BOB, one));
    assertThat(stored(one, 1)).isEmpty();
    assertThat(texts(north, ADA, two)).containsExactly("first", "second");
    get(north.asApplication().delete(two));
    Awaitility.await().atMost(Duration.ofSeconds(60)).until(() -> stored(two, 1).isEmpty());
  }

  /** An edit comes before the deletion, and its version goes with it, or it is refused. */
  @Tag("races")
  @Test
  void afterADeletionNoVersionRemainsWhateverRacesWithIt() {
    ChatEngine other = keeping();
    int beforehand = 0;
    for (int round = 0; round < ROUNDS; round++) {
      ConversationId talk = get(north.asUser(ADA).openDirect(UserId.of("u" + round))).id();
      send(ADA, talk, "one");
      List<CompletableFuture<ChangeAck>> edits = new ArrayList<>();
      CompletableFuture<ChangeAck> deleted = null;
      for (int i = 0; i < 6; i++) {
        ChatEngine node = i % 2 == 0 ? north : other;
        edits.add(node.asUser(ADA).editMessage(talk, 1, MessageEdit.text("edit " + i)));
        if (i == round % 6) {
          deleted = (round % 4 < 2 ? other : north).asUser(ADA).deleteMessage(talk, 1);
        }
      }
      get(Objects.requireNonNull(deleted));
      for (CompletableFuture<ChangeAck> edit : edits) {
        ChatException refusal = outcome(edit);
        if (refusal == null) {
          beforehand++;
        } else {
          assertThat(refusal.code()).isEqualTo(ErrorCode.CONFLICT);
        }
      }
      assertThat(texts(north, ADA, talk)).isEmpty();
      assertThat(rows(talk)).isZero();
    }
    assertThat(beforehand).as("some edits came first").isPositive();
  }

  /**
   * Versions that are there, by another way than the API, which shows none of a deleted message.
   */
  abstract int rows(ConversationId id);
}
