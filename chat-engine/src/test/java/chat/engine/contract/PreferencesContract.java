package chat.engine.contract;

import static org.assertj.core.api.Assertions.assertThat;

import chat.engine.ConversationId;
import chat.engine.Preferences;
import chat.engine.PreferencesEdit;
import chat.engine.ReceiptKind;
import chat.engine.UserId;
import chat.engine.spi.ConversationStore;
import chat.engine.spi.ConversationStore.MemberEdit;
import chat.engine.spi.ConversationStore.Membership;
import chat.engine.spi.ConversationStore.PreferencesOutcome;
import chat.engine.spi.ConversationStore.PreferencesOutcome.Done;
import chat.engine.spi.ConversationStore.Receipt;
import chat.engine.spi.ConversationStore.ReceiptMove;
import chat.engine.spi.ConversationStore.ReceiptOutcome;
import chat.engine.spi.MessageStore;
import chat.engine.spi.MessageStore.Mark;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** How members see their conversations: each for themselves, in versions, as long as they stay. */
interface PreferencesContract extends StoreTests {
  Instant LATER = Instant.parse("2101-02-03T04:05:06.789Z");

  private PreferencesOutcome edit(ConversationId id, UserId user, PreferencesEdit edit) {
    return chat().conversations().setPreferences(List.of(new MemberEdit(id, user, edit))).get(0);
  }

  private Preferences set(ConversationId id, UserId user, PreferencesEdit edit) {
    PreferencesOutcome outcome = edit(id, user, edit);
    assertThat(outcome).isInstanceOf(Done.class);
    return ((Done) outcome).now().preferences();
  }

  private Preferences read(ConversationId id, UserId user) {
    ConversationStore node = chat().anotherNode().conversations();
    Membership one = node.memberships(user, List.of(id)).get(0);
    assertThat(node.memberships(user)).contains(one);
    assertThat(node.receipts(Map.of(id, Set.of(user))))
        .extracting(Receipt::preferences)
        .containsExactly(one.preferences());
    return one.preferences();
  }

  private ReceiptOutcome markRead(ConversationId id, UserId user, long seq) {
    return chat()
        .conversations()
        .moveReceipts(List.of(new ReceiptMove(id, user, ReceiptKind.READ, seq)))
        .get(0);
  }

  @Test
  default void preferencesBeginWithNoneAndAreOnesOwn() {
    UserId ada = chat().user("ada");
    UserId bob = chat().user("bob");
    ConversationId group = chat().group(ada, bob);
    chat().send(group, ada, 3);

    assertThat(read(group, bob)).isEqualTo(Preferences.NONE);
    Preferences all = new Preferences(1, LATER, 3L, true, 2L);
    assertThat(
            set(
                group,
                bob,
                PreferencesEdit.NOTHING
                    .mutedUntil(LATER)
                    .archived(true)
                    .pinned(true)
                    .unreadFrom(2L)))
        .isEqualTo(all);
    assertThat(read(group, bob)).isEqualTo(all);
    assertThat(read(group, ada)).isEqualTo(Preferences.NONE);
  }

  @Test
  default void anEditChangesWhatItNamesAndAddsOneToTheVersion() {
    UserId ada = chat().user("ada");
    ConversationId group = chat().group(ada);
    chat().send(group, ada, 1);
    PreferencesEdit nothing = PreferencesEdit.NOTHING;

    assertThat(set(group, ada, nothing)).isEqualTo(Preferences.NONE);
    set(group, ada, nothing.mutedUntil(PreferencesEdit.FOR_GOOD));
    set(group, ada, nothing.pinned(true));
    assertThat(set(group, ada, nothing.unreadFrom(1L)))
        .isEqualTo(new Preferences(3, PreferencesEdit.FOR_GOOD, null, true, 1L));
    assertThat(edit(group, ada, nothing.unreadFrom(1L).pinned(true)))
        .as("said again")
        .isEqualTo(
            new Done(
                new Receipt(
                    group,
                    ada,
                    0,
                    0,
                    0,
                    new Preferences(3, PreferencesEdit.FOR_GOOD, null, true, 1L)),
                false));
    set(group, ada, nothing.mutedUntil(null));
    set(group, ada, nothing.pinned(false));
    set(group, ada, nothing.unreadFrom(null));
    assertThat(read(group, ada)).isEqualTo(new Preferences(6, null, null, false, null));
  }

