package chat.engine.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import chat.engine.ConversationId;
import chat.engine.Emoji;
import chat.engine.UserId;
import chat.engine.feed.FeedOptions.Start;
import chat.engine.spi.Draft;
import chat.engine.spi.MessageStore;
import chat.engine.spi.feed.FeedStore;
import chat.engine.spi.feed.FeedStore.Lag;
import chat.engine.spi.feed.FeedStore.Laggards;
import chat.engine.spi.feed.FeedStore.Position;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/**
 * Cursors of feeds: nothing that is committed is behind a cursor without being told, and only who
 * has the lease moves it. Not for stores without feeds.
 */
interface FeedContract extends StoreTests {
  Duration LONG = Duration.ofMinutes(1);

  private FeedStore feeds() {
    return chat().store().feeds().orElseThrow();
  }

  private static String newName() {
    return "feed-" + UUID.randomUUID();
  }

  private String opened(Start start) {
    String feed = newName();
    feeds().open(feed, start);
    return feed;
  }

  private List<Lag> behind(String feed, ConversationId... among) {
    return feeds().behind(feed, List.of(among));
  }

  private List<ConversationId> lookThrough(String feed) {
    List<ConversationId> found = new ArrayList<>();
    ConversationId after = null;
    do {
      Laggards page = feeds().behind(feed, after);
      page.lags().forEach(lag -> found.add(lag.position().conversation()));
      assertThat(page.next() == null || after == null || page.next().compareTo(after) > 0).isTrue();
      after = page.next();
    } while (after != null);
    return found;
  }

  private static Lag lag(ConversationId conversation, long seq, long rev, long lastSeq, long last) {
    return new Lag(new Position(conversation, seq, rev), lastSeq, last);
  }

  private boolean advance(String feed, String holder, long term, ConversationId id, long seq) {
    return feeds().advance(feed, holder, term, List.of(new Position(id, seq, 0)));
  }

  @Test
  default void aFeedThatBeginsNowHasWhatIsCommittedLaterBehindIt() {
    UserId ada = chat().user("ada");
    ConversationId old = chat().group(ada);
    ConversationId quiet = chat().group(ada);
    chat().send(old, ada, 3);
    chat().send(quiet, ada, 1);
    chat().change(old, StoreFixture.renamed("before"));
    String feed = opened(Start.now());
    assertThat(behind(feed, old, quiet)).isEmpty();

    ConversationId young = chat().group(ada);
    chat().send(old, ada, 2);
    chat().send(young, ada, 1);
    chat().append(chat().drafts().reaction(quiet, 1, ada, Emoji.of("👍")));
    assertThat(behind(feed, old, quiet, young, chat().drafts().conversationId()))
        .containsExactlyInAnyOrder(
            lag(old, 3, 1, 5, 1), lag(young, 0, 0, 1, 0), lag(quiet, 1, 0, 1, 1));
    assertThat(lookThrough(feed)).contains(old, young, quiet);

    feeds().open(feed, Start.now());
    assertThat(behind(feed, young)).as("a feed that is there stays where it is").hasSize(1);
  }

  @Test
  default void aFeedCanBeginWithEverythingOrWithATime() {
    UserId ada = chat().user("ada");
    ConversationId group = chat().group(ada);
    Instant first = chat().drafts().now().minus(Duration.ofDays(3));
    for (int day = 0; day < 3; day++) {
      Draft draft =
          chat().drafts().draft(group, ada).createdAt(first.plus(Duration.ofDays(day))).build();
      chat().append(draft);
    }
    chat().change(group, StoreFixture.renamed("today"));
    assertThat(behind(opened(Start.beginning()), group)).containsExactly(lag(group, 0, 0, 3, 1));
    assertThat(behind(opened(Start.since(first.plus(Duration.ofDays(1)))), group))
        .containsExactly(lag(group, 1, 0, 3, 1));
    assertThat(behind(opened(Start.since(first.plus(Duration.ofDays(1)).plusMillis(1))), group))
        .containsExactly(lag(group, 2, 0, 3, 1));
    assertThat(behind(opened(Start.since(chat().drafts().now().plus(Duration.ofDays(1)))), group))
        .isEmpty();
    assertThat(behind(opened(Start.since(Instant.MAX)), group)).isEmpty();
  }

