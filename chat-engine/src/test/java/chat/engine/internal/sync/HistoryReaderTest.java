package chat.engine.internal.sync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import chat.engine.ChatException;
import chat.engine.ClientMessageId;
import chat.engine.Conversation;
import chat.engine.ConversationId;
import chat.engine.Emoji;
import chat.engine.ErrorCode;
import chat.engine.HistoryAccess;
import chat.engine.HistoryQuery;
import chat.engine.Message;
import chat.engine.MessageId;
import chat.engine.MessagePage;
import chat.engine.Page;
import chat.engine.PageQuery;
import chat.engine.PinnedMessage;
import chat.engine.Role;
import chat.engine.SearchHit;
import chat.engine.SearchPage;
import chat.engine.UserId;
import chat.engine.UserReactions;
import chat.engine.memory.InMemoryMessageStore;
import chat.engine.spi.AppendOutcome;
import chat.engine.spi.ConversationStore;
import chat.engine.spi.ConversationStore.Change;
import chat.engine.spi.Draft;
import chat.engine.spi.MessageStore;
import chat.engine.spi.Pin;
import chat.engine.spi.Reaction;
import chat.engine.spi.Write;
import chat.engine.testing.Wrapped;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What a page has if the membership of its reader changes while it is read, and how long it is. */
final class HistoryReaderTest {
  private static final UserId ADA = UserId.of("ada");
  private static final UserId BOB = UserId.of("bob");
  private static final UserId CLEO = UserId.of("cleo");
  private static final Instant NOW = Instant.EPOCH;
  private static final ConversationId GROUP = ConversationId.of(7);
  private static final ConversationId LATE = ConversationId.of(8);

  /** What fits into an answer unless a test says otherwise. */
  private static final int ROOM = 1 << 20;

  private final InMemoryMessageStore store = new InMemoryMessageStore();

  /** What happens right after a call of this name has read the store, once. */
  private final Map<String, Runnable> after = new HashMap<>();

  private final List<String> calls = new ArrayList<>();
  private final HistoryReader history = reader(ROOM);
  private long ids;

  HistoryReaderTest() {
    store.conversations().createGroup(GROUP, "g", Map.of(ADA, Role.OWNER, BOB, Role.MEMBER), NOW);
    store
        .conversations()
        .createGroup(
            Conversation.group(LATE, "late", NOW).withHistory(HistoryAccess.JOINED),
            Map.of(ADA, Role.OWNER, BOB, Role.MEMBER));
  }

  private HistoryReader reader(int answerBytes) {
    ConversationStore conversations =
        Wrapped.of(ConversationStore.class, store.conversations(), this::read);
    return new HistoryReader(
        Wrapped.of(
            MessageStore.class,
            store,
            (method, arguments, real) ->
                method.equals("conversations") ? conversations : read(method, arguments, real)),
        answerBytes);
  }

  private Object read(String method, Object[] arguments, Wrapped.Real real) throws Throwable {
    calls.add(method);
    Object answer = real.call();
    Runnable then = after.remove(method);
    if (then != null) {
      then.run();
    }
    return Objects.requireNonNull(answer);
  }

  private void write(Write... writes) {
    assertThat(store.append(List.of(writes), Duration.ZERO))
        .allMatch(
            outcome ->
                outcome instanceof AppendOutcome.Stored
                    || outcome instanceof AppendOutcome.Changed);
  }

  private void say(ConversationId id, int messages, String text) {
    for (int i = 0; i < messages; i++) {
      long number = ++ids;
      write(
          new Draft(
              MessageId.of(number),
              id,
              ADA,
              ClientMessageId.of("c" + number),
              number,
              text,
              null,
              List.of(),
              null,
              NOW,
              Draft.UNVERIFIED));
    }
  }

  private void change(ConversationId id, Change change) {
    long rev = store.conversations().members(id).orElseThrow().rev();
    assertThat(store.conversations().change(id, rev, List.of(change), UserId.SYSTEM, NOW))
        .isPresent();
  }

  private void remove(ConversationId id) {
    change(id, Change.removed(List.of(BOB)));
  }

  private void joinAgain() {
    remove(LATE);
    change(LATE, Change.added(List.of(BOB), Role.MEMBER));
  }

  private void pin(ConversationId id, long seq) {
    write(new Pin(id, seq, ADA, true, Set.of(Role.OWNER), NOW));
  }

  private void react(ConversationId id, long seq, UserId user) {
    write(new Reaction(id, seq, user, Emoji.of("👍"), true, NOW));
  }

  private static List<Long> seqs(MessagePage page) {
    return page.messages().stream().map(Message::seq).toList();
  }

  private static void refused(ErrorCode code, Runnable call) {
    assertThatThrownBy(call::run)
        .isInstanceOfSatisfying(
            ChatException.class, fault -> assertThat(fault.code()).isEqualTo(code));
  }