  @Test
  default void theNextMessageTakesAConversationOutOfTheArchive() {
    UserId ada = chat().user("ada");
    ConversationId group = chat().group(ada);

    assertThat(set(group, ada, PreferencesEdit.NOTHING.archived(true)).archived()).isTrue();
    assertThat(read(group, ada)).isEqualTo(new Preferences(1, null, 0L, false, null));
    chat().send(group, ada, 2);
    assertThat(read(group, ada)).isEqualTo(new Preferences(1, null, null, false, null));
    assertThat(edit(group, ada, PreferencesEdit.NOTHING.archived(false)))
        .isInstanceOfSatisfying(Done.class, done -> assertThat(done.changed()).isFalse());
    assertThat(set(group, ada, PreferencesEdit.NOTHING.archived(true)).archivedAtSeq())
        .isEqualTo(2);
    assertThat(set(group, ada, PreferencesEdit.NOTHING.archived(false)))
        .isEqualTo(new Preferences(3, null, null, false, null));
    assertThat(read(group, ada).archived()).isFalse();
  }

  @Test
  default void aReadEndsAMarkAsUnreadEvenIfNothingIsReadAnew() {
    UserId ada = chat().user("ada");
    UserId bob = chat().user("bob");
    ConversationId group = chat().group(ada, bob);
    chat().send(group, ada, 5);
    markRead(group, bob, 4);
    set(group, bob, PreferencesEdit.NOTHING.unreadFrom(3L));

    assertThat(markRead(group, bob, 2)).as("below it").isEqualTo(ReceiptOutcome.UNCHANGED);
    assertThat(read(group, bob).unreadFrom()).isEqualTo(3);
    assertThat(
            chat()
                .conversations()
                .moveReceipts(List.of(new ReceiptMove(group, bob, ReceiptKind.RECEIVED, 5))))
        .containsExactly(ReceiptOutcome.MOVED);
    assertThat(read(group, bob).unreadFrom()).isEqualTo(3);
    assertThat(markRead(group, bob, 4)).isEqualTo(ReceiptOutcome.MARK_ENDED);
    assertThat(read(group, bob)).isEqualTo(new Preferences(2, null, null, false, null));
    assertThat(markRead(group, bob, 4)).isEqualTo(ReceiptOutcome.UNCHANGED);

    set(group, bob, PreferencesEdit.NOTHING.unreadFrom(3L));
    assertThat(markRead(group, bob, 5)).isEqualTo(ReceiptOutcome.MARK_ENDED);
    assertThat(chat().conversations().member(group, bob).orElseThrow().readSeq()).isEqualTo(5);
    assertThat(read(group, bob).version()).isEqualTo(4);
  }

  @Test
  default void whatCannotBeIsRefusedAndStoresNothing() {
    UserId ada = chat().user("ada");
    UserId eve = chat().user("eve");
    ConversationId group = chat().group(ada);
    chat().send(group, ada, 1);
    PreferencesEdit pinned = PreferencesEdit.NOTHING.pinned(true);

    assertThat(edit(group, eve, pinned)).isInstanceOf(PreferencesOutcome.NotMember.class);
    assertThat(edit(chat().drafts().conversationId(), ada, pinned))
        .isInstanceOf(PreferencesOutcome.NotMember.class);
    assertThat(edit(group, ada, pinned.unreadFrom(2L)))
        .isInstanceOf(PreferencesOutcome.BeyondLast.class);
    assertThat(read(group, ada)).isEqualTo(Preferences.NONE);
    assertThat(chat().conversations().setPreferences(List.of())).isEmpty();
  }

  @Test
  default void eachEditOfABatchHasItsOutcomeAndSeesThoseBeforeIt() {
    UserId ada = chat().user("ada");
    UserId bob = chat().user("bob");
    ConversationId group = chat().group(ada, bob);
    PreferencesEdit pinned = PreferencesEdit.NOTHING.pinned(true);

    List<PreferencesOutcome> outcomes =
        chat()
            .conversations()
            .setPreferences(
                List.of(
                    new MemberEdit(group, ada, pinned),
                    new MemberEdit(group, chat().user("eve"), pinned),
                    new MemberEdit(group, ada, PreferencesEdit.NOTHING.mutedUntil(LATER)),
                    new MemberEdit(group, bob, PreferencesEdit.NOTHING.archived(true)),
                    new MemberEdit(group, ada, PreferencesEdit.NOTHING.pinned(false))));

    assertThat(outcomes).hasSize(5);
    assertThat(outcomes.get(1)).isInstanceOf(PreferencesOutcome.NotMember.class);
    assertThat(((Done) outcomes.get(2)).now().preferences())
        .isEqualTo(new Preferences(2, LATER, null, true, null));
    assertThat(read(group, ada)).isEqualTo(new Preferences(3, LATER, null, false, null));
    assertThat(read(group, bob)).isEqualTo(new Preferences(1, null, 0L, false, null));
  }

