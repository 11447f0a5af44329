package chat.engine.internal.feed;

import static chat.engine.internal.session.LocalSessions.added;
import static chat.engine.internal.session.LocalSessions.message;
import static chat.engine.internal.session.LocalSessions.removed;
import static chat.engine.internal.session.LocalSessions.renamed;
import static org.assertj.core.api.Assertions.assertThat;

import chat.engine.Conversation;
import chat.engine.ConversationChange;
import chat.engine.ConversationId;
import chat.engine.Message;
import chat.engine.UserId;
import chat.engine.event.ConversationChanged;
import chat.engine.event.TypingChanged;
import chat.engine.internal.session.Cursors;
import chat.engine.internal.session.LocalSessions;
import chat.engine.internal.session.LocalSessions.Client;
import chat.engine.internal.session.Session;
import chat.engine.spi.StoredMessage;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import java.util.stream.LongStream;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;

/** One feed alone: the test plays the shard, the envelopes, and the store that repairs read. */
final class ConversationFeedTest {
  private static final UserId ADA = UserId.of("ada");
  private static final UserId BOB = UserId.of("bob");
  private static final UserId CLEO = UserId.of("cleo");
  private static final ConversationId GROUP_ID = ConversationId.of(1);
  private static final ConversationId TALK_ID = ConversationId.of(2);
  private static final Conversation GROUP = Conversation.group(GROUP_ID, "group", Instant.EPOCH);
  private static final Conversation TALK = Conversation.direct(TALK_ID, ADA, BOB, Instant.EPOCH);
  private static final int PAGE = 256;

  private final LocalSessions node = new LocalSessions();
  private final ReorderBuffer.Budget budget = new ReorderBuffer.Budget();

  /** What is in the store, by seq and by rev. */
  private final TreeMap<Long, StoredMessage> messages = new TreeMap<>();

  private final TreeMap<Long, ConversationChange> changes = new TreeMap<>();
  private int repairsWanted;

  private ConversationFeed open(Conversation conversation, long head, long rev) {
    return new ConversationFeed(
        conversation, head, rev, node.context, node.registry, budget, feed -> repairsWanted++);
  }

  // ---- the store

  private Message commit(ConversationId id, long seq, long membersRev) {
    Message message = message(id, seq, CLEO);
    messages.put(seq, new StoredMessage(message, membersRev));
    return message;
  }

  private ConversationChange commit(ConversationChange change) {
    changes.put(change.rev(), change);
    return change;
  }

  /** One scheduled repair: reads a page of each log. */
  private void repair(ConversationFeed feed) {
    repairsWanted--;
    if (feed.confirmRepair()) {
      feed.repaired(
          messages.tailMap(feed.head(), false).values().stream().limit(PAGE).toList(),
          changes.tailMap(feed.rev(), false).values().stream().limit(PAGE).toList());
    }
  }

  private void repairAll(ConversationFeed feed) {
    for (int i = 0; i < 1_000 && repairsWanted > 0; i++) {
      repair(feed);
    }
    assertThat(repairsWanted).as("repairs that lead nowhere").isZero();
  }

  private Client member(UserId user, ConversationFeed feed, long seq, long rev) {
    Cursors cursors = new Cursors();
    cursors.put(feed.conversation().id(), seq, rev);
    Client client = node.connect(user).liveAt(cursors);
    if (feed.conversation() != TALK) {
      feed.enter(client.session().home());
    }
    return client;
  }

  private static List<Long> upTo(long last) {
    return LongStream.rangeClosed(1, last).boxed().toList();
  }

  // ---- order

  @Test
  void messagesGoOutInTheOrderOfTheirSeqsEachOnce() {
    ConversationFeed feed = open(GROUP, 0, 0);
    Client ada = member(ADA, feed, 0, 0);
    feed.offer(commit(GROUP_ID, 1, 0), 0);
    feed.offer(commit(GROUP_ID, 3, 0), 0);
    feed.offer(messages.get(3L).message(), 0);
    assertThat(ada.seqs(GROUP_ID)).containsExactly(1L);
    feed.offer(commit(GROUP_ID, 2, 0), 0);
    feed.offer(messages.get(1L).message(), 0);
    assertThat(ada.seqs(GROUP_ID)).containsExactly(1L, 2L, 3L);
    assertThat(feed.head()).isEqualTo(3);
    assertThat(repairsWanted).isEqualTo(1);
    repair(feed);
    assertThat(ada.seqs(GROUP_ID)).containsExactly(1L, 2L, 3L);
    assertThat(feed.isIdle()).isTrue();
    assertThat(budget.left()).isEqualTo(new ReorderBuffer.Budget().left());
  }

