package chat.engine.internal.feed;

import static chat.engine.internal.session.LocalSessions.added;
import static chat.engine.internal.session.LocalSessions.message;
import static chat.engine.internal.session.LocalSessions.removed;
import static chat.engine.internal.session.LocalSessions.renamed;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import chat.engine.Conversation;
import chat.engine.ConversationChange;
import chat.engine.ConversationId;
import chat.engine.Member;
import chat.engine.Message;
import chat.engine.MessageEdit;
import chat.engine.Preferences;
import chat.engine.ReceiptKind;
import chat.engine.Role;
import chat.engine.UserId;
import chat.engine.event.MessageChanged;
import chat.engine.event.PreferencesChanged;
import chat.engine.event.ReceiptMoved;
import chat.engine.event.Resync;
import chat.engine.event.TypingChanged;
import chat.engine.internal.cluster.SoloRouter;
import chat.engine.internal.cluster.Subscriptions;
import chat.engine.internal.cluster.Topics;
import chat.engine.internal.conversation.CommittedMessage;
import chat.engine.internal.session.Cursors;
import chat.engine.internal.session.LocalSessions;
import chat.engine.internal.session.LocalSessions.Client;
import chat.engine.spi.ConversationStore.Receipt;
import chat.engine.spi.StoredMessage;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The feeds of one shard; the test is its thread. */
@Timeout(60)
final class FeedShardTest {
  private static final UserId ADA = UserId.of("ada");
  private static final UserId BOB = UserId.of("bob");
  private static final UserId CLEO = UserId.of("cleo");
  private static final ConversationId GROUP_ID = ConversationId.of(1);
  private static final ConversationId TALK_ID = ConversationId.of(2);
  private static final Conversation GROUP = Conversation.group(GROUP_ID, "group", Instant.EPOCH);
  private static final Conversation TALK = Conversation.direct(TALK_ID, ADA, BOB, Instant.EPOCH);
  private static final int ALL = Integer.MAX_VALUE;

  private final LocalSessions node = new LocalSessions();
  private final SoloRouter router = new SoloRouter();
  private final Subscriptions subscriptions = new Subscriptions(router);
  private final List<ConversationFeed> behind = new ArrayList<>();
  private final Collection<Conversation> subscribed = new ConcurrentLinkedQueue<>();
  private final FeedShard shard =
      new FeedShard(node.context, node.registry, subscriptions, behind::add, subscribed::add);

  @AfterEach
  void close() {
    subscriptions.close();
  }

  private static CommittedMessage committed(Conversation conversation, long seq, long rev) {
    return new CommittedMessage(conversation, message(conversation.id(), seq, CLEO), rev);
  }

  private ConversationFeed feed(ConversationId id) {
    return Objects.requireNonNull(shard.find(id));
  }

  private static Member member(UserId user, long joinedSeq, long joinedRev) {
    return new Member(user, Role.MEMBER, Instant.EPOCH, joinedSeq, joinedRev, 0, 0);
  }

  /** Connected, a member as of the rev, and in the feed. */
  private Client inGroup(UserId user, long seq, long rev) {
    Client client = node.connect(user);
    CompletableFuture<Void> entered = new CompletableFuture<>();
    shard.enter(GROUP, client.session().home(), seq, rev, entered);
    entered.join();
    Cursors cursors = new Cursors();
    cursors.put(GROUP_ID, seq, rev);
    return client.liveAt(cursors);
  }

  private boolean isSubscribed() {
    subscriptions.settled().join();
    return router.subscribed(Set.of(Topics.group(GROUP_ID))).size() == 1;
  }

  private void repaired(ConversationFeed feed, long upTo, long membersRev) {
    assertThat(feed.confirmRepair()).isTrue();
    List<StoredMessage> messages = new ArrayList<>();
    for (long seq = feed.head() + 1; seq <= upTo; seq++) {
      messages.add(new StoredMessage(message(feed.conversation().id(), seq, CLEO), membersRev));
    }
    feed.repaired(messages, List.of());
  }

  // ---- groups

  @Test
  void aGroupWithoutMembersHereHasNoFeedAndItsEnvelopesAreNoBusinessOfThisNode() {
    shard.arrive(committed(GROUP, 1, 0));
    shard.change(GROUP, renamed(GROUP, 1, 0, "new"));
    shard.change(GROUP, added(GROUP, 2, 0, ADA));
    shard.created(GROUP, List.of(ADA, BOB));
    assertThat(shard.observe(GROUP, 9, 9)).isFalse();
    assertThat(shard.find(GROUP_ID)).isNull();
    assertThat(isSubscribed()).isFalse();
  }

