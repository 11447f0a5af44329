package chat.engine.internal.session;

import static chat.engine.internal.session.LocalSessions.added;
import static chat.engine.internal.session.LocalSessions.message;
import static chat.engine.internal.session.LocalSessions.removed;
import static chat.engine.internal.session.LocalSessions.renamed;
import static org.assertj.core.api.Assertions.assertThat;

import chat.engine.Conversation;
import chat.engine.ConversationId;
import chat.engine.ConversationKind;
import chat.engine.HistoryAccess;
import chat.engine.UserId;
import chat.engine.event.ConversationChanged;
import chat.engine.spi.ConversationStore.MembershipSummary;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

final class CursorsTest {
  private static final ConversationId ID = ConversationId.of(7);
  private static final Conversation GROUP = Conversation.group(ID, "group", Instant.EPOCH);
  private static final UserId ADA = UserId.of("ada");
  private final Cursors cursors = new Cursors();

  @Test
  void whatIsNotThereIsAbsent() {
    assertThat(cursors.seq(ID)).isEqualTo(Cursors.ABSENT);
    assertThat(cursors.rev(ID)).isEqualTo(Cursors.ABSENT);
    assertThat(cursors.contains(ID)).isFalse();
    assertThat(cursors.cover(message(ID, 1, ADA))).isFalse();
    cursors.setRev(ID, 3);
    cursors.remove(ID);
    assertThat(cursors.contains(ID)).isFalse();
  }

  @Test
  void seqAndRevMoveSeparately() {
    cursors.put(ID, 5, 2);
    cursors.advance(ID, 6);
    cursors.setRev(ID, 3);
    assertThat(cursors.seq(ID)).isEqualTo(6);
    assertThat(cursors.rev(ID)).isEqualTo(3);
    assertThat(cursors.cover(message(ID, 6, ADA))).isTrue();
    assertThat(cursors.cover(message(ID, 7, ADA))).isFalse();
    cursors.put(ID, 1, 1);
    assertThat(cursors.seq(ID)).isEqualTo(1);
    assertThat(cursors.rev(ID)).isEqualTo(1);
    cursors.advance(ConversationId.of(3), 9);
    assertThat(cursors.rev(ConversationId.of(3))).isZero();
  }

  @Test
  void allOfAUserAreSetAtOnce() {
    List<MembershipSummary> summaries = new ArrayList<>();
    for (long id = 2; id <= 200; id += 2) {
      HistoryAccess history = id % 4 == 0 ? HistoryAccess.JOINED : HistoryAccess.ALL;
      summaries.add(
          new MembershipSummary(
              ConversationId.of(id),
              ConversationKind.GROUP,
              history,
              id + 2,
              id + 1,
              0,
              Instant.EPOCH,
              0,
              id - 1));
    }
    Cursors all = Cursors.of(summaries);
    for (MembershipSummary summary : summaries) {
      long id = summary.conversation().value();
      assertThat(all.seq(summary.conversation())).isEqualTo(id + 1);
      assertThat(all.rev(summary.conversation())).isEqualTo(id + 2);
      assertThat(all.readableAfter(summary.conversation())).isEqualTo(id % 4 == 0 ? id - 1 : 0);
      assertThat(all.contains(ConversationId.of(id - 1))).isFalse();
    }
    all.put(ID, 5, 2);
    assertThat(all.seq(ID)).isEqualTo(5);
    assertThat(all.seq(ConversationId.of(200))).isEqualTo(201);
  }

  @Test
  void aCreationIsNewsOnce() {
    assertThat(cursors.apply(new ConversationChanged(GROUP, null), false)).isTrue();
    assertThat(cursors.seq(ID)).isZero();
    assertThat(cursors.apply(new ConversationChanged(GROUP, null), false)).isFalse();
  }

  @Test
  void whoIsAddedStandsBehindTheMessageThatTheyCameAfter() {
    assertThat(cursors.apply(new ConversationChanged(GROUP, added(GROUP, 4, 9, ADA)), true))
        .isTrue();
    assertThat(cursors.seq(ID)).isEqualTo(9);
    assertThat(cursors.rev(ID)).isEqualTo(4);
  }

  @Test
  void whoIsNotInItIsToldOfNoChange() {
    assertThat(cursors.apply(new ConversationChanged(GROUP, added(GROUP, 4, 9, ADA)), false))
        .isFalse();
    assertThat(cursors.apply(new ConversationChanged(GROUP, renamed(GROUP, 5, 9, "n")), false))
        .isFalse();
    assertThat(cursors.apply(new ConversationChanged(GROUP, removed(GROUP, 6, 9, ADA)), true))
        .isFalse();
    assertThat(cursors.contains(ID)).isFalse();
  }

  @Test
  void changesAreNewsOnceAndOldOnesNever() {
    cursors.put(ID, 9, 4);
    ConversationChanged rename = new ConversationChanged(GROUP, renamed(GROUP, 5, 9, "n"));
    assertThat(cursors.apply(rename, false)).isTrue();
    assertThat(cursors.apply(rename, false)).isFalse();
    assertThat(cursors.apply(new ConversationChanged(GROUP, added(GROUP, 4, 0, ADA)), true))
        .isFalse();
    assertThat(cursors.seq(ID)).isEqualTo(9);
    assertThat(cursors.rev(ID)).isEqualTo(5);
  }

  @Test
  void theRemovedAreToldAndStandNowhere() {
    cursors.put(ID, 9, 4);
    cursors.put(ConversationId.of(8), 3, 0);
    assertThat(cursors.apply(new ConversationChanged(GROUP, removed(GROUP, 5, 9, ADA)), false))
        .as("somebody else")
        .isTrue();
    assertThat(cursors.apply(new ConversationChanged(GROUP, removed(GROUP, 6, 9, ADA)), true))
        .isTrue();
    assertThat(cursors.contains(ID)).isFalse();
    assertThat(cursors.seq(ConversationId.of(8))).isEqualTo(3);
  }

  @Test
  void atRandomTheyAreASortedMap() {
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    Map<Long, Long> model = new TreeMap<>();
    for (int i = 0; i < 5_000; i++) {
      long id = 1 + random.nextInt(60);
      ConversationId conversation = ConversationId.of(id);
      switch (random.nextInt(3)) {
        case 0 -> {
          cursors.put(conversation, i, i);
          model.put(id, (long) i);
        }
        case 1 -> {
          cursors.remove(conversation);
          model.remove(id);
        }
        default ->
            assertThat(cursors.seq(conversation))
                .as("seed %d", seed)
                .isEqualTo(model.getOrDefault(id, Cursors.ABSENT));
      }
    }
  }
}