  @Test
  void whatHasExpiredBeforeItWasReadIsSkippedAndThoseWhoStandBelowSync() {
    ConversationFeed feed = open(GROUP, 2, 0);
    Client ada = member(ADA, feed, 2, 0);
    feed.offer(message(GROUP_ID, 9, CLEO), 0);
    commit(GROUP_ID, 8, 0);
    commit(GROUP_ID, 9, 0);
    feed.repaired(List.copyOf(messages.values()), List.of(), 8);
    assertThat(feed.head()).isEqualTo(9);
    assertThat(feed.isIdle()).isTrue();
    assertThat(ada.seqs(GROUP_ID)).isEmpty();
    assertThat(ada.session().isLiveIn(GROUP_ID)).as("the stream is cut").isFalse();

    Client bob = member(BOB, feed, 9, 0);
    feed.observe(12, 0);
    feed.repaired(List.of(), List.of(), 13);
    assertThat(feed.head()).as("all have expired").isEqualTo(12);
    assertThat(feed.isIdle()).isTrue();
    assertThat(bob.session().isLiveIn(GROUP_ID)).isFalse();
  }

  @Test
  void whatDoesNotArriveIsRepairedFromTheStore() {
    ConversationFeed feed = open(GROUP, 0, 0);
    Client ada = member(ADA, feed, 0, 0);
    for (long seq = 1; seq <= 600; seq++) {
      commit(GROUP_ID, seq, 0);
    }
    feed.offer(messages.get(600L).message(), 0);
    repairAll(feed);
    assertThat(ada.seqs(GROUP_ID)).isEqualTo(upTo(600));
    assertThat(feed.fruitlessRepairs()).isZero();
  }

  @Test
  void aChangeStandsWhereItHappenedAmongTheMessages() {
    ConversationFeed feed = open(GROUP, 0, 0);
    Client ada = member(ADA, feed, 0, 0);
    Message first = commit(GROUP_ID, 1, 0);
    Message second = commit(GROUP_ID, 2, 0);
    ConversationChange rename = commit(renamed(GROUP, 1, 2, "new"));
    Message third = commit(GROUP_ID, 3, 1);
    feed.offer(rename);
    feed.offer(third, 1);
    feed.offer(first, 0);
    assertThat(ada.story()).containsExactly("m1");
    feed.offer(second, 0);
    assertThat(ada.story()).containsExactly("m1", "m2", "c1", "m3");
    assertThat(feed.conversation().name()).isEqualTo("new");
    assertThat(ada.events(ConversationChanged.class).get(0).conversation().name()).isEqualTo("new");
  }

  @Test
  void aMessageWaitsForTheMembershipThatItWasCommittedUnder() {
    ConversationFeed feed = open(GROUP, 0, 0);
    Client ada = member(ADA, feed, 0, 0);
    Client bob = member(BOB, feed, 0, 0);
    ConversationChange removal = commit(removed(GROUP, 1, 0, BOB));
    feed.offer(commit(GROUP_ID, 1, 1), 1);
    assertThat(ada.story()).isEmpty();
    assertThat(bob.story()).isEmpty();
    feed.offer(removal);
    assertThat(ada.story()).containsExactly("c1", "m1");
    assertThat(bob.story()).containsExactly("c1");
  }

  /**
   * E1 as it was found: the repair reads pages of 256 changes, and the removal is on the second.
   */
  @Test
  void theRemovedNeverGetWhatWasSentAfterTheirRemovalHoweverManyChangesAreMissing() {
    ConversationFeed feed = open(GROUP, 0, 0);
    Client ada = member(ADA, feed, 0, 0);
    Client bob = member(BOB, feed, 0, 0);
    for (int rev = 1; rev <= 300; rev++) {
      commit(added(GROUP, rev, 0, UserId.of("user" + rev)));
    }
    commit(removed(GROUP, 301, 0, BOB));
    commit(GROUP_ID, 1, 301);
    feed.observe(1, 0);
    repair(feed);
    assertThat(feed.rev()).isEqualTo(PAGE);
    assertThat(ada.seqs(GROUP_ID)).isEmpty();
    assertThat(bob.seqs(GROUP_ID)).isEmpty();
    repairAll(feed);
    assertThat(feed.rev()).isEqualTo(301);
    assertThat(ada.seqs(GROUP_ID)).containsExactly(1L);
    assertThat(bob.seqs(GROUP_ID)).isEmpty();
    assertThat(bob.revs(GROUP_ID)).isEqualTo(upTo(301));
  }