  @Test
  void aGroupIsSubscribedWithItsFirstMemberHereAndUnsubscribedWithItsLast() {
    Client ada = inGroup(ADA, 0, 0);
    Client bob = inGroup(BOB, 0, 0);
    assertThat(isSubscribed()).isTrue();
    await().untilAsserted(() -> assertThat(subscribed).containsExactly(GROUP));
    shard.leave(GROUP_ID, ada.session().home());
    assertThat(isSubscribed()).isTrue();
    shard.leave(GROUP_ID, bob.session().home());
    assertThat(isSubscribed()).isFalse();
    assertThat(shard.find(GROUP_ID)).isNull();
    shard.leave(GROUP_ID, bob.session().home());
  }

  private static ConversationChange deleted(Conversation conversation, long rev, long atSeq) {
    return new ConversationChange(
        conversation.id(),
        rev,
        atSeq,
        ConversationChange.Kind.DELETED,
        UserId.SYSTEM,
        conversation.peers(),
        null,
        null,
        Instant.EPOCH);
  }

  @Test
  void aDeletedGroupIsToldAtOnceWhateverItsFeedMissesAndWhatComesLateIsDropped() {
    Client ada = inGroup(ADA, 0, 0);
    shard.arrive(committed(GROUP, 3, 2));
    ConversationFeed feed = feed(GROUP_ID);

    shard.change(GROUP, deleted(GROUP, 7, 9));
    shard.change(GROUP, deleted(GROUP, 7, 9));
    shard.arrive(committed(GROUP, 1, 0));
    shard.observe(GROUP, 9, 9);

    assertThat(ada.revs(GROUP_ID)).containsExactly(7L);
    assertThat(ada.seqs(GROUP_ID)).isEmpty();
    assertThat(feed.confirmRepair()).isFalse();
    shard.closeIfDeserted(feed);
    assertThat(shard.find(GROUP_ID)).isNull();
    assertThat(isSubscribed()).isFalse();
    assertThat(ada.session().home().isInGroup(GROUP_ID)).isFalse();
  }

  @Test
  void aDeletionThatIsReadFromTheStoreEndsTheFeed() {
    Client ada = inGroup(ADA, 0, 0);
    shard.observe(GROUP, 4, 1);
    ConversationFeed feed = feed(GROUP_ID);
    assertThat(feed.confirmRepair()).isTrue();
    feed.repaired(List.of(), List.of(deleted(GROUP, 7, 9)));
    assertThat(ada.revs(GROUP_ID)).containsExactly(7L);
    assertThat(feed.isIdle()).isTrue();
    assertThat(feed.hasNoLocals()).isTrue();
  }

  @Test
  void aDeletedDirectConversationIsToldToBothAndWhatComesLateIsDropped() {
    Client ada = node.connect(ADA).liveAt(Map.of(TALK.id(), 0L));
    Client bob = node.connect(BOB).liveAt(Map.of(TALK.id(), 0L));

    shard.change(TALK, deleted(TALK, 1, 2));
    shard.arrive(committed(TALK, 1, 0));
    shard.observe(TALK, 2, 0);
    shard.rewind(TALK.id(), 0);
    shard.ephemeral(TALK, new TypingChanged(TALK.id(), BOB, true), null, ALL, BOB);

    for (Client one : List.of(ada, bob)) {
      assertThat(one.events()).hasSize(1);
      assertThat(one.revs(TALK.id())).containsExactly(1L);
    }
    assertThat(behind).isEmpty();
  }

  private static ConversationChange edit(long rev) {
    Message edited =
        message(TALK.id(), 1, ADA).edited(MessageEdit.text("edit " + rev), rev, Instant.EPOCH);
    return ConversationChange.ofMessage(
        edited, ConversationChange.Kind.MESSAGE_EDITED, 1, ADA, Instant.EPOCH);
  }

  private static List<Long> edits(Client client) {
    return client.events().stream()
        .filter(MessageChanged.class::isInstance)
        .map(event -> ((MessageChanged) event).change().rev())
        .toList();
  }

