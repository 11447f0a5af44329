package chat.engine.message;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import chat.engine.ChatEngine;
import chat.engine.ChatException;
import chat.engine.ChatListener;
import chat.engine.ChatSession;
import chat.engine.ConversationId;
import chat.engine.ConversationState;
import chat.engine.DeviceId;
import chat.engine.ErrorCode;
import chat.engine.HistoryQuery;
import chat.engine.Message;
import chat.engine.MessagePage;
import chat.engine.NewMessage;
import chat.engine.SyncCursor;
import chat.engine.SyncResult;
import chat.engine.UserId;
import chat.engine.internal.sync.AnswerBudget;
import chat.engine.memory.InMemoryMessageStore;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** However long the messages of strangers are, an answer stays short, and nothing is left out. */
@Timeout(60)
final class BoundedAnswersTest {
  private static final UserId ADA = UserId.of("ada");
  private static final UserId MALLORY = UserId.of("mallory");
  private static final String LONG = "x".repeat(16 * 1024);
  private static final long PAGE = 256 * 1024;
  private static final long MISSED = 96 * 1024;
  private static final long LAST_MESSAGES = 96 * 1024;

  private final ChatEngine engine =
      ChatEngine.builder().store(new InMemoryMessageStore()).maxTextBytes(1 << 20).build();

  @AfterEach
  void close() {
    engine.close();
  }

  private static <T> T get(CompletableFuture<T> future) {
    return future.join();
  }

  private ConversationId group() {
    return get(engine.asUser(MALLORY).createGroup("g", Set.of(ADA))).id();
  }

  private void write(ConversationId group, int times, String text) {
    List<CompletableFuture<?>> sends = new ArrayList<>();
    for (int i = 0; i < times; i++) {
      sends.add(engine.asUser(MALLORY).send(group, NewMessage.text(text)));
    }
    sends.forEach(BoundedAnswersTest::get);
  }

  private MessagePage page(ConversationId group, HistoryQuery query) {
    MessagePage page = get(engine.asUser(ADA).history(group, query.limit(100)));
    if (page.messages().size() > 1) {
      assertThat(bytes(page.messages())).isLessThanOrEqualTo(PAGE);
    }
    return page;
  }

  private static long bytes(List<Message> messages) {
    return messages.stream().mapToLong(message -> message.text().length()).sum();
  }

  private static List<Long> seqs(List<Message> messages) {
    return messages.stream().map(Message::seq).toList();
  }

  private static List<Long> upTo(long last) {
    return LongStream.rangeClosed(1, last).boxed().toList();
  }

  private List<Message> allAfter(ConversationId group, long seq) {
    List<Message> all = new ArrayList<>();
    MessagePage page;
    long reached = seq;
    do {
      page = page(group, HistoryQuery.after(reached));
      all.addAll(page.messages());
      reached = all.get(all.size() - 1).seq();
    } while (page.hasMore());
    return all;
  }

  // ---- history

  @Test
  void pagesOfLongMessagesEndEarlyAndTogetherHaveEveryMessage() {
    ConversationId group = group();
    write(group, 150, LONG);

    assertThat(seqs(allAfter(group, 0))).isEqualTo(upTo(150));

    List<Message> all = new ArrayList<>();
    MessagePage page = page(group, HistoryQuery.newest());
    all.addAll(page.messages());
    assertThat(all.get(all.size() - 1).seq()).isEqualTo(150);
    assertThat(all).hasSizeBetween(10, 16);
    while (page.hasMore()) {
      page = page(group, HistoryQuery.before(all.get(0).seq()));
      all.addAll(0, page.messages());
    }
    assertThat(seqs(all)).isEqualTo(upTo(150));
  }

  @Test
  void aMessageLongerThanAPageIsAPage() {
    ConversationId group = group();
    write(group, 3, "x".repeat(300 * 1024));
    assertThat(seqs(allAfter(group, 0))).isEqualTo(upTo(3));
    MessagePage newest = page(group, HistoryQuery.newest());
    assertThat(seqs(newest.messages())).containsExactly(3L);
    assertThat(newest.hasMore()).isTrue();
    assertThat(page(group, HistoryQuery.before(2)))
        .satisfies(first -> assertThat(seqs(first.messages())).containsExactly(1L))
        .satisfies(first -> assertThat(first.hasMore()).isFalse());
  }

  @Test
  void pagesOfShortMessagesAreAsLongAsAskedFor() {
    ConversationId group = group();
    write(group, 150, "short");
    assertThat(page(group, HistoryQuery.newest()).messages()).hasSize(100);
    assertThat(page(group, HistoryQuery.after(0)).messages()).hasSize(100);
    assertThat(page(group, HistoryQuery.after(50)).hasMore()).isFalse();
  }

