package chat.engine.internal.conversation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import chat.engine.ChatException;
import chat.engine.Conversation;
import chat.engine.ConversationChange;
import chat.engine.ConversationId;
import chat.engine.ErrorCode;
import chat.engine.Preferences;
import chat.engine.PreferencesEdit;
import chat.engine.PrivacyEdit;
import chat.engine.ReceiptKind;
import chat.engine.UserId;
import chat.engine.event.ReceiptMoved;
import chat.engine.internal.privacy.HiddenReads;
import chat.engine.internal.session.LocalSessions;
import chat.engine.internal.session.Session;
import chat.engine.memory.InMemoryMessageStore;
import chat.engine.spi.ConversationStore;
import chat.engine.spi.ConversationStore.Found;
import chat.engine.spi.ConversationStore.MemberEdit;
import chat.engine.spi.ConversationStore.PreferencesOutcome;
import chat.engine.spi.ConversationStore.Receipt;
import chat.engine.spi.ConversationStore.ReceiptMove;
import chat.engine.spi.ConversationStore.ReceiptOutcome;
import chat.engine.spi.PrivacyStore;
import chat.engine.spi.StoreUnavailableException;
import java.lang.reflect.Proxy;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
final class ReceiptWriterTest {
  private static final UserId ADA = UserId.of("ada");
  private static final ConversationId ID = ConversationId.of(7);
  private static final Receipt MARK_ENDED =
      new Receipt(ID, ADA, 9, 9, 0, new Preferences(4, null, null, false, null));
  private static final Conversation GROUP = Conversation.group(ID, "group", Instant.EPOCH);

  private final List<List<ReceiptMove>> batches = new CopyOnWriteArrayList<>();
  private final List<Object> announced = new CopyOnWriteArrayList<>();
  private volatile Function<ReceiptMove, ReceiptOutcome> outcome = move -> ReceiptOutcome.MOVED;
  private final List<List<MemberEdit>> edited = new CopyOnWriteArrayList<>();
  private volatile Function<MemberEdit, PreferencesOutcome> preferencesOutcome =
      edit -> new PreferencesOutcome.Done(MARK_ENDED, true);
  private volatile boolean known = true;
  private volatile @Nullable CountDownLatch gate;
  private final CountDownLatch begun = new CountDownLatch(1);
  private final PrivacyStore privacy = new InMemoryMessageStore().privacy();
  private final ReceiptWriter writer = writer();

  @AfterEach
  void close() {
    writer.close();
  }

  @SuppressWarnings("unchecked")
  private ReceiptWriter writer() {
    ConversationStore store =
        (ConversationStore)
            Proxy.newProxyInstance(
                getClass().getClassLoader(),
                new Class<?>[] {ConversationStore.class},
                (proxy, method, arguments) -> {
                  if (method.getName().equals("find")) {
                    Map<ConversationId, Found> found = new HashMap<>();
                    if (known) {
                      ((Collection<ConversationId>) arguments[0])
                          .forEach(id -> found.put(id, new Found(GROUP, 0, 0)));
                    }
                    return found;
                  }
                  if (method.getName().equals("receipts")) {
                    return List.of(MARK_ENDED);
                  }
                  if (method.getName().equals("setPreferences")) {
                    List<MemberEdit> edits = (List<MemberEdit>) arguments[0];
                    edited.add(List.copyOf(edits));
                    return edits.stream().map(preferencesOutcome).toList();
                  }
                  assertThat(method.getName()).isEqualTo("moveReceipts");
                  List<ReceiptMove> moves = (List<ReceiptMove>) arguments[0];
                  batches.add(List.copyOf(moves));
                  begun.countDown();
                  CountDownLatch waiting = gate;
                  if (waiting != null) {
                    waiting.await();
                  }
                  return moves.stream().map(outcome).toList();
                });
    Announcer announcer =
        new Announcer() {
          @Override
          public void created(Conversation conversation, Collection<UserId> members) {}

          @Override
          public void changed(Conversation conversation, List<ConversationChange> changes) {}

          @Override
          public void receiptMoved(
              Conversation conversation,
              long membersRev,
              ReceiptMoved moved,
              @Nullable Session except) {
            assertThat(conversation).isEqualTo(GROUP);
            announced.add(moved);
            if (except != null) {
              announced.add(except);
            }
          }

          @Override
          public void ownRead(
              Conversation conversation,
              long membersRev,
              ReceiptMoved read,
              @Nullable Session except) {
            announced.add("own " + read.seq());
          }

          @Override
          public void preferencesChanged(
              Conversation conversation,
              long membersRev,
              Receipt member,
              @Nullable Session except) {
            announced.add(member);
          }
        };
    return new ReceiptWriter(store, new HiddenReads(privacy), announcer, 16_384);
  }