  private static Cursors at(long seq, long rev) {
    Cursors cursors = new Cursors();
    cursors.put(TALK.id(), seq, rev);
    return cursors;
  }

  /** A feed that begins while cursors are loaded begins with the change that made it. */
  @Test
  void aSessionWhoseCursorsLackChangesGetsThemFromTheFeedThatIsAhead() {
    Client ada = node.connect(ADA).liveAt(at(1, 7));
    Client bob = node.connect(BOB); // still loading its cursors
    shard.change(TALK, edit(8));
    assertThat(feed(TALK.id()).rev()).isEqualTo(8);

    bob.liveAt(at(1, 5));
    shard.reconcile(bob.session(), TALK.id());
    ConversationFeed feed = feed(TALK.id());
    assertThat(feed.confirmRepair()).isTrue();
    assertThat(feed.lacksChanges()).isTrue();
    feed.repaired(List.of(), List.of(edit(6), edit(7), edit(8)));

    assertThat(edits(bob)).containsExactly(6L, 7L, 8L);
    assertThat(edits(ada)).containsExactly(8L);
    shard.reconcile(bob.session(), TALK.id());
    assertThat(feed.isIdle()).isTrue();
  }

  @Test
  void aFeedOfADirectConversationBeginsBeforeTheChangeThatNobodyHasYet() {
    Client bob = node.connect(BOB);
    shard.change(TALK, edit(8));
    assertThat(feed(TALK.id()).rev()).isEqualTo(8);
    assertThat(feed(TALK.id()).head()).isEqualTo(1);
    bob.liveAt(at(1, 8));
    shard.change(TALK, edit(9));
    assertThat(edits(bob)).containsExactly(9L);
  }

  @Test
  void aFeedThatIsRepairedStaysUntilTheRepairEnds() {
    Client ada = inGroup(ADA, 0, 0);
    shard.arrive(committed(GROUP, 2, 0));
    ConversationFeed feed = feed(GROUP_ID);
    shard.leave(GROUP_ID, ada.session().home());
    assertThat(shard.find(GROUP_ID)).isSameAs(feed);
    feed.confirmRepair();
    shard.closeIfDeserted(feed);
    assertThat(shard.find(GROUP_ID)).isNull();
  }

  @Test
  void aFeedThatIsNoLongerOpenClosesNoOther() {
    Client ada = inGroup(ADA, 0, 0);
    ConversationFeed old = feed(GROUP_ID);
    shard.leave(GROUP_ID, ada.session().home());
    inGroup(ADA, 0, 0);
    shard.closeIfDeserted(old);
    assertThat(shard.find(GROUP_ID)).isNotNull().isNotSameAs(old);
    assertThat(isSubscribed()).isTrue();
  }

  @Test
  void theFirstWhoIsAddedHereGetsTheChangeAndWhatComesAfterIt() {
    Client bob = node.connect(BOB).liveAt(Map.of());
    shard.change(GROUP, added(GROUP, 7, 40, BOB));
    shard.arrive(committed(GROUP, 41, 7));
    assertThat(bob.story()).containsExactly("c7", "m41");
    assertThat(behind).isEmpty();
    shard.change(GROUP, removed(GROUP, 8, 41, BOB));
    assertThat(shard.find(GROUP_ID)).as("deserted").isNull();
    assertThat(isSubscribed()).isFalse();
  }

  @Test
  void theRemovalOfOneWhoIsNotHereOpensNoFeed() {
    node.connect(BOB).liveAt(Map.of());
    shard.change(GROUP, removed(GROUP, 1, 0, BOB));
    shard.change(GROUP, added(GROUP, 2, 0, CLEO));
    assertThat(shard.find(GROUP_ID)).isNull();
    subscriptions.settled().join();
    assertThat(subscribed).isEmpty();
  }

  @Test
  void foundersAreToldOfTheGroupOnceAndGetItsFirstMessage() {
    Client ada = node.connect(ADA).liveAt(Map.of());
    Client laptop = node.connect(ADA).liveAt(Map.of());
    shard.created(GROUP, List.of(ADA, BOB));
    shard.created(GROUP, List.of(ADA, BOB));
    shard.arrive(committed(GROUP, 1, 0));
    assertThat(ada.story()).containsExactly("c0", "m1");
    assertThat(laptop.story()).containsExactly("c0", "m1");
  }