  private MessagePage around(ConversationId group, long seq, int limit) {
    return get(engine.asUser(ADA).history(group, HistoryQuery.around(seq).limit(limit)));
  }

  private static List<Long> fromTo(long first, long last) {
    return LongStream.rangeClosed(first, last).boxed().toList();
  }

  @Test
  void aPageAroundAMessageHasItInTheMiddleAndTellsOfBothSides() {
    ConversationId group = group();
    write(group, 20, "short");
    MessagePage middle = around(group, 10, 5);
    assertThat(seqs(middle.messages())).isEqualTo(fromTo(8, 12));
    assertThat(middle.sides()).isEqualTo(new MessagePage.Sides(true, true));
    assertThat(middle.hasMore()).isTrue();
    assertThat(seqs(around(group, 10, 4).messages())).isEqualTo(fromTo(8, 11));
    assertThat(seqs(around(group, 10, 1).messages())).isEqualTo(fromTo(10, 10));

    MessagePage begin = around(group, 2, 5);
    assertThat(seqs(begin.messages())).isEqualTo(fromTo(1, 5));
    assertThat(begin.sides()).isEqualTo(new MessagePage.Sides(false, true));
    MessagePage end = around(group, 19, 5);
    assertThat(seqs(end.messages())).isEqualTo(fromTo(16, 20));
    assertThat(end.sides()).isEqualTo(new MessagePage.Sides(true, false));
    MessagePage all = around(group, 1, 20);
    assertThat(seqs(all.messages())).isEqualTo(upTo(20));
    assertThat(all.sides()).isEqualTo(new MessagePage.Sides(false, false));
    assertThat(all.hasMore()).isFalse();
    assertThat(seqs(around(group, 0, 3).messages())).isEqualTo(upTo(3));
    assertThat(page(group, HistoryQuery.newest()).sides()).isNull();
    assertThat(page(group, HistoryQuery.after(3)).sides()).isNull();
  }

  @Test
  void aPageAroundWhatIsNotThereIsRefused() {
    ConversationId group = group();
    assertThat(around(group, 0, 5).messages()).isEmpty();
    assertThat(around(group, 0, 5).sides()).isEqualTo(new MessagePage.Sides(false, false));
    write(group, 1, "short");
    assertThatThrownBy(() -> around(group, 2, 5))
        .hasRootCauseInstanceOf(ChatException.class)
        .hasMessageContaining("has no message 2 yet");
    assertThatThrownBy(
            () -> get(engine.asUser(UserId.of("eve")).history(group, HistoryQuery.around(1))))
        .hasRootCauseInstanceOf(ChatException.class)
        .satisfies(
            fault ->
                assertThat(((ChatException) fault.getCause()).code())
                    .isEqualTo(ErrorCode.NOT_FOUND));
  }

  @Test
  void aPageAroundALongMessageEndsEarlyOnBothSides() {
    ConversationId group = group();
    write(group, 60, LONG);
    MessagePage page = page(group, HistoryQuery.around(30));
    List<Long> seqs = seqs(page.messages());
    assertThat(seqs).contains(30L).hasSizeBetween(10, 16);
    assertThat(seqs).isEqualTo(fromTo(seqs.get(0), seqs.get(seqs.size() - 1)));
    assertThat(30 - seqs.get(0)).isBetween(4L, 8L);
    assertThat(page.sides()).isEqualTo(new MessagePage.Sides(true, true));
    write(group, 1, "x".repeat(600_000));
    MessagePage large = around(group, 61, 10);
    assertThat(seqs(large.messages())).containsExactly(61L);
    assertThat(large.sides()).isEqualTo(new MessagePage.Sides(true, false));
  }

  // ---- sync

  private static Map<ConversationId, SyncCursor> at(Map<ConversationId, Long> seqs) {
    Map<ConversationId, SyncCursor> cursors = new HashMap<>();
    seqs.forEach((id, seq) -> cursors.put(id, SyncCursor.at(seq)));
    return cursors;
  }

  /** Of all pages, each of which is within its bounds. */
  private static List<ConversationState> allPages(
      ChatSession session, Map<ConversationId, SyncCursor> cursors) {
    List<ConversationState> all = new ArrayList<>();
    for (SyncResult page = get(session.sync(cursors)); ; ) {
      List<ConversationState> states = page.conversations();
      assertThat(bytes(states.stream().flatMap(state -> state.missed().stream()).toList()))
          .isLessThanOrEqualTo(MISSED);
      assertThat(
              bytes(
                  states.stream()
                      .flatMap(state -> Stream.ofNullable(state.lastMessage()))
                      .toList()))
          .isLessThanOrEqualTo(LAST_MESSAGES);
      all.addAll(states);
      if (!page.hasMore()) {
        return all;
      }
      page = get(session.sync(cursors, states.get(states.size() - 1).conversation().id()));
    }
  }

