package chat.engine.spi.search;

import chat.engine.ConversationId;
import chat.engine.Experimental;
import chat.engine.SearchCursor;
import chat.engine.SearchPage;
import chat.engine.UserId;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Search in the messages of a store, an optional part of it. Thread-safe; every method blocks.
 * Errors as for {@link chat.engine.spi.MessageStore}.
 *
 * <p>A store may keep an index. The engine then calls {@link #index} for each conversation that was
 * written to, soon after the write, and asks {@link #behind} for those that it may have missed. An
 * index is only ever a way to find messages: what {@link #search} returns was compared with the
 * message as it is.
 */
@Experimental
public interface MessageSearch {
  /**
   * Messages that a user may read and that have the words, newest first: by the time they were sent
   * at, and those of the same millisecond by their ids, the highest first.
   *
   * <p>Every message was, after it was read, in a conversation of which the user was a member. What
   * was committed before the call is found even if it is not indexed yet, unless that would take
   * too much work: then the answer says {@link SearchPage#indexing}. The cost depends on the user's
   * own conversations and on how many messages in them have the words, not on what others wrote. It
   * is bounded: a page that took its share of work ends early, with a place to go on at.
   *
   * @throws chat.engine.ChatException with {@code BUSY} if the bounds do not allow any progress
   */
  SearchPage search(Request request);

  /**
   * Brings the index of one conversation nearer to its messages, in one transaction of a bounded
   * size. Does nothing where there is no such conversation. However many nodes call it at the same
   * time, each message is indexed once.
   *
   * @return whether there is more to do
   */
  Step index(ConversationId conversation);

  /** Those of the conversations whose index is behind. */
  List<ConversationId> behind(Collection<ConversationId> among);

  /**
   * Looks through a bounded number of all conversations, ascending by id, for those whose index is
   * behind.
   *
   * @param after begin behind this one; null for the first
   */
  Laggards behind(@Nullable ConversationId after);

  /** What is left after a step of indexing a conversation. */
  enum Step {
    /** Nothing. */
    DONE,
    /** More, which can be done at once. */
    MORE,
    /** More, but another transaction is in the way: try again in a moment. */
    LATER
  }

  /**
   * What to search for.
   *
   * @param user must be a member of the conversations
   * @param conversation the only one to search; null for all
   * @param from the only sender; null for all
   * @param before begin at this place
   * @param limit above 0
   */
  record Request(
      UserId user,
      SearchWords words,
      @Nullable ConversationId conversation,
      @Nullable UserId from,
      SearchCursor before,
      int limit) {}

  /**
   * A part of the conversations, looked through.
   *
   * @param conversations whose index is behind
   * @param next where to go on; null at the end
   */
  record Laggards(List<ConversationId> conversations, @Nullable ConversationId next) {
    public Laggards {
      conversations = List.copyOf(conversations);
    }
  }
}