  private static void assertRefused(CompletableFuture<?> call, ErrorCode code) {
    assertThatThrownBy(call::join)
        .hasCauseInstanceOf(ChatException.class)
        .satisfies(fault -> assertThat(((ChatException) fault.getCause()).code()).isEqualTo(code));
  }

  @Test
  void whatQueuedUpIsMadeInOrderAndInBatchesOfAKind() throws InterruptedException {
    CountDownLatch held = new CountDownLatch(1);
    gate = held;
    CompletableFuture<Void> first = read(1);
    begun.await();
    List<CompletableFuture<?>> calls = new ArrayList<>(List.of(first));
    PreferencesEdit pinned = PreferencesEdit.NOTHING.pinned(true);
    calls.add(read(2));
    calls.add(read(3));
    calls.add(writer.submit(ID, ADA, pinned, null));
    calls.add(read(4));
    calls.add(writer.submit(ID, ADA, pinned.archived(true), null));
    calls.add(writer.submit(ID, ADA, pinned, null));
    held.countDown();
    calls.forEach(CompletableFuture::join);
    assertThat(batches).extracting(List::size).containsExactly(1, 2, 1);
    assertThat(edited).extracting(List::size).containsExactly(1, 2);
  }

  @Test
  void aReadThatEndsAMarkAnnouncesBoth() {
    outcome = move -> ReceiptOutcome.MARK_ENDED;
    read(9).join();
    await()
        .untilAsserted(
            () ->
                assertThat(announced)
                    .containsExactly(new ReceiptMoved(ID, ADA, ReceiptKind.READ, 9), MARK_ENDED));
  }

  @Test
  void whatAMemberReadsWhoHidesItIsAnnouncedToTheMemberOnly() {
    privacy.set(ADA, PrivacyEdit.NOTHING.readReceipts(false), Instant.EPOCH);
    outcome = move -> ReceiptOutcome.MOVED;
    read(9).join();
    writer.submit(ID, ADA, ReceiptKind.RECEIVED, 11, null).join();
    await()
        .untilAsserted(
            () ->
                assertThat(announced)
                    .containsExactly(
                        "own 9",
                        new ReceiptMoved(ID, ADA, ReceiptKind.RECEIVED, 9),
                        new ReceiptMoved(ID, ADA, ReceiptKind.RECEIVED, 11)));
  }

  @Test
  void eachRefusalOfPreferencesHasItsCodeAndIsNotAnnounced() {
    PreferencesEdit edit = PreferencesEdit.NOTHING.pinned(true).unreadFrom(7L);
    preferencesOutcome = any -> new PreferencesOutcome.NotMember();
    assertRefused(writer.submit(ID, ADA, edit, null), ErrorCode.NOT_FOUND);
    preferencesOutcome = any -> new PreferencesOutcome.BeyondLast();
    assertRefused(writer.submit(ID, ADA, edit, null), ErrorCode.BAD_REQUEST);
    preferencesOutcome = any -> new PreferencesOutcome.TooManyPinned();
    assertRefused(writer.submit(ID, ADA, edit, null), ErrorCode.TOO_LARGE);
    preferencesOutcome = any -> new PreferencesOutcome.Done(MARK_ENDED, false);
    assertThat(writer.submit(ID, ADA, edit, null).join()).isEqualTo(MARK_ENDED.preferences());
    preferencesOutcome = any -> new PreferencesOutcome.Done(MARK_ENDED, true);
    assertThat(writer.submit(ID, ADA, edit, null).join().version()).isEqualTo(4);
    await().untilAsserted(() -> assertThat(announced).containsExactly(MARK_ENDED));
  }