  @Test
  void aDirectConversationIsToldToBothAndNeedsNoFeedForIt() {
    Client ada = node.connect(ADA).liveAt(Map.of());
    shard.created(TALK, List.of(ADA, BOB));
    assertThat(ada.story()).containsExactly("c0");
    assertThat(shard.find(TALK_ID)).isNull();
  }

  /** Envelopes may be late or doubled: it must not bring the removed back. */
  @Test
  void lateNewsOfACreationBringsNobodyBackWhoWasRemovedSince() {
    Client ada = inGroup(ADA, 0, 0);
    Client bob = inGroup(BOB, 0, 0);
    shard.change(GROUP, removed(GROUP, 1, 0, BOB));
    shard.created(GROUP, List.of(ADA, BOB));
    shard.arrive(committed(GROUP, 1, 1));
    shard.arrive(committed(GROUP, 2, 1));
    behind.forEach(feed -> repaired(feed, 2, 1));
    assertThat(ada.story()).containsExactly("c1", "m1", "m2");
    assertThat(bob.story()).containsExactly("c1");
    assertThat(bob.session().home().isInGroup(GROUP_ID)).isFalse();
  }

  // ---- entering

  @Test
  void whoHasLeftThisNodeMeanwhileDoesNotEnter() {
    Client ada = node.connect(ADA);
    ada.session().close();
    node.registry.departed(System.nanoTime() + 60_000_000_000L);
    CompletableFuture<Void> entered = new CompletableFuture<>();
    shard.enter(GROUP, ada.session().home(), 0, 0, entered);
    assertThat(entered).isCompleted();
    assertThat(shard.find(GROUP_ID)).isNull();
  }

  @Test
  void enteringFailsIfTheGroupCannotBeSubscribed() {
    subscriptions.close();
    CompletableFuture<Void> entered = new CompletableFuture<>();
    shard.enter(GROUP, node.connect(ADA).session().home(), 0, 0, entered);
    assertThatThrownBy(entered::join).hasMessageContaining("closing");
    assertThat(subscribed).as("told, so that it reads how far the group is").hasSize(1);
  }

  @Test
  void whoWasNoMemberAtARevLeavesUnlessTheFeedIsFurther() {
    Client ada = inGroup(ADA, 0, 3);
    inGroup(BOB, 0, 3);
    shard.leaveAsOf(GROUP_ID, ada.session().home(), 2);
    assertThat(ada.session().home().isInGroup(GROUP_ID)).isTrue();
    shard.leaveAsOf(GROUP_ID, ada.session().home(), 3);
    assertThat(ada.session().home().isInGroup(GROUP_ID)).isFalse();
    shard.leaveAsOf(ConversationId.of(99), ada.session().home(), 3);
  }

  // ---- members of whom this node did not hear

  @Test
  void membersNobodyHeardOfAreAdmittedFromWhereTheyJoined() {
    Client bob = node.connect(BOB).liveAt(Map.of());
    node.connect(CLEO).liveAt(Map.of());
    assertThat(shard.admit(GROUP, List.of(member(BOB, 5, 3), member(CLEO, 9, 6)), 12, 7)).isTrue();
    ConversationFeed feed = feed(GROUP_ID);
    assertThat(feed.head()).isEqualTo(5);
    assertThat(feed.rev()).isEqualTo(2);
    assertThat(behind).containsExactly(feed);
    feed.confirmRepair();
    feed.repaired(List.of(), List.of(added(GROUP, 3, 5, BOB)));
    assertThat(bob.story()).containsExactly("c3");
    assertThat(shard.observe(GROUP, 12, 7)).as("everybody is in it").isTrue();
  }

  @Test
  void foundersNobodyHeardOfAreToldOfTheGroup() {
    Client bob = node.connect(BOB).liveAt(Map.of());
    assertThat(shard.admit(GROUP, List.of(member(BOB, 0, 0)), 2, 0)).isTrue();
    repaired(feed(GROUP_ID), 2, 0);
    assertThat(bob.story()).containsExactly("c0", "m1", "m2");
  }

  /** The feed was opened by one who connected after the loss, beyond what the others need. */
  @Test
  void aFounderNobodyHeardOfIsAdmittedToAFeedThatSomebodyElseOpened() {
    Client bob = node.connect(BOB).liveAt(Map.of());
    inGroup(ADA, 2, 0);
    assertThat(shard.observe(GROUP, 2, 0)).as("all members are in the feed").isFalse();
    shard.admit(GROUP, List.of(member(ADA, 0, 0), member(BOB, 0, 0)), 2, 0);
    assertThat(shard.observe(GROUP, 2, 0)).isTrue();
    assertThat(bob.story()).containsExactly("c0");
    repaired(feed(GROUP_ID), 2, 0);
    assertThat(bob.story()).containsExactly("c0", "m1", "m2");
  }

