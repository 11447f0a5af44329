package chat.engine.internal.consumer;

import chat.engine.ConversationChange;
import chat.engine.Message;
import chat.engine.feed.FeedEntry;
import chat.engine.spi.MessageStore;
import chat.engine.spi.feed.FeedStore.Lag;
import chat.engine.spi.feed.FeedStore.Position;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Reads what is behind the cursor of a feed, and puts the messages and the changes of a
 * conversation in the order in which they were committed. Stateless; blocks.
 *
 * <p>The two are in different tables and are read one after the other while others write. A change
 * that was committed between two messages must come between them, so the messages are read first:
 * each change that has its place before one of these was committed before it, and is found. Changes
 * behind the last of these messages are left for the next time.
 */
final class FeedReader {
  /** Messages that are read at once, of all conversations together. */
  private static final int MESSAGES_AT_ONCE = 4_096;

  private static final int MOST_MESSAGES = 1_024;
  private static final int FEWEST_MESSAGES = 64;
  static final int CHANGES = 256;

  /** Conversations that can be read at once. */
  static final int CONVERSATIONS_AT_ONCE = MESSAGES_AT_ONCE / FEWEST_MESSAGES;

  private final MessageStore store;

  /**
   * What comes next in a conversation.
   *
   * @param start the cursor before them
   * @param entries in their order; none if what is behind the cursor has expired
   * @param end the cursor behind them
   * @param more whether there is more behind the end that could be read at once
   */
  record Piece(Position start, List<FeedEntry> entries, Position end, boolean more) {
    /** The cursor behind the first so many entries. */
    Position behind(int count) {
      long seq = start.seq();
      long rev = start.rev();
      for (FeedEntry entry : entries.subList(0, count)) {
        if (entry instanceof FeedEntry.Sent sent) {
          seq = sent.message().seq();
        } else if (entry instanceof FeedEntry.Changed changed) {
          rev = changed.change().rev();
        }
      }
      return new Position(start.conversation(), seq, rev);
    }
  }

  FeedReader(MessageStore store) {
    this.store = store;
  }

  /**
   * @param lags at most {@link #CONVERSATIONS_AT_ONCE}
   * @return a piece for each, in their order
   */
  List<Piece> read(List<Lag> lags) {
    int limit =
        Math.max(
            FEWEST_MESSAGES, Math.min(MOST_MESSAGES, MESSAGES_AT_ONCE / Math.max(1, lags.size())));
    List<MessageStore.Range> ranges =
        lags.stream()
            .filter(lag -> lag.lastSeq() > lag.position().seq())
            .map(
                lag ->
                    new MessageStore.Range(
                        lag.position().conversation(), lag.position().seq(), lag.lastSeq(), limit))
            .toList();
    Map<?, List<Message>> messages = ranges.isEmpty() ? Map.of() : store.ranges(ranges);
    List<Piece> pieces = new ArrayList<>(lags.size());
    for (Lag lag : lags) {
      Position from = lag.position();
      List<Message> sent = Objects.requireNonNullElse(messages.get(from.conversation()), List.of());
      List<ConversationChange> changes =
          lag.lastRev() > from.rev()
              ? store.conversations().changes(from.conversation(), from.rev(), CHANGES)
              : List.of();
      pieces.add(merge(lag, sent, sent.size() == limit, changes, changes.size() == CHANGES));
    }
    return pieces;
  }

  /**
   * @param sent the first messages behind the position
   * @param moreSent whether there are more messages up to the last seq of the lag
   * @param changes the first changes behind the position, read after the messages
   * @param moreChanges whether there may be more changes
   */
  static Piece merge(
      Lag lag,
      List<Message> sent,
      boolean moreSent,
      List<ConversationChange> changes,
      boolean moreChanges) {
    long sentUpTo = moreSent ? sent.get(sent.size() - 1).seq() : lag.lastSeq();
    long changesBefore = moreChanges ? changes.get(changes.size() - 1).atSeq() : Long.MAX_VALUE;
    List<FeedEntry> entries = new ArrayList<>(sent.size() + changes.size());
    long rev = lag.position().rev();
    int next = 0;
    for (Message message : sent) {
      while (next < changes.size() && changes.get(next).atSeq() < message.seq()) {
        rev = changes.get(next).rev();
        entries.add(new FeedEntry.Changed(changes.get(next++)));
      }
      if (message.seq() > changesBefore) { // changes that were not read may come before it
        return new Piece(lag.position(), entries, end(lag, message.seq() - 1, rev), true);
      }
      entries.add(new FeedEntry.Sent(message));
    }
    while (next < changes.size() && changes.get(next).atSeq() <= sentUpTo) {
      rev = changes.get(next).rev();
      entries.add(new FeedEntry.Changed(changes.get(next++)));
    }
    long seq = Math.min(sentUpTo, changesBefore);
    return new Piece(
        lag.position(),
        entries,
        end(lag, seq, rev),
        moreSent || moreChanges || next < changes.size() || seq < sentUpTo);
  }

  private static Position end(Lag lag, long seq, long rev) {
    Position from = lag.position();
    return new Position(from.conversation(), Math.max(from.seq(), seq), Math.max(from.rev(), rev));
  }
}