  @Test
  default void theCursorMovesForWhoHasTheLeaseOnly() {
    UserId ada = chat().user("ada");
    ConversationId group = chat().group(ada);
    String feed = opened(Start.now());
    chat().send(group, ada, 5);
    assertThat(advance(feed, "north", 1, group, 1)).as("without a lease").isFalse();

    long term = feeds().lease(feed, "north", LONG).orElseThrow();
    assertThat(feeds().lease(feed, "north", LONG)).as("kept").hasValue(term);
    assertThat(feeds().lease(feed, "south", LONG)).as("taken").isEmpty();
    assertThat(advance(feed, "north", term, group, 2)).isTrue();
    assertThat(advance(feed, "south", term, group, 5)).isFalse();
    assertThat(advance(feed, "north", term + 1, group, 5)).isFalse();
    assertThat(behind(feed, group)).containsExactly(lag(group, 2, 0, 5, 0));

    feeds().release(feed, "south");
    assertThat(feeds().lease(feed, "south", LONG)).as("still taken").isEmpty();
    feeds().release(feed, "north");
    long next = feeds().lease(feed, "south", LONG).orElseThrow();
    assertThat(next).isNotEqualTo(term);
    assertThat(advance(feed, "north", term, group, 1)).isFalse();
    assertThat(advance(feed, "south", next, group, 5)).isTrue();
    assertThat(behind(feed, group)).isEmpty();
  }

  @Test
  default void aLeaseEndsByItself() {
    String feed = opened(Start.now());
    long term = feeds().lease(feed, "north", Duration.ofMillis(200)).orElseThrow();
    OptionalLong other =
        await().until(() -> feeds().lease(feed, "south", LONG), OptionalLong::isPresent);
    assertThat(other).isNotEqualTo(OptionalLong.of(term));
    assertThat(feeds().lease(feed, "north", LONG)).isEmpty();
    assertThat(feeds().advance(feed, "north", term, List.of())).isFalse();
  }

  @Test
  default void aLeaseThatEndedIsAnotherForTheSameHolder() {
    String feed = opened(Start.now());
    long term = feeds().lease(feed, "north", Duration.ofMillis(1)).orElseThrow();
    await().until(() -> feeds().lease(feed, "north", Duration.ofMillis(1)).orElse(term) != term);
  }

  @Test
  default void aReplayGoesBackAndNeverForward() {
    UserId ada = chat().user("ada");
    ConversationId group = chat().group(ada);
    ConversationId unread = chat().group(ada);
    String feed = opened(Start.beginning());
    Instant first = chat().drafts().now().minus(Duration.ofDays(3));
    for (int day = 0; day < 3; day++) {
      Instant at = first.plus(Duration.ofDays(day));
      chat().append(chat().drafts().draft(group, ada).createdAt(at).build());
      chat().append(chat().drafts().draft(unread, ada).createdAt(at).build());
    }
    chat().change(group, StoreFixture.renamed("today"));
    long term = feeds().lease(feed, "north", LONG).orElseThrow();
    assertThat(feeds().advance(feed, "north", term, List.of(new Position(group, 3, 1)))).isTrue();

    feeds().rewind(feed, first.plus(Duration.ofDays(1)));
    assertThat(behind(feed, group, unread))
        .containsExactlyInAnyOrder(lag(group, 1, 0, 3, 1), lag(unread, 0, 0, 3, 0));
    assertThat(advance(feed, "north", term, group, 3)).as("the lease has ended").isFalse();
    assertThat(feeds().lease(feed, "south", LONG)).isPresent();

    feeds().rewind(feed, first.plus(Duration.ofDays(2)));
    assertThat(behind(feed, group)).containsExactly(lag(group, 1, 0, 3, 1));
    feeds().rewind(feed, Instant.MIN);
    assertThat(behind(feed, group)).containsExactly(lag(group, 0, 0, 3, 1));
  }