  @Test
  void whoIsAddedFollowsFromThereAndWhoIsRemovedNoMore() {
    ConversationFeed feed = open(GROUP, 0, 0);
    member(ADA, feed, 0, 0);
    Client bob = node.connect(BOB).liveAt(Map.of());
    feed.offer(commit(GROUP_ID, 1, 0), 0);
    feed.offer(commit(added(GROUP, 1, 1, BOB, UserId.of("elsewhere"))));
    feed.offer(commit(GROUP_ID, 2, 1), 1);
    feed.offer(commit(removed(GROUP, 2, 2, BOB)));
    feed.offer(commit(GROUP_ID, 3, 2), 2);
    assertThat(bob.story()).containsExactly("c1", "m2", "c2");
    assertThat(bob.session().home().isInGroup(GROUP_ID)).isFalse();
    assertThat(feed.hasNoLocals()).isFalse();
  }

  @Test
  void aBulkChangeIsOneEventForEveryMember() {
    ConversationFeed feed = open(GROUP, 0, 0);
    Client ada = member(ADA, feed, 0, 0);
    UserId[] many = new UserId[50];
    List<Client> clients = new ArrayList<>();
    for (int i = 0; i < many.length; i++) {
      many[i] = UserId.of("user" + i);
      clients.add(node.connect(many[i]).liveAt(Map.of()));
    }
    feed.offer(commit(added(GROUP, 1, 0, many)));
    feed.offer(commit(GROUP_ID, 1, 1), 1);
    assertThat(ada.story()).containsExactly("c1", "m1");
    assertThat(clients).allSatisfy(c -> assertThat(c.story()).containsExactly("c1", "m1"));
    feed.offer(commit(removed(GROUP, 2, 1, many)));
    feed.offer(commit(GROUP_ID, 2, 2), 2);
    assertThat(ada.story()).containsExactly("c1", "m1", "c2", "m2");
    assertThat(clients).allSatisfy(c -> assertThat(c.story()).containsExactly("c1", "m1", "c2"));
  }

  @Test
  void aChangeThatArrivesTwiceOrLateIsAppliedOnce() {
    ConversationFeed feed = open(GROUP, 0, 0);
    Client ada = member(ADA, feed, 0, 0);
    ConversationChange one = commit(renamed(GROUP, 1, 0, "one"));
    ConversationChange two = commit(renamed(GROUP, 2, 0, "two"));
    feed.offer(two);
    feed.offer(two);
    feed.offer(one);
    feed.offer(one);
    feed.offer(two);
    assertThat(ada.revs(GROUP_ID)).containsExactly(1L, 2L);
    assertThat(feed.conversation().name()).isEqualTo("two");
    feed.confirmRepair(); // called off
    assertThat(feed.isIdle()).as("nothing waits").isTrue();
  }

  // ---- gaps

  @Test
  void whoIsBehindGetsWhatIsMissingAndTheOthersNothingTwice() {
    ConversationFeed feed = open(GROUP, 5, 0);
    for (long seq = 1; seq <= 6; seq++) {
      commit(GROUP_ID, seq, 0);
    }
    Client ada = member(ADA, feed, 5, 0);
    Client bob = member(BOB, feed, 2, 0);
    feed.offer(messages.get(6L).message(), 0);
    assertThat(ada.seqs(GROUP_ID)).containsExactly(6L);
    assertThat(feed.head()).isEqualTo(2);
    repairAll(feed);
    assertThat(ada.seqs(GROUP_ID)).containsExactly(6L);
    assertThat(bob.seqs(GROUP_ID)).containsExactly(3L, 4L, 5L, 6L);
  }

  @Test
  void setBackItDeliversAgainWhatLiesAboveAndSetForwardNothing() {
    ConversationFeed feed = open(GROUP, 2, 0);
    commit(GROUP_ID, 1, 0);
    commit(GROUP_ID, 2, 0);
    Client ada = member(ADA, feed, 0, 0);
    feed.rewind(2);
    feed.rewind(9);
    assertThat(feed.head()).isEqualTo(2);
    assertThat(repairsWanted).isZero();
    feed.rewind(0);
    repairAll(feed);
    assertThat(ada.seqs(GROUP_ID)).containsExactly(1L, 2L);
  }

