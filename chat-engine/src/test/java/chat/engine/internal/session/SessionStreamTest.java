package chat.engine.internal.session;

import static chat.engine.internal.session.LocalSessions.added;
import static chat.engine.internal.session.LocalSessions.message;
import static chat.engine.internal.session.LocalSessions.removed;
import static org.assertj.core.api.Assertions.assertThat;

import chat.engine.Conversation;
import chat.engine.ConversationId;
import chat.engine.ConversationKind;
import chat.engine.Message;
import chat.engine.ReceiptKind;
import chat.engine.UserId;
import chat.engine.event.ConversationChanged;
import chat.engine.event.MessageReceived;
import chat.engine.event.ReceiptMoved;
import chat.engine.event.Resync;
import chat.engine.event.TypingChanged;
import chat.engine.internal.session.LocalSessions.Client;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;

/** What a session's stream takes while its cursors are loaded, live, cut and closed. */
final class SessionStreamTest {
  private static final UserId ADA = UserId.of("ada");
  private static final UserId BOB = UserId.of("bob");
  private static final ConversationId GROUP_ID = ConversationId.of(1);
  private static final ConversationId TALK_ID = ConversationId.of(2);
  private static final Conversation GROUP = Conversation.group(GROUP_ID, "group", Instant.EPOCH);

  private final LocalSessions node = new LocalSessions();
  private final Client ada = node.connect(ADA);
  private final Session session = ada.session();

  private void receipt(ConversationId id, ConversationKind kind, long seq) {
    session.offerIn(
        id, node.context.outgoing(new ReceiptMoved(id, BOB, ReceiptKind.READ, seq), kind));
  }

  private void typing(ConversationId id, ConversationKind kind) {
    session.offerIn(id, node.context.outgoing(new TypingChanged(id, BOB, true), kind));
  }

  private long offer(ConversationId id, ConversationKind kind, long seq) {
    Message message = message(id, seq, BOB);
    return session.offerMessage(message, node.context.outgoing(new MessageReceived(message), kind));
  }

  private void change(ConversationChanged event) {
    session.offerChange(node.context.outgoing(event, ConversationKind.GROUP));
  }

  private static Cursors at(ConversationId id, long seq, long rev) {
    Cursors cursors = new Cursors();
    cursors.put(id, seq, rev);
    return cursors;
  }

  /** Somebody removed while connecting still got typing and receipts of the group. */
  @Test
  void whoWasRemovedWhileConnectingGetsNothingOfTheGroup() {
    receipt(GROUP_ID, ConversationKind.GROUP, 3);
    typing(GROUP_ID, ConversationKind.GROUP);
    offer(GROUP_ID, ConversationKind.GROUP, 4);
    ada.liveAt(Map.of());
    assertThat(offer(GROUP_ID, ConversationKind.GROUP, 9)).isEqualTo(SessionStream.NO_GAP);
    receipt(GROUP_ID, ConversationKind.GROUP, 5);
    typing(GROUP_ID, ConversationKind.GROUP);
    assertThat(ada.events()).isEmpty();
  }

  @Test
  void receiptsAreHeldWhileCursorsAreLoadedAndTypingIsNot() {
    receipt(GROUP_ID, ConversationKind.GROUP, 3);
    typing(GROUP_ID, ConversationKind.GROUP);
    receipt(TALK_ID, ConversationKind.DIRECT, 3);
    ada.liveAt(at(GROUP_ID, 9, 0));
    assertThat(ada.events())
        .containsExactly(
            new ReceiptMoved(GROUP_ID, BOB, ReceiptKind.READ, 3),
            new ReceiptMoved(TALK_ID, BOB, ReceiptKind.READ, 3));
  }

  @Test
  void aRemovalThatArrivesWhileCursorsAreLoadedTakesEffectBehindThem() {
    offer(GROUP_ID, ConversationKind.GROUP, 10);
    change(new ConversationChanged(GROUP, removed(GROUP, 6, 10, ADA)));
    ada.liveAt(at(GROUP_ID, 9, 5));
    offer(GROUP_ID, ConversationKind.GROUP, 11);
    typing(GROUP_ID, ConversationKind.GROUP);
    assertThat(ada.story()).containsExactly("m10", "c6");
    assertThat(session.isLiveIn(GROUP_ID)).isFalse();
  }

  /** Someone removed whose stream was cut could still announce typing. */
  @Test
  void aCutStreamIsLiveNowhereAndTakesNothing() {
    ada.liveAt(at(GROUP_ID, 9, 5));
    assertThat(session.isLiveIn(GROUP_ID)).isTrue();
    session.resync();
    session.resync();
    assertThat(session.isLiveIn(GROUP_ID)).isFalse();
    assertThat(offer(GROUP_ID, ConversationKind.GROUP, 12)).isEqualTo(SessionStream.NO_GAP);
    change(new ConversationChanged(GROUP, added(GROUP, 6, 10, ADA)));
    receipt(GROUP_ID, ConversationKind.GROUP, 3);
    typing(TALK_ID, ConversationKind.DIRECT);
    assertThat(ada.events()).containsExactly(new Resync());
    assertThat(session.standing(GROUP_ID)).isNull();
  }

  @Test
  void whoTurnedOutToBeInAConversationSyncsUnlessItIsKnown() {
    session.resyncUnlessIn(GROUP_ID);
    ada.liveAt(at(GROUP_ID, 9, 5));
    session.resyncUnlessIn(GROUP_ID);
    assertThat(ada.events()).isEmpty();
    session.resyncUnlessIn(ConversationId.of(99));
    session.resyncUnlessIn(ConversationId.of(99));
    assertThat(ada.events()).containsExactly(new Resync());
  }