  @Test
  default void theDeletionOfAConversationIsBehindTheCursorOnce() {
    UserId ada = chat().user("ada");
    ConversationId group = chat().group(ada);
    chat().send(group, ada, 2);
    String feed = opened(Start.now());
    chat().conversations().delete(group, ada, chat().drafts().now());
    assertThat(behind(feed, group)).containsExactly(lag(group, 2, 0, 2, 1));
    assertThat(lookThrough(feed)).contains(group);

    long term = feeds().lease(feed, "north", LONG).orElseThrow();
    feeds().advance(feed, "north", term, List.of(new Position(group, 2, 1)));
    assertThat(behind(feed, group)).isEmpty();
    assertThat(lookThrough(feed)).doesNotContain(group);
  }

  @Test
  default void aDeletedConversationIsBehindUpToTheSeqThatItHad() {
    UserId ada = chat().user("ada");
    ConversationId group = chat().group(ada);
    chat().send(group, ada, 2);
    String feed = opened(Start.now());
    chat().send(group, ada, 2);
    chat().conversations().delete(group, ada, chat().drafts().now());
    assertThat(behind(feed, group)).containsExactly(lag(group, 2, 0, 4, 1));
    assertThat(lookThrough(feed)).contains(group);
  }

  @Test
  default void feedsDoNotKnowOfEachOther() {
    UserId ada = chat().user("ada");
    ConversationId group = chat().group(ada);
    String one = opened(Start.now());
    String other = opened(Start.now());
    chat().send(group, ada, 1);
    long term = feeds().lease(one, "north", LONG).orElseThrow();
    assertThat(feeds().lease(other, "south", LONG)).isPresent();
    advance(one, "north", term, group, 1);
    assertThat(behind(one, group)).isEmpty();
    assertThat(behind(other, group)).hasSize(1);

    assertThat(feeds().names()).contains(one, other).isSorted();
    feeds().forget(one);
    assertThat(feeds().names()).contains(other).doesNotContain(one);
    assertThat(feeds().lease(one, "north", LONG)).as("there is none").isEmpty();
    assertThat(advance(one, "north", term, group, 1)).isFalse();
    feeds().rewind(one, Instant.MIN);
    feeds().open(one, Start.beginning());
    assertThat(behind(one, group)).containsExactly(lag(group, 0, 0, 1, 0));
    assertThat(behind(other, group)).hasSize(1);
  }

  @Test
  default void aFeedThatBeginsNowLosesNothingOfWhatIsSentMeanwhile() throws Exception {
    UserId ada = chat().user("ada");
    MessageStore node = chat().anotherNode();
    for (int round = 0; round < 20; round++) {
      ConversationId group = chat().group(ada);
      String feed = newName();
      AtomicLong committed = new AtomicLong();
      Thread sender =
          new Thread(
              () -> {
                for (int i = 0; i < 20; i++) {
                  node.append(List.of(chat().drafts().text(group, ada, "m")), Duration.ZERO);
                  committed.incrementAndGet();
                }
              });
      sender.start();
      feeds().open(feed, Start.now());
      long before = committed.get(); // and perhaps one more
      sender.join();
      node.append(List.of(chat().drafts().text(group, ada, "last")), Duration.ZERO);
      Lag lag = behind(feed, group).get(0);
      assertThat(lag.lastSeq()).isEqualTo(21);
      assertThat(lag.position().seq()).isLessThanOrEqualTo(before + 1);
      feeds().forget(feed);
    }
  }
}