  @Test
  void whoWasAddedBeforeTheFeedWasOpenedAndDoesNotKnowIsToldToSync() {
    Client bob = node.connect(BOB).liveAt(Map.of());
    Client ada = inGroup(ADA, 2, 4);
    shard.admit(GROUP, List.of(member(ADA, 0, 0), member(BOB, 1, 4)), 2, 4);
    assertThat(bob.events()).containsExactly(new Resync());
    assertThat(ada.events()).isEmpty();
    assertThat(bob.session().home().isInGroup(GROUP_ID)).isTrue();
  }

  @Test
  void anotherSessionOfOneWhoConnectedAfterTheLossIsToldToo() {
    Client phone = node.connect(ADA).liveAt(Map.of());
    Client laptop = inGroup(ADA, 2, 4);
    shard.admit(GROUP, List.of(member(ADA, 1, 4)), 2, 4);
    assertThat(phone.events()).containsExactly(new Resync());
    assertThat(laptop.events()).isEmpty();
  }

  @Test
  void whoIsAddedLaterThanTheFeedStandsEntersWithTheChange() {
    Client bob = node.connect(BOB).liveAt(Map.of());
    inGroup(ADA, 2, 4);
    shard.admit(GROUP, List.of(member(ADA, 0, 0), member(BOB, 2, 5)), 2, 5);
    assertThat(bob.session().home().isInGroup(GROUP_ID)).isFalse();
    ConversationFeed feed = feed(GROUP_ID);
    feed.confirmRepair();
    feed.repaired(List.of(), List.of(added(GROUP, 5, 2, BOB)));
    assertThat(bob.story()).containsExactly("c5");
  }

  @Test
  void aListOfMembersOlderThanTheFeedAdmitsNobody() {
    Client bob = node.connect(BOB).liveAt(Map.of());
    inGroup(ADA, 2, 4);
    assertThat(shard.admit(GROUP, List.of(member(BOB, 1, 2)), 2, 3)).isFalse();
    assertThat(bob.session().home().isInGroup(GROUP_ID)).isFalse();
    assertThat(bob.events()).isEmpty();
  }

  @Test
  void withoutMembersHereNothingIsOpened() {
    assertThat(shard.admit(GROUP, List.of(), 9, 9)).isTrue();
    assertThat(shard.find(GROUP_ID)).isNull();
  }

  @Test
  void membersWhoHaveLeftThisNodeMeanwhileKeepNoFeedOpen() {
    assertThat(shard.admit(GROUP, List.of(member(BOB, 0, 0)), 0, 0)).isTrue();
    assertThat(shard.find(GROUP_ID)).isNull();
    assertThat(isSubscribed()).isFalse();
  }

  @Test
  void aFeedOpenedWhileSessionsLoadTheirCursorsBeginsWhereTheStoreIs() {
    node.connect(BOB);
    assertThat(shard.observe(TALK, 4, 0)).isTrue();
    assertThat(feed(TALK_ID).head()).isEqualTo(4);
  }

  @Test
  void aFeedThatAChangeOpenedMayLackMembersAndOneThatTheCreationOpenedLacksNone() {
    node.connect(BOB).liveAt(Map.of());
    shard.change(GROUP, added(GROUP, 1, 0, BOB));
    assertThat(shard.observe(GROUP, 0, 1)).isFalse();
    Conversation other = Conversation.group(ConversationId.of(5), "other", Instant.EPOCH);
    shard.created(other, List.of(BOB));
    assertThat(shard.observe(other, 0, 0)).isTrue();
  }

  // ---- direct conversations

  @Test
  void aDirectConversationOfNobodyHereHasNoFeed() {
    shard.arrive(committed(TALK, 1, 0));
    assertThat(shard.observe(TALK, 1, 0)).isFalse();
    assertThat(shard.find(TALK_ID)).isNull();
  }