  private CompletableFuture<Void> read(long seq) {
    return writer.submit(ID, ADA, ReceiptKind.READ, seq, null);
  }

  private static ErrorCode code(CompletableFuture<Void> refused) {
    await().until(refused::isDone);
    List<ErrorCode> codes = new ArrayList<>();
    assertThatThrownBy(refused::join)
        .hasCauseInstanceOf(ChatException.class)
        .satisfies(fault -> codes.add(((ChatException) fault.getCause()).code()));
    return codes.get(0);
  }

  @Test
  void aReceiptThatMovedIsAnsweredAndAnnouncedToTheOthers() {
    Session session = new LocalSessions().connect(ADA).session();
    writer.submit(ID, ADA, ReceiptKind.RECEIVED, 5, session).join();
    assertThat(batches).containsExactly(List.of(new ReceiptMove(ID, ADA, ReceiptKind.RECEIVED, 5)));
    await()
        .untilAsserted(
            () ->
                assertThat(announced)
                    .containsExactly(new ReceiptMoved(ID, ADA, ReceiptKind.RECEIVED, 5), session));
  }

  @Test
  void eachOutcomeHasItsAnswerAndOnlyWhatMovedIsAnnounced() {
    outcome =
        move ->
            switch ((int) move.seq()) {
              case 1 -> ReceiptOutcome.UNCHANGED;
              case 2 -> ReceiptOutcome.NOT_MEMBER;
              case 3 -> ReceiptOutcome.BEYOND_LAST;
              default -> ReceiptOutcome.MOVED;
            };
    read(1).join();
    assertThat(code(read(2))).isEqualTo(ErrorCode.NOT_FOUND);
    assertThat(code(read(3))).isEqualTo(ErrorCode.BAD_REQUEST);
    read(4).join();
    await().untilAsserted(() -> assertThat(announced).hasSize(1));
  }

  @Test
  void whatQueuesUpIsOneTransactionAndWhatIsTooMuchIsBusy() {
    CountDownLatch goOn = new CountDownLatch(1);
    gate = goOn;
    CompletableFuture<Void> first = read(1);
    await().until(() -> begun.getCount() == 0);
    List<CompletableFuture<Void>> waiting = new ArrayList<>();
    for (int i = 1; i < 16_384; i++) {
      waiting.add(read(1 + i));
    }
    assertThat(code(read(9))).isEqualTo(ErrorCode.BUSY);
    gate = null;
    goOn.countDown();
    first.join();
    waiting.forEach(CompletableFuture::join);
    assertThat(batches.get(1)).hasSize(512);
    assertThat(batches).hasSize(33);
  }

  @Test
  void aStoreThatFailsFailsItsBatchAndTheNextGoesOn() {
    outcome =
        move -> {
          throw new StoreUnavailableException("away, on purpose", null);
        };
    assertThat(code(read(1))).isEqualTo(ErrorCode.UNAVAILABLE);
    outcome = move -> ReceiptOutcome.MOVED;
    read(2).join();
  }

  @Test
  void whatIsCommittedIsAnsweredEvenIfItCannotBeAnnounced() {
    known = false;
    read(1).join();
    read(2).join(); // the first is over, now that the second is answered
    known = true;
    read(3).join();
    await()
        .untilAsserted(
            () ->
                assertThat(announced)
                    .endsWith(new ReceiptMoved(ID, ADA, ReceiptKind.READ, 3))
                    .doesNotContain(new ReceiptMoved(ID, ADA, ReceiptKind.READ, 1)));
  }

  @Test
  void closingRefusesWhatWaits() {
    gate = new CountDownLatch(1);
    CompletableFuture<Void> underWay = read(1);
    await().until(() -> begun.getCount() == 0);
    CompletableFuture<Void> waiting = read(2);
    writer.close();
    assertThat(code(waiting)).isEqualTo(ErrorCode.UNAVAILABLE);
    assertThat(code(underWay)).isNotNull();
    assertThat(code(read(3))).isIn(ErrorCode.UNAVAILABLE, ErrorCode.BUSY);
  }
}