  // ---- a reader whose membership changes meanwhile

  @Test
  void aReaderWhoIsRemovedWhileAPageIsReadDoesNotGetIt() {
    say(GROUP, 3, "text");
    pin(GROUP, 1);
    react(GROUP, 1, ADA);
    Map<String, Runnable> reads =
        Map.of(
            "before", () -> history.read(BOB, GROUP, HistoryQuery.newest()),
            "after", () -> history.read(BOB, GROUP, HistoryQuery.after(0)),
            "pins", () -> history.pins(BOB, GROUP, PageQuery.first()),
            "reactions", () -> history.reactions(BOB, GROUP, 1, null, PageQuery.first()));
    reads.forEach(
        (call, read) -> {
          read.run();
          after.put(call, () -> remove(GROUP));
          refused(ErrorCode.NOT_FOUND, read);
          assertThat(after).isEmpty();
          change(GROUP, Change.added(List.of(BOB), Role.MEMBER));
        });
    after.put("before", () -> remove(GROUP));
    refused(ErrorCode.NOT_FOUND, () -> history.read(BOB, GROUP, HistoryQuery.around(2)));
  }

  @Test
  void aReaderWhoJoinsAgainWhileAPageIsReadSeesOnlyWhatFollows() {
    say(LATE, 4, "text");
    after.put("before", this::joinAgain);
    assertThat(history.read(BOB, LATE, HistoryQuery.newest()).messages()).isEmpty();
    say(LATE, 2, "text");
    assertThat(seqs(history.read(BOB, LATE, HistoryQuery.newest()))).containsExactly(5L, 6L);
    after.put("after", this::joinAgain);
    assertThat(history.read(BOB, LATE, HistoryQuery.after(0)).messages()).isEmpty();
    say(LATE, 1, "text");
    after.put("before", this::joinAgain);
    MessagePage around = history.read(BOB, LATE, HistoryQuery.around(7));
    assertThat(around.messages()).isEmpty();
    assertThat(around.sides()).isEqualTo(new MessagePage.Sides(false, false));
  }

  @Test
  void whatTheReaderMayReadIsReadInFullThoughThePageBeganAboveIt() {
    say(LATE, 150, "text");
    joinAgain();
    say(LATE, 3, "text");
    MessagePage page = history.read(BOB, LATE, HistoryQuery.after(0).limit(2));
    assertThat(seqs(page)).containsExactly(151L, 152L);
    assertThat(page.hasMore()).isTrue();
    MessagePage last = history.read(BOB, LATE, HistoryQuery.after(152).limit(2));
    assertThat(seqs(last)).containsExactly(153L);
    assertThat(last.hasMore()).isFalse();
  }

  @Test
  void nobodyIsAskedForTheMembershipOfTheSystemButTheConversationMustExist() {
    say(LATE, 2, "text");
    joinAgain();
    assertThat(seqs(history.read(UserId.SYSTEM, LATE, HistoryQuery.newest())))
        .containsExactly(1L, 2L);
    assertThat(calls).doesNotContain("readableAfter", "member");
    ConversationId none = ConversationId.of(99);
    refused(ErrorCode.NOT_FOUND, () -> history.read(UserId.SYSTEM, none, HistoryQuery.newest()));
    refused(ErrorCode.NOT_FOUND, () -> history.requireMember(UserId.SYSTEM, none));
    refused(ErrorCode.NOT_FOUND, () -> history.requireMember(CLEO, GROUP));
    history.requireMember(BOB, GROUP);
  }

  // ---- how long a page is

  @Test
  void aPageHasAsManyMessagesAsFitAndAtLeastOne() {
    say(GROUP, 5, "x".repeat(1_000));
    long size = AnswerBudget.size(store.before(GROUP, 6, 1).get(0));
    HistoryReader narrow = reader((int) (2 * size));
    MessagePage newest = narrow.read(BOB, GROUP, HistoryQuery.newest());
    assertThat(seqs(newest)).containsExactly(4L, 5L);
    assertThat(newest.hasMore()).isTrue();
    MessagePage first = narrow.read(BOB, GROUP, HistoryQuery.after(0));
    assertThat(seqs(first)).containsExactly(1L, 2L);
    assertThat(first.hasMore()).isTrue();
    assertThat(seqs(narrow.read(BOB, GROUP, HistoryQuery.around(3)))).containsExactly(2L, 3L);
    HistoryReader tiny = reader(1);
    assertThat(seqs(tiny.read(BOB, GROUP, HistoryQuery.newest()))).containsExactly(5L);
    assertThat(seqs(tiny.read(BOB, GROUP, HistoryQuery.after(3)))).containsExactly(4L);
    MessagePage middle = tiny.read(BOB, GROUP, HistoryQuery.around(3));
    assertThat(seqs(middle)).containsExactly(3L);
    assertThat(middle.sides()).isEqualTo(new MessagePage.Sides(true, true));
  }

