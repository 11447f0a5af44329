package chat.engine.spi;

import chat.engine.ConversationId;
import chat.engine.Experimental;
import chat.engine.UserId;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Replaces users by others, or by names that nobody has, wherever the store names them. Also keeps
 * track of what is left to do, so that another node can continue when one dies. Thread-safety,
 * blocking and errors as for {@link MessageStore}. Every call is one transaction of a bounded size,
 * and may be repeated.
 *
 * <p>The engine walks: it looks up which conversations name the user ({@link #naming}), and in each
 * of them ends the membership, rewrites the messages ({@link #messages}, {@link Reattribution}),
 * and then the rest ({@link #replaceRows}). In the end it calls {@link #finish}.
 */
@Experimental
public interface UserReplacements {
  /** What becomes of the user. */
  enum Kind {
    ERASE,
    RENAME,
    /** Only the messages go. */
    DELETE_MESSAGES
  }

  /**
   * What is to be done.
   *
   * @param replacement the user, if they are not replaced
   * @param reached how far the log of changes was read
   */
  record Job(Kind kind, UserId user, UserId replacement, Place reached) {
    public boolean erases() {
      return kind == Kind.ERASE;
    }
  }

  /**
   * An entry of the log of changes of all conversations, in the order of their ids and the revs.
   */
  record Place(long conversation, long rev) {
    public static final Place START = new Place(0, 0);
  }

  /**
   * Conversations that name a user.
   *
   * @param next where to continue; null at the end
   */
  record Naming(Set<ConversationId> conversations, @Nullable Place next) {
    public Naming {
      conversations = Set.copyOf(conversations);
    }
  }

  /**
   * Stores what is to be done, unless it is stored already: then returns the first entry. From then
   * on nothing is recorded of when a replaced user was last seen.
   */
  Job begin(Kind kind, UserId user, UserId replacement, Instant now);

  /** What is still to be done of this kind with a user. */
  Optional<Job> find(Kind kind, UserId user);

  /** Whether it was done within the last hour. */
  boolean isDone(Kind kind, UserId user);

  /**
   * Jobs that nobody has worked on for a while, at most {@code limit}. From then on they count as
   * being worked on.
   */
  List<Job> claim(Duration idle, int limit);

  /** Stores how far a job has come, and that it is being worked on. */
  void reached(Job job, Place place);

  /**
   * Whether the user is a member of anything, was ever seen, has blocked anybody or is blocked, or
   * is part of a job that is not done.
   */
  boolean isInUse(UserId user);

  /**
   * The conversations, deleted ones too, whose log has an entry about the user.
   *
   * @param limit of the entries that are read
   */
  Naming naming(UserId user, Place after, int limit);

  /**
   * Puts the replacement in the place of the user: as a member of a group, or as one of the users
   * of a direct conversation. An erased user is replaced in direct conversations only, and the
   * replacement is no member.
   *
   * @return empty if there is nothing to replace
   */
  Optional<ConversationStore.Changed> replaceMember(
      Job job, ConversationId conversation, Instant now);

  /**
   * The seqs of the messages {@code afterSeq < seq <= upToSeq} that are the user's; and, if the
   * user is replaced, of those that mention the user, or have a reaction of one who is erased.
   */
  List<Long> messages(Job job, ConversationId conversation, long afterSeq, long upToSeq);

  /**
   * Replaces what else names the user in a conversation, also in the log. For users who are
   * replaced, and when their messages are rewritten.
   *
   * @param afterRev the log is read from here on
   * @return the rev from which to continue; -1 if there is nothing more
   */
  long replaceRows(Job job, ConversationId conversation, long afterRev);

  /** Replaces what else names the user, outside of conversations. The job is done. */
  void finish(Job job, Instant now);

  /**
   * Which of these users are being replaced, or were within the last hour. Costs next to nothing if
   * nobody is.
   */
  Set<UserId> recent(Set<UserId> users);
}