  @Test
  void theTwoUsersOfADirectConversationAreLookedUpWhenSomethingComes() {
    ConversationFeed feed = open(TALK, 0, 0);
    feed.offer(commit(TALK_ID, 1, 0), 0);
    Client bob = node.connect(BOB).liveAt(Map.of(TALK_ID, 1L));
    Client ada = node.connect(ADA).liveAt(Map.of(TALK_ID, 0L));
    feed.offer(commit(TALK_ID, 2, 0), 0);
    assertThat(bob.seqs(TALK_ID)).containsExactly(2L);
    repairAll(feed);
    assertThat(ada.seqs(TALK_ID)).containsExactly(1L, 2L);
    assertThat(bob.seqs(TALK_ID)).containsExactly(2L);
  }

  // ---- repairs

  @Test
  void aRepairWhoseMessagesArrivedMeanwhileIsCalledOff() {
    ConversationFeed feed = open(GROUP, 0, 0);
    Client ada = member(ADA, feed, 0, 0);
    feed.offer(commit(GROUP_ID, 2, 0), 0);
    assertThat(feed.isIdle()).isFalse();
    feed.offer(commit(GROUP_ID, 1, 0), 0);
    assertThat(feed.confirmRepair()).isFalse();
    assertThat(feed.isIdle()).isTrue();
    assertThat(ada.seqs(GROUP_ID)).containsExactly(1L, 2L);
  }

  @Test
  void oneRepairAtATimeAndAfterAFailureAnother() {
    ConversationFeed feed = open(GROUP, 0, 0);
    Client ada = member(ADA, feed, 0, 0);
    commit(GROUP_ID, 1, 0);
    feed.observe(1, 0);
    feed.observe(1, 0);
    assertThat(repairsWanted).isEqualTo(1);
    assertThat(feed.isCatchingUp()).isTrue();
    for (int failed = 1; failed <= 3; failed++) {
      assertThat(feed.confirmRepair()).isTrue();
      feed.repairFailed();
      assertThat(feed.fruitlessRepairs()).isEqualTo(failed);
      assertThat(feed.isCatchingUp()).isFalse();
      assertThat(repairsWanted).isEqualTo(1 + failed);
    }
    repairsWanted = 1;
    repairAll(feed);
    assertThat(ada.seqs(GROUP_ID)).containsExactly(1L);
    assertThat(feed.fruitlessRepairs()).isZero();
  }

  @Test
  void aRepairThatBroughtNothingCountsAndOneThatBroughtAChangeDoesNot() {
    ConversationFeed feed = open(GROUP, 0, 0);
    member(ADA, feed, 0, 0);
    feed.observe(1, 1);
    repair(feed);
    repair(feed);
    assertThat(feed.fruitlessRepairs()).isEqualTo(2);
    commit(renamed(GROUP, 1, 0, "new"));
    repair(feed);
    assertThat(feed.fruitlessRepairs()).isZero();
    assertThat(feed.rev()).isEqualTo(1);
    assertThat(repairsWanted).as("the message is still missing").isEqualTo(1);
  }

  @Test
  void messagesThatOnlyWaitForAChangeAreNoReasonToHurry() {
    ConversationFeed feed = open(GROUP, 0, 0);
    member(ADA, feed, 0, 0);
    feed.offer(commit(GROUP_ID, 1, 1), 1);
    assertThat(feed.isCatchingUp()).isFalse();
    feed.observe(5, 1);
    assertThat(feed.isCatchingUp()).isTrue();
    ConversationFeed later = open(TALK, 10, 0);
    later.offer(commit(TALK_ID, 12, 0), 0);
    assertThat(later.isCatchingUp()).as("11 is missing").isTrue();
    later = open(TALK, 10, 0);
    later.offer(commit(TALK_ID, 11, 0), 1);
    assertThat(later.isCatchingUp()).isFalse();
  }

