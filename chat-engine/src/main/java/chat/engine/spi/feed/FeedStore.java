package chat.engine.spi.feed;

import chat.engine.ConversationId;
import chat.engine.Experimental;
import chat.engine.feed.FeedOptions;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * The cursors of feeds, an optional part of a store. A cursor is a position in each conversation,
 * so it depends on no clock, and no commit is too late for it. Thread-safe; every method blocks.
 * Errors as for {@link chat.engine.spi.MessageStore}.
 */
@Experimental
public interface FeedStore {
  /**
   * Makes a feed if there is none of this name, in one transaction: what is committed after the
   * return will be delivered, wherever the feed starts.
   */
  void open(String feed, FeedOptions.Start start);

  /** The names of all feeds that there are, ascending. */
  List<String> names();

  /**
   * Takes, or keeps, the right to follow a feed, which one holder has at a time: another gets it
   * when the lease has ended, by the clock of the store, or was released.
   *
   * @param holder names the engine, unique in the cluster
   * @return the term of the lease: another than before whenever somebody else held the feed since,
   *     or it was rewound; empty if another holder has the right, or there is no such feed
   */
  OptionalLong lease(String feed, String holder, Duration lease);

  /** Gives the right back. Does nothing if another holder has it. */
  void release(String feed, String holder);

  /** Those of the conversations that have something behind the cursor. */
  List<Lag> behind(String feed, Collection<ConversationId> among);

  /**
   * Looks through a bounded number of all conversations, ascending by id, for those that have
   * something behind the cursor.
   *
   * @param after begin behind this one; null for the first
   */
  Laggards behind(String feed, @Nullable ConversationId after);

  /**
   * Moves the cursor in some conversations, if the lease is still of this term.
   *
   * @param positions at most one for each conversation
   * @return false if it is not; then nothing was moved
   */
  boolean advance(String feed, String holder, long term, List<Position> positions);

  /**
   * Moves the cursor back to what was sent and changed before a time, in every conversation in
   * which it is further. Ends the lease.
   */
  void rewind(String feed, Instant from);

  /** Removes a feed and its cursor. */
  void forget(String feed);

  /** A place in a conversation: behind the message of a seq and the change of a rev. */
  record Position(ConversationId conversation, long seq, long rev) {}

  /**
   * A conversation that has something behind the cursor.
   *
   * @param lastSeq of its newest message; of a conversation that was deleted the one that it had,
   *     so that its deletion, which comes behind it, is in reach
   * @param lastRev of its newest change
   */
  record Lag(Position position, long lastSeq, long lastRev) {}

  /**
   * A part of the conversations, looked through.
   *
   * @param next where to go on; null at the end
   */
  record Laggards(List<Lag> lags, @Nullable ConversationId next) {
    public Laggards {
      lags = List.copyOf(lags);
    }
  }
}
