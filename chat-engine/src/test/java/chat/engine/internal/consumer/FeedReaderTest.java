package chat.engine.internal.consumer;

import static org.assertj.core.api.Assertions.assertThat;

import chat.engine.ConversationChange;
import chat.engine.ConversationId;
import chat.engine.Message;
import chat.engine.UserId;
import chat.engine.contract.Drafts;
import chat.engine.feed.FeedEntry;
import chat.engine.internal.consumer.FeedReader.Piece;
import chat.engine.memory.InMemoryMessageStore;
import chat.engine.spi.ConversationStore;
import chat.engine.spi.MessageStore;
import chat.engine.spi.feed.FeedStore.Lag;
import chat.engine.spi.feed.FeedStore.Position;
import chat.engine.testing.Wrapped;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;

final class FeedReaderTest {
  private static final ConversationId GROUP = ConversationId.of(1);
  private static final UserId ADA = UserId.of("ada");

  private final Drafts drafts = new Drafts();

  private Message message(long seq) {
    return Drafts.stored(drafts.text(GROUP, ADA, "m" + seq), seq);
  }

  private static ConversationChange change(long rev, long atSeq) {
    return new ConversationChange(
        GROUP,
        rev,
        atSeq,
        ConversationChange.Kind.RENAMED,
        ADA,
        List.of(),
        null,
        "n" + rev,
        Instant.EPOCH);
  }

  private static List<String> ids(List<FeedEntry> entries) {
    return entries.stream()
        .map(entry -> entry.id().substring(GROUP.toString().length() + 1))
        .toList();
  }

  /** What is committed, in its order. */
  private static final class History {
    private final List<Object> all = new ArrayList<>();
    private long seq;
    private long rev;

    List<Message> messages(long after, long upTo, int limit) {
      return all.stream()
          .filter(Message.class::isInstance)
          .map(Message.class::cast)
          .filter(message -> message.seq() > after && message.seq() <= upTo)
          .limit(limit)
          .toList();
    }

    List<ConversationChange> changes(long after, int limit) {
      return all.stream()
          .filter(ConversationChange.class::isInstance)
          .map(ConversationChange.class::cast)
          .filter(change -> change.rev() > after)
          .limit(limit)
          .toList();
    }
  }

  /** Each question costs a round trip, and most conversations have something new of one kind. */
  @Test
  void onlyWhatThereIsIsAskedFor() {
    List<String> asked = new ArrayList<>();
    InMemoryMessageStore real = new InMemoryMessageStore();
    ConversationStore conversations =
        Wrapped.of(
            ConversationStore.class,
            real.conversations(),
            (method, arguments, call) -> {
              asked.add(method);
              return List.of();
            });
    MessageStore store =
        Wrapped.of(
            MessageStore.class,
            real,
            (method, arguments, call) -> {
              if (method.equals("conversations")) {
                return conversations;
              }
              asked.add(method);
              return Map.of();
            });
    FeedReader reader = new FeedReader(store);
    Position position = new Position(GROUP, 5, 3);
    assertThat(reader.read(List.of(new Lag(position, 5, 4)))).hasSize(1);
    assertThat(asked).containsExactly("changes");
    assertThat(reader.read(List.of(new Lag(position, 6, 3)))).hasSize(1);
    assertThat(asked).containsExactly("changes", "ranges");
  }

  private void write(History history, Random random) {
    for (int writes = random.nextInt(4); writes > 0; writes--) {
      history.all.add(
          random.nextInt(3) == 0 ? change(++history.rev, history.seq) : message(++history.seq));
    }
  }

  @RepeatedTest(500)
  void whateverIsWrittenBetweenTheReadsTheOrderIsThatOfTheCommits(RepetitionInfo repetition) {
    Random random = new Random(repetition.getCurrentRepetition());
    History history = new History();
    List<FeedEntry> delivered = new ArrayList<>();
    Position at = new Position(GROUP, 0, 0);
    for (int round = 0; round < 150; round++) {
      if (round < 30) {
        write(history, random);
      }
      Lag lag = new Lag(at, history.seq, history.rev);
      if (lag.lastSeq() <= at.seq() && lag.lastRev() <= at.rev()) {
        continue;
      }
      int limit = 1 + random.nextInt(4);
      if (round < 30) {
        write(history, random);
      }
      List<Message> sent = history.messages(at.seq(), lag.lastSeq(), limit);
      if (round < 30) {
        write(history, random);
      }
      int most = 1 + random.nextInt(4);
      List<ConversationChange> changes =
          lag.lastRev() > at.rev() ? history.changes(at.rev(), most) : List.of();
      Piece piece =
          FeedReader.merge(lag, sent, sent.size() == limit, changes, changes.size() == most);
      int done =
          random.nextInt(3) > 0
              ? piece.entries().size()
              : random.nextInt(piece.entries().size() + 1);
      delivered.addAll(piece.entries().subList(0, done));
      assertThat(piece.end()).isNotEqualTo(at);
      if (!piece.more()) {
        assertThat(piece.end().seq()).isGreaterThanOrEqualTo(lag.lastSeq());
        assertThat(piece.end().rev()).isGreaterThanOrEqualTo(lag.lastRev());
      }
      at = done == piece.entries().size() ? piece.end() : piece.behind(done);
    }
    assertThat(ids(delivered))
        .isEqualTo(
            history.all.stream()
                .map(
                    one ->
                        one instanceof Message message
                            ? "m:" + message.seq()
                            : "c:" + ((ConversationChange) one).rev())
                .toList());
  }

  @Test
  void whatHasExpiredIsPassedOver() {
    Piece piece =
        FeedReader.merge(
            new Lag(new Position(GROUP, 2, 0), 9, 1),
            List.of(),
            false,
            List.of(change(1, 6)),
            false);
    assertThat(ids(piece.entries())).containsExactly("c:1");
    assertThat(piece.end()).isEqualTo(new Position(GROUP, 9, 1));
    assertThat(piece.more()).isFalse();
  }

  @Test
  void aChangeBehindTheMessagesThatWereReadIsLeftForLater() {
    Piece piece =
        FeedReader.merge(
            new Lag(new Position(GROUP, 0, 0), 1, 1),
            List.of(message(1)),
            false,
            List.of(change(1, 1), change(2, 2)),
            false);
    assertThat(ids(piece.entries())).containsExactly("m:1", "c:1");
    assertThat(piece.end()).isEqualTo(new Position(GROUP, 1, 1));
    assertThat(piece.more()).isTrue();
  }
}