  /** Syncs, and gives what the session gets when it fetches the rest. */
  private Map<ConversationId, List<Message>> catchUp(Map<ConversationId, Long> cursors) {
    try (ChatSession session =
        get(engine.connect(ADA, DeviceId.of("d"), ChatListener.of(event -> {})))) {
      Map<ConversationId, List<Message>> all = new HashMap<>();
      for (ConversationState state : allPages(session, at(cursors))) {
        ConversationId id = state.conversation().id();
        long cursor = Objects.requireNonNull(cursors.get(id));
        List<Message> messages = new ArrayList<>(state.missed());
        long reached = messages.isEmpty() ? cursor : messages.get(messages.size() - 1).seq();
        assertThat(state.hasMore()).isEqualTo(reached < state.lastSeq());
        if (state.hasMore()) {
          messages.addAll(allAfter(id, reached));
        }
        assertThat(state.missed().size()).isLessThanOrEqualTo(100);
        all.put(id, messages);
      }
      return all;
    }
  }

  @Test
  void manyLongMissedMessagesAreCutAndTheRestIsHistory() {
    List<ConversationId> groups = IntStream.range(0, 12).mapToObj(i -> group()).toList();
    groups.forEach(group -> write(group, 20, LONG));
    Map<ConversationId, Long> cursors = new HashMap<>();
    groups.forEach(group -> cursors.put(group, 3L));
    Map<ConversationId, List<Message>> all = catchUp(cursors);
    assertThat(all.keySet()).containsExactlyInAnyOrderElementsOf(groups);
    all.values()
        .forEach(
            messages ->
                assertThat(seqs(messages))
                    .isEqualTo(LongStream.rangeClosed(4, 20).boxed().toList()));
  }

  @Test
  void manyShortMissedMessagesAreCountedWithWhatSurroundsThem() {
    List<ConversationId> groups = IntStream.range(0, 40).mapToObj(i -> group()).toList();
    groups.forEach(group -> write(group, 100, "x"));
    Map<ConversationId, Long> cursors = new HashMap<>();
    groups.forEach(group -> cursors.put(group, 0L));
    try (ChatSession session =
        get(engine.connect(ADA, DeviceId.of("d"), ChatListener.of(event -> {})))) {
      SyncResult result = get(session.sync(at(cursors)));
      assertThat(result.conversations().stream().mapToInt(state -> state.missed().size()).sum())
          .isBetween(200, 384);
    }
    catchUp(cursors).values().forEach(messages -> assertThat(messages).hasSize(100));
  }

  @Test
  void longLastMessagesEndAPage() {
    List<ConversationId> groups = IntStream.range(0, 70).mapToObj(i -> group()).toList();
    groups.forEach(group -> write(group, 1, LONG));
    try (ChatSession session =
        get(engine.connect(ADA, DeviceId.of("d"), ChatListener.of(event -> {})))) {
      assertThat(get(session.sync(Map.of())).conversations()).hasSize(5);
      assertThat(allPages(session, Map.of()))
          .hasSize(70)
          .allSatisfy(
              state -> {
                assertThat(state.lastMessage()).isNotNull();
                assertThat(state.unread()).isEqualTo(1);
                assertThat(state.missed()).isEmpty();
                assertThat(state.hasMore()).isFalse();
              });
    }
  }

  @Test
  void aFewShortConversationsAreToldInFull() {
    ConversationId group = group();
    write(group, 5, "hello");
    Map<ConversationId, List<Message>> all = catchUp(Map.of(group, 0L));
    assertThat(seqs(Objects.requireNonNull(all.get(group)))).isEqualTo(upTo(5));
  }

  @Test
  void whatJsonMustEscapeCountsTwice() {
    ConversationId group = group();
    write(group, 30, "\"\n".repeat(8 * 1024));
    assertThat(page(group, HistoryQuery.newest()).messages()).hasSizeBetween(5, 8);
    write(group, 1, "\u00e9\u20ac\ud83d\ude00");
    Message last = page(group, HistoryQuery.newest()).messages().get(7);
    assertThat(AnswerBudget.size(last))
        .isEqualTo(256 + 2 + 3 + 4 + "mallory".length() + 36); // and the client message id
  }
}