  @Test
  void theFeedOfADirectConversationBeginsWhereTheSessionFurthestBehindStands() {
    Client ada = node.connect(ADA).liveAt(Map.of(TALK_ID, 5L));
    Client bob = node.connect(BOB).liveAt(Map.of(TALK_ID, 3L));
    shard.arrive(committed(TALK, 6, 0));
    ConversationFeed feed = feed(TALK_ID);
    assertThat(feed.head()).isEqualTo(3);
    repaired(feed, 6, 0);
    assertThat(ada.seqs(TALK_ID)).containsExactly(6L);
    assertThat(bob.seqs(TALK_ID)).containsExactly(4L, 5L, 6L);
  }

  @Test
  void aDirectConversationOpenedAfterTheCursorsWereLoadedBeginsAtItsFirstMessage() {
    Client bob = node.connect(BOB).liveAt(Map.of());
    assertThat(shard.observe(TALK, 51, 0)).isTrue();
    assertThat(feed(TALK_ID).head()).isZero();
    repaired(feed(TALK_ID), 51, 0);
    assertThat(bob.seqs(TALK_ID)).hasSize(51);
  }

  @Test
  void aSessionThatIsLoadingItsCursorsIsReconciledWithTheFeedThatWasOpenedMeanwhile() {
    Client bob = node.connect(BOB);
    shard.arrive(committed(TALK, 4, 0));
    ConversationFeed feed = feed(TALK_ID);
    assertThat(feed.head()).isEqualTo(4);
    bob.liveAt(Map.of(TALK_ID, 1L)); // the answer of a store that was read before
    shard.reconcile(bob.session(), TALK_ID);
    assertThat(feed.head()).isEqualTo(1);
    repaired(feed, 4, 0);
    assertThat(bob.seqs(TALK_ID)).containsExactly(2L, 3L, 4L);
    shard.reconcile(bob.session(), ConversationId.of(99));
  }

  @Test
  void aFeedIsNotSetBackForWhoNeedsNothing() {
    Client bob = node.connect(BOB).liveAt(Map.of(TALK_ID, 4L));
    shard.arrive(committed(TALK, 5, 0));
    bob.session().resync();
    shard.reconcile(bob.session(), TALK_ID);
    shard.rewind(TALK_ID, 9);
    shard.rewind(ConversationId.of(99), 0);
    assertThat(feed(TALK_ID).head()).isEqualTo(5);
    shard.rewind(TALK_ID, 2);
    assertThat(feed(TALK_ID).head()).isEqualTo(2);
  }

  @Test
  void theLeastBusyDirectFeedsAreForgottenButNeverOneThatIsRepaired() {
    node.connect(ADA).liveAt(Map.of());
    Conversation repaired = Conversation.direct(ConversationId.of(1_000), ADA, CLEO, Instant.EPOCH);
    shard.arrive(committed(repaired, 2, 0));
    for (int i = 0; i < 32_769; i++) {
      shard.arrive(
          committed(
              Conversation.direct(ConversationId.of(2_000 + i), ADA, CLEO, Instant.EPOCH), 1, 0));
      shard.find(ConversationId.of(2_000)); // busy
    }
    assertThat(shard.find(repaired.id())).isNotNull();
    assertThat(shard.find(ConversationId.of(2_000))).isNotNull();
    assertThat(shard.find(ConversationId.of(2_001))).isNull();
    assertThat(shard.find(ConversationId.of(2_000 + 32_768))).isNotNull();
  }

  // ---- ephemeral events and receipts

  @Test
  void ephemeralEventsOfADirectConversationNeedNoFeed() {
    Client ada = node.connect(ADA).liveAt(Map.of(TALK_ID, 0L));
    TypingChanged typing = new TypingChanged(TALK_ID, BOB, true);
    shard.ephemeral(TALK, typing, null, ALL, BOB);
    assertThat(ada.events()).containsExactly(typing);
    assertThat(shard.find(TALK_ID)).isNull();
    shard.ephemeral(GROUP, new TypingChanged(GROUP_ID, BOB, true), null, ALL, BOB);
    assertThat(ada.events()).hasSize(1);
  }

  @Test
  void aReceiptIsShownOnceHoweverOftenItIsFound() {
    Client ada = inGroup(ADA, 0, 0);
    ReceiptMoved two = new ReceiptMoved(GROUP_ID, BOB, ReceiptKind.READ, 2);
    shard.receipt(GROUP, two, null, ALL);
    shard.receipt(GROUP, two, null, ALL);
    shard.receipt(GROUP, new ReceiptMoved(GROUP_ID, BOB, ReceiptKind.READ, 1), null, ALL);
    assertThat(ada.events()).containsExactly(two);
  }