  @Test
  void moreChangesThanAreKeptAreReadFromTheStore() {
    ConversationFeed feed = open(GROUP, 0, 0);
    Client ada = member(ADA, feed, 0, 0);
    for (int rev = 1; rev <= 1_500; rev++) {
      commit(renamed(GROUP, rev, 0, "name " + rev));
    }
    for (long rev = 1_500; rev > 1; rev--) {
      feed.offer(changes.get(rev));
    }
    assertThat(ada.revs(GROUP_ID)).isEmpty();
    feed.offer(changes.get(1L)); // does not fit in
    repairAll(feed);
    assertThat(ada.revs(GROUP_ID)).isEqualTo(upTo(1_500));
    assertThat(feed.isIdle()).isTrue();
  }

  @Test
  void whatWasDeliveredGivesItsBytesBack() {
    ConversationFeed feed = open(GROUP, 0, 0);
    long all = budget.left();
    feed.offer(commit(GROUP_ID, 2, 0), 0);
    assertThat(budget.left()).isLessThan(all);
    feed.offer(commit(GROUP_ID, 1, 0), 0);
    assertThat(budget.left()).isEqualTo(all);
  }

  // ---- skipping

  @Test
  void whatAllSessionsHaveOrDoNotWantIsNotRead() {
    ConversationFeed feed = open(GROUP, 0, 0);
    Client ada = member(ADA, feed, 1_000, 0);
    Client bob = member(BOB, feed, 500, 0);
    bob.session().resync();
    feed.observe(1_000, 0);
    assertThat(feed.confirmRepair()).isFalse();
    assertThat(feed.head()).isEqualTo(1_000);
    feed.offer(commit(GROUP_ID, 1_001, 0), 0);
    assertThat(ada.seqs(GROUP_ID)).containsExactly(1_001L);
  }

  @Test
  void skippingStopsAtTheSessionThatIsFurthestBehind() {
    ConversationFeed feed = open(GROUP, 0, 0);
    member(ADA, feed, 990, 0);
    Client bob = member(BOB, feed, 700, 0);
    for (long seq = 701; seq <= 1_000; seq++) {
      commit(GROUP_ID, seq, 0);
    }
    feed.observe(1_000, 0);
    assertThat(feed.confirmRepair()).isTrue();
    assertThat(feed.head()).isEqualTo(700);
    repairAll(feed);
    assertThat(bob.seqs(GROUP_ID)).hasSize(300).startsWith(701L).endsWith(1_000L);
  }

  @Test
  void nothingIsSkippedThatASessionMayNeedWhoseCursorsAreBeingLoaded() {
    ConversationFeed feed = open(GROUP, 3, 0);
    feed.enter(node.connect(ADA).session().home());
    feed.observe(10, 0);
    assertThat(feed.confirmRepair()).isTrue();
    assertThat(feed.head()).isEqualTo(3);
  }

  @Test
  void nothingIsSkippedOfADirectConversationThatBeganAfterTheCursorsWereLoaded() {
    ConversationFeed feed = open(TALK, 0, 0);
    Client bob = node.connect(BOB).liveAt(Map.of());
    for (long seq = 1; seq <= 3; seq++) {
      commit(TALK_ID, seq, 0);
    }
    feed.observe(3, 0);
    repairAll(feed);
    assertThat(bob.seqs(TALK_ID)).containsExactly(1L, 2L, 3L);
  }

  @Test
  void messagesAreNotSkippedWhileChangesAreMissing() {
    ConversationFeed feed = open(GROUP, 0, 0);
    member(ADA, feed, 9, 0);
    feed.observe(9, 1);
    assertThat(feed.confirmRepair()).isTrue();
    assertThat(feed.head()).isZero();
  }

  @Test
  void whatWaitsIsDeliveredWhenTheHeadSkipsUpToIt() {
    ConversationFeed feed = open(GROUP, 0, 0);
    Client ada = member(ADA, feed, 4, 0);
    feed.offer(commit(GROUP_ID, 5, 0), 0);
    assertThat(feed.confirmRepair()).isFalse();
    assertThat(ada.seqs(GROUP_ID)).containsExactly(5L);
    assertThat(feed.isIdle()).isTrue();
  }

  @Test
  void withNobodyToDeliverToEverythingIsSkipped() {
    ConversationFeed feed = open(TALK, 0, 0);
    feed.observe(9, 0);
    assertThat(feed.confirmRepair()).isFalse();
    assertThat(feed.head()).isEqualTo(9);
  }

  // ---- ephemeral events