  @Test
  void whatASessionNeedsOfAFeed() {
    assertThat(session.neededAfter(GROUP_ID, ConversationKind.GROUP, 7)).isEqualTo(7);
    ada.liveAt(at(GROUP_ID, 4, 0));
    assertThat(session.neededAfter(GROUP_ID, ConversationKind.GROUP, 7)).isEqualTo(4);
    assertThat(session.neededAfter(TALK_ID, ConversationKind.DIRECT, 7)).isZero();
    assertThat(session.neededAfter(ConversationId.of(9), ConversationKind.GROUP, 7))
        .isEqualTo(Long.MAX_VALUE);
    assertThat(session.standing(GROUP_ID)).extracting(Session.Standing::seq).isEqualTo(4L);
    assertThat(session.standing(TALK_ID)).isEqualTo(new Session.Standing(0, 0));
    session.close();
    assertThat(session.neededAfter(GROUP_ID, ConversationKind.GROUP, 7)).isEqualTo(Long.MAX_VALUE);
    assertThat(offer(GROUP_ID, ConversationKind.GROUP, 5)).isEqualTo(SessionStream.NO_GAP);
    session.resync();
    assertThat(ada.events()).isEmpty();
  }

  @Test
  void whatIsHeldMayFillTheBudget() {
    Message first = message(GROUP_ID, 1, BOB);
    Message second = message(GROUP_ID, 2, BOB);
    SharedEvent one = node.context.outgoing(new MessageReceived(first), ConversationKind.GROUP);
    SharedEvent two = node.context.outgoing(new MessageReceived(second), ConversationKind.GROUP);
    Client client = new LocalSessions(one.weight() + two.weight()).connect(ADA);
    client.session().offerMessage(first, one);
    client.session().offerMessage(second, two);
    client.liveAt(Map.of(GROUP_ID, 0L));
    assertThat(client.story()).containsExactly("m1", "m2");
  }

  @Test
  void aSyncFromACutStreamThatFailsLeavesItCut() {
    ada.liveAt(at(GROUP_ID, 4, 0));
    session.resync();
    assertThat(session.beginSync()).isNull();
    offer(GROUP_ID, ConversationKind.GROUP, 5);
    assertThat(session.abandonSync()).isEmpty();
    offer(GROUP_ID, ConversationKind.GROUP, 6);
    assertThat(ada.events()).containsExactly(new Resync());
    assertThat(session.abandonSync()).as("there is none").isEmpty();
  }

  @Test
  void whatDoesNotFitInWhileCursorsAreLoadedCutsTheStreamBehindTheAnswer() {
    LocalSessions small = new LocalSessions(2_000);
    Client client = small.connect(ADA);
    for (long seq = 1; seq <= 50; seq++) {
      Message message = message(GROUP_ID, seq, BOB);
      client
          .session()
          .offerMessage(
              message,
              small.context.outgoing(new MessageReceived(message), ConversationKind.GROUP));
    }
    client.liveAt(Map.of(GROUP_ID, 0L));
    assertThat(client.events()).containsExactly(new Resync());
  }

  /**
   * A feed offers every message from where the session said it stands, while the session pauses,
   * syncs, fails to sync and is cut; from each answer on it must get every message once, in order.
   */
  @RepeatedTest(100)
  void atRandomEveryStreamGoesOnExactlyBehindItsAnswer() {
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    LocalSessions small = new LocalSessions(random.nextBoolean() ? 3_000 : 1 << 20);
    Client client = small.connect(ADA);
    Session target = client.session();
    long committed = 0;
    long offered = 0;
    long base = 0;
    boolean syncing = true;
    for (int i = 0; i < 400; i++) {
      switch (random.nextInt(10)) {
        case 0 -> {
          if (syncing) {
            base = committed;
            for (Session.Gap gap : target.endSync(at(GROUP_ID, committed, 0), () -> {})) {
              offered = Math.min(offered, gap.afterSeq());
            }
            offered =
                Math.min(offered, target.neededAfter(GROUP_ID, ConversationKind.GROUP, offered));
            syncing = false;
            client.events();
          }
        }
        case 1 -> {
          if (!syncing && target.beginSync() == null) {
            syncing = true;
          }
        }
        case 2 -> {
          if (syncing && i > 50) {
            for (Session.Gap gap : target.abandonSync()) {
              offered = Math.min(offered, gap.afterSeq());
            }
            syncing = false;
          }
        }
        case 3 -> target.pause();
        case 4 -> target.resume();
        case 5 -> small.deliver();
        default -> {
          committed++;
          for (int tries = 0; offered < committed; tries++) {
            assertThat(tries).as("tries to catch up, seed %d", seed).isLessThan(10_000);
            Message message = message(GROUP_ID, offered + 1, BOB);
            long gap =
                target.offerMessage(
                    message,
                    small.context.outgoing(new MessageReceived(message), ConversationKind.GROUP));
            offered = gap == SessionStream.NO_GAP ? offered + 1 : gap;
          }
        }
      }
    }
    target.resume();
    List<Long> seqs = client.seqs(GROUP_ID);
    for (int i = 1; i < seqs.size(); i++) {
      assertThat(seqs.get(i)).as("seed %d", seed).isGreaterThan(seqs.get(i - 1));
    }
    if (!syncing && target.isLiveIn(GROUP_ID)) {
      long from = base;
      assertThat(seqs.stream().filter(seq -> seq > from))
          .as("seed %d", seed)
          .containsExactlyElementsOf(LongStream.rangeClosed(from + 1, committed).boxed().toList());
    }
  }
}