  @Test
  default void onlySoManyConversationsCanBePinned() {
    UserId ada = chat().user("ada");
    PreferencesEdit pinned = PreferencesEdit.NOTHING.pinned(true);
    List<MemberEdit> edits = new ArrayList<>();
    for (int i = 0; i <= Preferences.MAX_PINNED; i++) {
      edits.add(new MemberEdit(chat().group(ada), ada, pinned));
    }
    ConversationId last = edits.get(Preferences.MAX_PINNED).conversation();
    ConversationId first = edits.get(0).conversation();

    List<PreferencesOutcome> outcomes = chat().conversations().setPreferences(edits);
    assertThat(outcomes.subList(0, Preferences.MAX_PINNED)).allMatch(Done.class::isInstance);
    assertThat(outcomes.get(Preferences.MAX_PINNED))
        .isInstanceOf(PreferencesOutcome.TooManyPinned.class);
    assertThat(edit(last, ada, pinned)).isInstanceOf(PreferencesOutcome.TooManyPinned.class);
    assertThat(edit(first, ada, pinned)).as("is pinned").isInstanceOf(Done.class);
    set(first, ada, PreferencesEdit.NOTHING.pinned(false));
    set(last, ada, pinned);
    assertThat(read(last, ada).pinned()).isTrue();
    assertThat(edit(first, ada, pinned)).isInstanceOf(PreferencesOutcome.TooManyPinned.class);
  }

  @Test
  default void preferencesEndWithTheMembership() {
    UserId ada = chat().user("ada");
    UserId bob = chat().user("bob");
    ConversationId group = chat().group(ada, bob);
    set(group, bob, PreferencesEdit.NOTHING.pinned(true).mutedUntil(LATER));
    chat().change(group, StoreFixture.removed(bob));
    assertThat(edit(group, bob, PreferencesEdit.NOTHING.pinned(true)))
        .isInstanceOf(PreferencesOutcome.NotMember.class);
    chat().change(group, StoreFixture.added(bob));
    assertThat(read(group, bob)).isEqualTo(Preferences.NONE);
    assertThat(((Done) edit(group, bob, PreferencesEdit.NOTHING.pinned(true))).now().joinedRev())
        .isEqualTo(2);
    chat().change(group, StoreFixture.roleSet(bob, chat.engine.Role.ADMIN));
    assertThat(read(group, bob).pinned()).as("a role ends nothing").isTrue();
  }

  @Test
  default void whoHasMutedAConversationIsTold() {
    UserId ada = chat().user("ada");
    UserId bob = chat().user("bob");
    UserId cleo = chat().user("cleo");
    ConversationId group = chat().group(ada, bob, cleo);
    set(group, bob, PreferencesEdit.NOTHING.mutedUntil(LATER));
    Set<UserId> all = Set.of(ada, bob, chat().user("eve"));

    assertThat(chat().conversations().muted(group, all, LATER.minusMillis(1))).containsExactly(bob);
    assertThat(chat().conversations().muted(group, all, LATER)).as("over").isEmpty();
    assertThat(chat().conversations().muted(group, Set.of(ada), Instant.EPOCH)).isEmpty();
    assertThat(chat().conversations().muted(group, Set.of(), Instant.EPOCH)).isEmpty();
    assertThat(chat().conversations().muted(chat().group(bob), all, Instant.EPOCH)).isEmpty();
  }

  @Test
  default void aChangeIsToldAmongTheWritesAsThoseOfReceipts() {
    UserId ada = chat().user("ada");
    UserId bob = chat().user("bob");
    ConversationId group = chat().group(ada, bob);
    chat().send(group, ada, 1);
    markRead(group, bob, 1);
    MessageStore node = chat().anotherNode();
    Mark mark = node.writesSince(null).mark();

    set(group, ada, PreferencesEdit.NOTHING.pinned(true));
    assertThat(node.writesSince(mark).receipts()).containsEntry(group, Set.of(ada));
    set(group, bob, PreferencesEdit.NOTHING.unreadFrom(1L));
    mark = node.writesSince(mark).mark();
    markRead(group, bob, 1);
    assertThat(node.writesSince(mark).receipts()).containsEntry(group, Set.of(bob));
  }

  @Test
  @Tag(Together.TAG)
  default void editsFromManyNodesAtOnceAreAllMade() throws Exception {
    UserId ada = chat().user("ada");
    ConversationId group = chat().group(ada);
    chat().send(group, ada, 1);
    int rounds = 50;

    Together.run(
        4,
        task -> {
          ConversationStore node = chat().anotherNode().conversations();
          return () -> {
            for (int round = 0; round < rounds; round++) {
              PreferencesEdit edit =
                  PreferencesEdit.NOTHING.mutedUntil(LATER.plusMillis(task * rounds + round));
              assertThat(node.setPreferences(List.of(new MemberEdit(group, ada, edit))))
                  .allMatch(outcome -> ((Done) outcome).changed());
            }
            return true;
          };
        });

    assertThat(read(group, ada).version()).isEqualTo(4 * rounds);
  }
}