  @Test
  void ephemeralEventsGoToTheOthersAndInCrowdsOnlyToTheOneTheyAreAbout() {
    ConversationFeed feed = open(GROUP, 0, 0);
    Client phone = member(ADA, feed, 0, 0);
    Client laptop = member(ADA, feed, 0, 0);
    Client bob = member(BOB, feed, 0, 0);
    TypingChanged typing = new TypingChanged(GROUP_ID, ADA, true);
    feed.deliverEphemeral(typing, phone.session(), 2, ADA);
    assertThat(phone.events()).isEmpty();
    assertThat(laptop.events()).containsExactly(typing);
    assertThat(bob.events()).containsExactly(typing);
    feed.deliverEphemeral(typing, phone.session(), 1, ADA);
    assertThat(phone.events()).isEmpty();
    assertThat(laptop.events()).hasSize(2);
    assertThat(bob.events()).hasSize(1);
  }

  @Test
  void whoLeftTheFeedGetsNothingMore() {
    ConversationFeed feed = open(GROUP, 0, 0);
    Client ada = member(ADA, feed, 0, 0);
    Session session = ada.session();
    feed.enter(session.home());
    feed.leave(session.home());
    assertThat(feed.hasNoLocals()).as("entered once, however often").isTrue();
    feed.leave(session.home());
    feed.offer(commit(GROUP_ID, 1, 0), 0);
    assertThat(ada.events()).isEmpty();
  }

  // ---- at random

  /**
   * A random history reaches the feed in random order, with losses and repeats, while repairs fail
   * now and then; every member must see exactly the messages of their own memberships, in order.
   */
  @RepeatedTest(200)
  void atRandomEveryMemberSeesExactlyWhatWasSentWhileTheyWereIn() {
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    UnaryOperator<String> as = text -> text + ", seed " + seed;
    ConversationFeed feed = open(GROUP, 0, 0);
    List<UserId> users = new ArrayList<>();
    List<Client> clients = new ArrayList<>();
    List<List<String>> expected = new ArrayList<>();
    boolean[] in = new boolean[5];
    for (int i = 0; i < in.length; i++) {
      users.add(UserId.of("u" + i));
      in[i] = i < 3;
      clients.add(
          in[i] ? member(users.get(i), feed, 0, 0) : node.connect(users.get(i)).liveAt(Map.of()));
      expected.add(new ArrayList<>());
    }
    List<Runnable> envelopes = new ArrayList<>();
    long seq = 0;
    long rev = 0;
    for (int i = 0; i < 60; i++) {
      if (random.nextInt(3) > 0) {
        seq++;
        Message message = commit(GROUP_ID, seq, rev);
        long membersRev = rev;
        envelopes.add(() -> feed.offer(message, membersRev));
        for (int u = 0; u < in.length; u++) {
          if (in[u]) {
            expected.get(u).add("m" + seq);
          }
        }
      } else {
        rev++;
        int who = 1 + random.nextInt(in.length - 1);
        ConversationChange change =
            commit(
                in[who]
                    ? removed(GROUP, rev, seq, users.get(who))
                    : added(GROUP, rev, seq, users.get(who)));
        envelopes.add(() -> feed.offer(change));
        boolean was = in[who];
        in[who] = true;
        for (int u = 0; u < in.length; u++) {
          if (in[u]) {
            expected.get(u).add("c" + rev);
          }
        }
        in[who] = !was;
      }
    }
    List<Runnable> arriving = new ArrayList<>();
    for (Runnable envelope : envelopes) {
      int times = random.nextInt(4) == 0 ? 0 : 1 + random.nextInt(2);
      for (int i = 0; i < times; i++) {
        int late = Math.max(0, arriving.size() - random.nextInt(8));
        arriving.add(late, envelope);
      }
    }
    for (Runnable envelope : arriving) {
      envelope.run();
      if (repairsWanted > 0 && random.nextInt(6) == 0) {
        if (random.nextBoolean()) {
          repair(feed);
        } else if (feed.confirmRepair()) {
          repairsWanted--;
          feed.repairFailed();
        } else {
          repairsWanted--;
        }
      }
      if (random.nextInt(20) == 0) {
        feed.rewind(Math.max(0, feed.head() - random.nextInt(5)));
      }
    }
    feed.observe(seq, rev);
    repairAll(feed);
    for (int u = 0; u < in.length; u++) {
      assertThat(clients.get(u).story()).as(as.apply("user " + u)).isEqualTo(expected.get(u));
    }
    assertThat(feed.isIdle()).as(as.apply("idle")).isTrue();
  }
}