  @Test
  void aPageAroundAMessageIsFilledFromTheOtherSideWhereOneEnds() {
    say(GROUP, 10, "text");
    assertThat(seqs(history.read(BOB, GROUP, HistoryQuery.around(5).limit(4))))
        .containsExactly(3L, 4L, 5L, 6L);
    MessagePage start = history.read(BOB, GROUP, HistoryQuery.around(1).limit(4));
    assertThat(seqs(start)).containsExactly(1L, 2L, 3L, 4L);
    assertThat(start.sides()).isEqualTo(new MessagePage.Sides(false, true));
    MessagePage end = history.read(BOB, GROUP, HistoryQuery.around(10).limit(4));
    assertThat(seqs(end)).containsExactly(7L, 8L, 9L, 10L);
    assertThat(end.sides()).isEqualTo(new MessagePage.Sides(true, false));
    MessagePage all = history.read(BOB, GROUP, HistoryQuery.around(5).limit(10));
    assertThat(all.sides()).isEqualTo(new MessagePage.Sides(false, false));
  }

  @Test
  void behindTheLastMessageAPageIsEmptyAndFurtherOnItIsRefused() {
    say(GROUP, 2, "text");
    MessagePage page = history.read(BOB, GROUP, HistoryQuery.after(2));
    assertThat(page.messages()).isEmpty();
    assertThat(page.hasMore()).isFalse();
    refused(ErrorCode.BAD_REQUEST, () -> history.read(BOB, GROUP, HistoryQuery.after(3)));
    refused(ErrorCode.BAD_REQUEST, () -> history.read(BOB, GROUP, HistoryQuery.around(4)));
    refused(ErrorCode.NOT_FOUND, () -> history.read(CLEO, GROUP, HistoryQuery.after(3)));
  }

  // ---- single messages, pins and hits

  @Test
  void aMessageThatThereIsNoneOfOrThatTheReaderMayNotReadIsNotFound() {
    say(LATE, 2, "text");
    react(LATE, 1, ADA);
    joinAgain();
    say(LATE, 1, "text");
    react(LATE, 3, ADA);
    assertThat(reactions(3).items()).extracting(UserReactions::user).containsExactly(ADA);
    refused(ErrorCode.NOT_FOUND, () -> reactions(1));
    refused(ErrorCode.NOT_FOUND, () -> reactions(2));
    refused(ErrorCode.NOT_FOUND, () -> reactions(4));
    say(LATE, 1, "text");
    assertThat(reactions(4).items()).as("nobody reacts").isEmpty();
  }

  private Page<UserReactions> reactions(long seq) {
    return history.reactions(BOB, LATE, seq, null, PageQuery.first());
  }

  @Test
  void aPageOfPinsIsFullThoughSomeAreNotForTheReader() {
    say(LATE, 4, "text");
    joinAgain();
    say(LATE, 3, "text");
    for (long seq : List.of(5L, 1L, 2L, 6L, 3L, 4L, 7L)) {
      pin(LATE, seq);
    }
    Page<PinnedMessage> page = history.pins(BOB, LATE, PageQuery.<Long>first().limit(2));
    assertThat(page.items()).extracting(pin -> pin.message().seq()).containsExactly(7L, 6L);
    assertThat(page.hasMore()).isTrue();
    Page<PinnedMessage> rest =
        history.pins(BOB, LATE, PageQuery.after(page.items().get(1).rev()).limit(2));
    assertThat(rest.items()).extracting(pin -> pin.message().seq()).containsExactly(5L);
    assertThat(rest.hasMore()).isFalse();
  }

  @Test
  void hitsThatTheReaderMayNotReadAreLeftOutAndTheOthersHaveTheirMarks() {
    say(GROUP, 1, "text");
    say(LATE, 1, "text");
    joinAgain();
    react(GROUP, 1, BOB);
    List<SearchHit> hits =
        List.of(
            new SearchHit(store.before(GROUP, 2, 1).get(0), List.of()),
            new SearchHit(store.before(LATE, 2, 1).get(0), List.of()));
    SearchPage page = history.marked(BOB, new SearchPage(hits, null, true));
    assertThat(page.hits()).hasSize(1);
    assertThat(page.hits().get(0).message().conversation()).isEqualTo(GROUP);
    assertThat(page.hits().get(0).message().reactions()).allMatch(reaction -> reaction.me());
    assertThat(page.indexing()).isTrue();
    assertThat(history.marked(CLEO, new SearchPage(hits, null, false)).hits()).isEmpty();
    calls.clear();
    history.marked(BOB, new SearchPage(List.of(), null, false));
    assertThat(calls).as("nothing to look up").isEmpty();
  }
}