  @Test
  void nothingIsShownToAMemberWhoseRemovalIsKnownButHasNotArrived() {
    Client ada = inGroup(ADA, 0, 0);
    Client bob = inGroup(BOB, 0, 0);
    TypingChanged typing = new TypingChanged(GROUP_ID, CLEO, true);
    ReceiptMoved read = new ReceiptMoved(GROUP_ID, CLEO, ReceiptKind.READ, 2);
    shard.membersAt(GROUP_ID, 1);
    shard.ephemeral(GROUP, typing, null, ALL, CLEO);
    shard.receipt(GROUP, read, null, ALL);
    assertThat(ada.events()).isEmpty();
    assertThat(bob.events()).isEmpty();
    shard.change(GROUP, removed(GROUP, 1, 0, BOB));
    assertThat(ada.events()).hasSize(2).endsWith(read);
    assertThat(bob.events()).hasSize(1);
    shard.ephemeral(GROUP, typing, null, ALL, CLEO);
    assertThat(ada.events()).endsWith(typing);
    assertThat(bob.events()).hasSize(1);
  }

  /** Who may see it is known only when every change this node has heard of was applied. */
  @Test
  void whileChangesAreMissingReceiptsWaitAndTypingIsDropped() {
    Client ada = inGroup(ADA, 0, 0);
    Client bob = inGroup(BOB, 0, 0);
    shard.membersAt(GROUP_ID, 1);
    ReceiptMoved moved = new ReceiptMoved(GROUP_ID, CLEO, ReceiptKind.READ, 1);
    shard.receipt(GROUP, moved, null, ALL);
    shard.ephemeral(GROUP, new TypingChanged(GROUP_ID, CLEO, true), null, ALL, CLEO);
    assertThat(ada.events()).isEmpty();
    assertThat(behind).containsExactly(feed(GROUP_ID));
    shard.change(GROUP, removed(GROUP, 1, 0, BOB));
    assertThat(ada.events()).hasSize(2).endsWith(moved);
    assertThat(bob.story()).containsExactly("c1");
  }

  private static Receipt pinned(long joinedRev) {
    return new Receipt(GROUP_ID, ADA, 0, 0, joinedRev, new Preferences(1, null, null, true, null));
  }

  @Test
  void preferencesThatOvertakeTheNewsOfTheMembershipAreShownWhenTheyAreFound() {
    Client ada = node.connect(ADA).liveAt(Map.of());
    shard.preferences(GROUP, pinned(1), null);
    shard.change(GROUP, added(GROUP, 1, 0, ADA));
    assertThat(ada.events(PreferencesChanged.class)).isEmpty();
    shard.preferences(GROUP, pinned(1), null);
    shard.preferences(GROUP, pinned(1), null);
    assertThat(ada.events(PreferencesChanged.class)).hasSize(1);
  }

  @Test
  void preferencesOfAMembershipThatHasEndedAreNotShownInTheNextOne() {
    Client ada = inGroup(ADA, 0, 0);
    shard.change(GROUP, removed(GROUP, 1, 0, ADA));
    shard.change(GROUP, added(GROUP, 2, 0, ADA));
    shard.preferences(GROUP, pinned(0), null);
    assertThat(ada.events(PreferencesChanged.class)).isEmpty();
    shard.preferences(GROUP, pinned(2), null);
    assertThat(ada.events(PreferencesChanged.class)).hasSize(1);
  }

  @Test
  void theReceiptsThatWaitAreBoundedAndTheEldestGo() {
    Client ada = inGroup(ADA, 0, 0);
    shard.membersAt(GROUP_ID, 1);
    for (int i = 0; i < 5_000; i++) {
      ReceiptMoved moved = new ReceiptMoved(GROUP_ID, UserId.of("u" + i), ReceiptKind.READ, 1);
      shard.receipt(GROUP, moved, null, ALL);
    }
    shard.change(GROUP, renamed(GROUP, 1, 0, "new"));
    List<ReceiptMoved> shown = ada.events(ReceiptMoved.class);
    assertThat(shown).hasSizeLessThan(5_000).isNotEmpty();
    assertThat(shown.get(shown.size() - 1).user()).isEqualTo(UserId.of("u4999"));
  }
}
