package chat.engine.spi;

import chat.engine.Ban;
import chat.engine.Conversation;
import chat.engine.ConversationChange;
import chat.engine.ConversationId;
import chat.engine.ConversationKind;
import chat.engine.Experimental;
import chat.engine.GroupKey;
import chat.engine.GroupUpdate;
import chat.engine.HistoryAccess;
import chat.engine.Member;
import chat.engine.MemberList;
import chat.engine.Preferences;
import chat.engine.PreferencesEdit;
import chat.engine.ReceiptKind;
import chat.engine.Role;
import chat.engine.UserId;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Conversations, members and receipts. Thread-safety, blocking and errors as for {@link
 * MessageStore}. Knows no rules about who may do what; the engine does.
 */
@Experimental
public interface ConversationStore {

  /**
   * The direct conversation of two different users, created under the proposed id if there is none.
   * Idempotent. If one of them has blocked the other, it is blocked; see {@link BlockStore}.
   */
  Conversation openDirect(ConversationId proposed, UserId one, UserId other, Instant now);

  /**
   * As {@link #openDirect}, but where there is no conversation, and one of the two has blocked the
   * other, none is created.
   *
   * @return empty if there is none
   */
  Optional<Conversation> openDirectUnlessBlocked(
      ConversationId proposed, UserId one, UserId other, Instant now);

  /**
   * Creates a group with its members and their roles, at most one of them owner. Idempotent by id:
   * if the group exists nothing changes. Its members rev is 0.
   *
   * @param proposed as it is created
   */
  Conversation createGroup(Conversation proposed, Map<UserId, Role> members);

  /** A group that has no more than a name and members. */
  default Conversation createGroup(
      ConversationId id, String name, Map<UserId, Role> members, Instant now) {
    return createGroup(Conversation.group(id, name, now), members);
  }

  /**
   * The group of a key, created as proposed if there is none. However many callers ask for a key at
   * the same time, on any nodes, there is one group, and all get it; an existing group keeps its
   * name, its members and its attributes.
   *
   * @param proposed with an id that nobody else has
   * @param members of a group that is created
   * @return a conversation of the proposed id if it was created by this call
   */
  Conversation ensureGroup(Key key, Conversation proposed, Map<UserId, Role> members);

  /** The group of a key; empty if there is none. */
  Optional<Conversation> find(Key key);

  /** The key under which a group was created; empty if it has none. A group keeps its key. */
  Optional<Key> keyOf(ConversationId conversation);

  /**
   * Deletes a conversation, serialised with {@link MessageStore#append}: from the return on it does
   * not exist for any method of the store, and its key, or its two users, can have another one. All
   * that remains is one entry of the log, {@link ConversationChange.Kind#DELETED}, which tells
   * other nodes. Its messages are out of reach at once, and are removed with {@link #erase}.
   *
   * @return the conversation as it was, and the change; empty if there is no such conversation
   */
  Optional<Changed> delete(ConversationId conversation, UserId actor, Instant now);

  /**
   * Takes messages of a deleted conversation out of the store, in one transaction.
   *
   * @param limit the most messages
   * @return whether there are more; false for a conversation that was not deleted
   */
  boolean erase(ConversationId deleted, int limit);

  /** Deleted conversations that still have messages, the first deleted first. */
  List<ConversationId> unerased(int limit);

  /** Those of the conversations that exist. */
  Map<ConversationId, Found> find(Collection<ConversationId> ids);

  /**
   * All members with the rev of the last change of the group itself, ascending by the bytes of
   * their ids in UTF-8; empty if there is no such conversation.
   */
  Optional<MemberList> members(ConversationId conversation);

  /**
   * A page of the same list, with the rev that this page belongs to. The cost depends on the limit,
   * not on how many members there are.
   *
   * @param after the page begins behind this user, who need not be a member; null for the first
   * @param limit above 0
   */
  Optional<MemberList> members(ConversationId conversation, @Nullable UserId after, int limit);

  /** The one member; empty if the user is not a member or there is no such conversation. */
  Optional<Member> member(ConversationId conversation, UserId user);

  /**
   * Those of the conversations that the user is in, each with the seq above which the user may read
   * its messages: {@link Member#joinedSeq} where members read what came after they joined ({@link
   * HistoryAccess#JOINED}), else 0.
   */
  Map<ConversationId, Long> readableAfter(UserId user, Collection<ConversationId> among);

  /**
   * Changes a group: all the given changes, as consecutive revs in one transaction, serialised with
   * {@link MessageStore#append}; or nothing, if the group has changed since the expected rev. Edits
   * and deletions of messages do not count as that, though they take revs too. A change of many
   * members is one rev and one entry of the log. The receipts of a user who is added begin at the
   * last message.
   *
   * <p>A ban is kept until its end, or until the user is unbanned; banning again sets another end.
   * It neither removes a member nor keeps the store from adding one: the engine takes care of that,
   * and reads the bans at the rev that it expects here. A silence ends with the membership.
   *
   * @param expectedRev of {@link #members(ConversationId)}
   * @param changes at least one
   * @return what was changed, or empty if the rev was another or there is no such conversation
   * @throws RuntimeException if a user who is added is a member already; then nothing was changed
   */
  Optional<Changed> change(
      ConversationId conversation,
      long expectedRev,
      List<Change> changes,
      UserId actor,
      Instant now);

  /**
   * A page of the bans of a group that are in force, ascending by the bytes of the users' ids in
   * UTF-8; none for a conversation that does not exist.
   *
   * @param after the page begins behind this user, who need not be banned; null for the first
   * @param limit above 0
   */
  List<Ban> bans(ConversationId conversation, @Nullable UserId after, int limit, Instant now);

  /** Those bans of a group that are in force and concern some of the users. */
  List<Ban> bans(ConversationId conversation, Collection<UserId> among, Instant now);

  /**
   * The logged changes of a conversation and of its messages above a rev, ascending and without
   * gap; at most {@code limit}. Those of messages come with the message as it is now.
   */
  List<ConversationChange> changes(ConversationId conversation, long afterRev, int limit);

  /** All conversations of a user, ascending by id, read in one snapshot. */
  List<Membership> memberships(UserId user);

  /**
   * A page of the same list, read in one snapshot. The cost depends on the limit, not on how many
   * conversations the user has.
   *
   * @param after the page begins behind this conversation, of which the user need not be a member;
   *     null for the first
   * @param limit above 0
   */
  List<Membership> memberships(UserId user, @Nullable ConversationId after, int limit);

  /** Those of the given conversations that the user is in, ascending by id, in one snapshot. */
  List<Membership> memberships(UserId user, Collection<ConversationId> among);

  /**
   * The same list as {@link #memberships(UserId)}, without the parts that are needed only for
   * conversations with news. A sync reads it for all conversations, so a store should read few
   * columns.
   */
  default List<MembershipSummary> summaries(UserId user) {
    return memberships(user).stream().map(MembershipSummary::of).toList();
  }

  /** Of how many groups a user is the owner. */
  int ownedGroups(UserId user);

  /** Those of the others who are in a conversation with the user; never the user. */
  Set<UserId> fellowMembers(UserId user, Set<UserId> others);

  /**
   * Counts for each range the messages in it that are not the user's own and were not deleted; an
   * entry for each range, 0 where there is nothing. All is counted in one snapshot.
   *
   * <p>A message whose deletion came after the rev of the range still counts: a client that is told
   * that rev learns of the deletion afterwards, and subtracts it then. Mentions are counted as they
   * are now.
   */
  Map<ConversationId, Unread> unread(UserId user, List<UnreadRange> ranges);

  /**
   * The messages after one seq, up to another.
   *
   * @param rev of the conversation, as it was read with the seqs
   */
  record UnreadRange(ConversationId conversation, long afterSeq, long upToSeq, long rev) {}

  /**
   * @param messages of others, not deleted
   * @param mentions those among them that mention the user
   */
  record Unread(long messages, long mentions) {
    public static final Unread NONE = new Unread(0, 0);
  }

  /**
   * Moves receipts forward in one transaction; a read moves received too, and ends a mark as unread
   * at or below its seq, even where it moves nothing. The outcomes are at the same index as the
   * moves, and each move sees those before it in the list.
   */
  List<ReceiptOutcome> moveReceipts(List<ReceiptMove> moves);

  /**
   * Changes preferences in one transaction, serialised with {@link #moveReceipts}. The outcomes are
   * at the same index as the edits, and each edit sees those before it in the list. An edit that
   * would change nothing stores nothing.
   */
  List<PreferencesOutcome> setPreferences(List<MemberEdit> edits);

  /** Those of the users who are members and have muted the conversation at this time. */
  Set<UserId> muted(ConversationId conversation, Set<UserId> users, Instant now);

  /**
   * How far these members have come, in no particular order; nothing for users who are not members,
   * or for a conversation that does not exist.
   */
  List<Receipt> receipts(Map<ConversationId, Set<UserId>> members);

  /**
   * @param rev number of the last change, also of a message; 0 for none
   * @param lastSeq seq of the newest message, 0 for none
   * @param blocked whether one of the users of a direct conversation has blocked the other
   */
  record Found(Conversation conversation, long rev, long lastSeq, boolean blocked) {
    /** One that is not blocked. */
    public Found(Conversation conversation, long rev, long lastSeq) {
      this(conversation, rev, lastSeq, false);
    }
  }

  /**
   * One conversation of a user.
   *
   * @param rev number of the last change, also of a message; 0 for none
   * @param activeAt when the newest message was taken in, by the clock of its node; if there is
   *     none, or none is known, when the conversation was created. In milliseconds; used only to
   *     order lists
   * @param preferences as they are at lastSeq
   * @param pins how many messages are pinned
   * @param joinedSeq see {@link Member#joinedSeq}
   * @param firstSeq the lowest seq from which on there are messages, 1 unless some have expired
   * @param retention how long messages of this conversation are kept; null for the time that the
   *     engine is set to
   */
  record Membership(
      Conversation conversation,
      Role role,
      long rev,
      long lastSeq,
      long readSeq,
      long receivedSeq,
      Instant activeAt,
      Preferences preferences,
      int pins,
      long joinedSeq,
      long firstSeq,
      @Nullable Duration retention) {
    /** The seq above which the user may read the messages; 0 for all. */
    public long readableAfter() {
      return conversation.history() == HistoryAccess.JOINED ? joinedSeq : 0;
    }

    /** One of a founder, of which no message has expired. */
    public Membership(
        Conversation conversation,
        Role role,
        long rev,
        long lastSeq,
        long readSeq,
        long receivedSeq,
        Instant activeAt,
        Preferences preferences,
        int pins) {
      this(
          conversation,
          role,
          rev,
          lastSeq,
          readSeq,
          receivedSeq,
          activeAt,
          preferences,
          pins,
          0,
          1,
          null);
    }

    /** One without pins, of a founder. */
    public Membership(
        Conversation conversation,
        Role role,
        long rev,
        long lastSeq,
        long readSeq,
        long receivedSeq,
        Instant activeAt,
        Preferences preferences) {
      this(conversation, role, rev, lastSeq, readSeq, receivedSeq, activeAt, preferences, 0);
    }

    /** One without preferences and pins, of a founder. */
    public Membership(
        Conversation conversation,
        Role role,
        long rev,
        long lastSeq,
        long readSeq,
        long receivedSeq,
        Instant activeAt) {
      this(conversation, role, rev, lastSeq, readSeq, receivedSeq, activeAt, Preferences.NONE, 0);
    }
  }

  /**
   * The parts of a {@link Membership} that say whether there is news, and in which order to return
   * it.
   *
   * @param preferences the version of the preferences; 0 if none were ever set
   */
  record MembershipSummary(
      ConversationId conversation,
      ConversationKind kind,
      HistoryAccess history,
      long rev,
      long lastSeq,
      long readSeq,
      Instant activeAt,
      long preferences,
      long joinedSeq) {
    public static MembershipSummary of(Membership membership) {
      Conversation conversation = membership.conversation();
      return new MembershipSummary(
          conversation.id(),
          conversation.kind(),
          conversation.history(),
          membership.rev(),
          membership.lastSeq(),
          membership.readSeq(),
          membership.activeAt(),
          membership.preferences().version(),
          membership.joinedSeq());
    }
  }

  /**
   * A key that the application, or a user, gave to a group.
   *
   * @param scope whose key it is: a user, or {@link UserId#SYSTEM} for the application
   */
  record Key(UserId scope, GroupKey value) {}

  /** A change to make; see {@link ConversationChange} for which parts each kind has. */
  record Change(
      ConversationChange.Kind kind,
      List<UserId> subjects,
      @Nullable Role role,
      @Nullable String name,
      @Nullable String attributes,
      @Nullable GroupUpdate update,
      @Nullable Instant until) {
    /**
     * @throws IllegalArgumentException if a part is missing or is one too many; a deletion is made
     *     by {@link ConversationStore#delete} only
     */
    public Change {
      subjects = List.copyOf(subjects);
      boolean renames = kind == ConversationChange.Kind.RENAMED;
      boolean setsAttributes = kind == ConversationChange.Kind.ATTRIBUTES_SET;
      boolean ends =
          kind == ConversationChange.Kind.BANNED || kind == ConversationChange.Kind.SILENCED;
      boolean givesRole =
          kind == ConversationChange.Kind.ADDED || kind == ConversationChange.Kind.ROLE_SET;
      if (subjects.isEmpty() != kind.isOfGroup()
          || (role != null) != givesRole
          || (name != null) != renames
          || (attributes != null && !setsAttributes)
          || (update != null) != (kind == ConversationChange.Kind.UPDATED)
          || (update != null && update.isEmpty())
          || (until != null && !ends)
          || kind == ConversationChange.Kind.DELETED
          || kind == ConversationChange.Kind.PEER_REPLACED
          || kind.isOfMessage()) {
        throw new IllegalArgumentException(
            "a change of kind %s cannot have %d subjects, role %s, name %s, attributes %s, update %s and end %s"
                .formatted(kind, subjects.size(), role, name, attributes, update, until));
      }
    }

    /** Neither an update of several fields nor a ban or a silence. */
    public Change(
        ConversationChange.Kind kind,
        List<UserId> subjects,
        @Nullable Role role,
        @Nullable String name,
        @Nullable String attributes) {
      this(kind, subjects, role, name, attributes, null, null);
    }

    /** A change of members, roles or the name. */
    public Change(
        ConversationChange.Kind kind,
        List<UserId> subjects,
        @Nullable Role role,
        @Nullable String name) {
      this(kind, subjects, role, name, null);
    }

    public static Change added(Collection<UserId> users, Role role) {
      return new Change(ConversationChange.Kind.ADDED, List.copyOf(users), role, null);
    }

    public static Change removed(Collection<UserId> users) {
      return new Change(ConversationChange.Kind.REMOVED, List.copyOf(users), null, null);
    }

    public static Change roleSet(Collection<UserId> users, Role role) {
      return new Change(ConversationChange.Kind.ROLE_SET, List.copyOf(users), role, null);
    }

    public static Change renamed(String name) {
      return new Change(ConversationChange.Kind.RENAMED, List.of(), null, name);
    }

    /**
     * @param attributes null for none any more
     */
    public static Change attributesSet(@Nullable String attributes) {
      return new Change(ConversationChange.Kind.ATTRIBUTES_SET, List.of(), null, null, attributes);
    }

    /**
     * @param update of at least one field
     */
    public static Change updated(GroupUpdate update) {
      return new Change(ConversationChange.Kind.UPDATED, List.of(), null, null, null, update, null);
    }

    /**
     * Does not remove the user.
     *
     * @param until null for always
     */
    public static Change banned(UserId user, @Nullable Instant until) {
      return new Change(
          ConversationChange.Kind.BANNED, List.of(user), null, null, null, null, until);
    }

    public static Change unbanned(UserId user) {
      return new Change(ConversationChange.Kind.UNBANNED, List.of(user), null, null);
    }

    /**
     * @param until null to end it
     */
    public static Change silenced(UserId member, @Nullable Instant until) {
      return new Change(
          ConversationChange.Kind.SILENCED, List.of(member), null, null, null, null, until);
    }

    /** The same with other subjects. */
    public Change withSubjects(List<UserId> others) {
      return new Change(kind, others, role, name, attributes, update, until);
    }

    /** What is logged of it. */
    public ConversationChange logged(
        ConversationId conversation, long rev, long atSeq, UserId actor, Instant at) {
      return ConversationChange.builder(conversation, rev, atSeq, kind, actor, at)
          .subjects(subjects)
          .role(role)
          .name(name)
          .attributes(attributes)
          .update(update)
          .until(until)
          .build();
    }
  }

  /**
   * What {@link #change} or {@link #delete} did.
   *
   * @param conversation as it is after the last of the changes
   * @param changes as they are logged
   */
  record Changed(Conversation conversation, List<ConversationChange> changes) {
    public Changed {
      changes = List.copyOf(changes);
    }
  }

  /**
   * How far a member has come, see {@link Member}, and how the member sees the conversation.
   *
   * @param joinedRev which membership of the user it is
   * @param preferences as they are at the last message
   */
  record Receipt(
      ConversationId conversation,
      UserId user,
      long readSeq,
      long receivedSeq,
      long joinedRev,
      Preferences preferences) {
    /** Of a founder without preferences. */
    public Receipt(ConversationId conversation, UserId user, long readSeq, long receivedSeq) {
      this(conversation, user, readSeq, receivedSeq, 0, Preferences.NONE);
    }
  }

  /** A change of a member's preferences. */
  record MemberEdit(ConversationId conversation, UserId user, PreferencesEdit edit) {}

  /** What became of a change of preferences. */
  sealed interface PreferencesOutcome {
    /**
     * They are as wanted.
     *
     * @param changed whether they were not before
     */
    record Done(Receipt now, boolean changed) implements PreferencesOutcome {}

    record NotMember() implements PreferencesOutcome {}

    /** The conversation has no message of the seq from which on to mark as unread. */
    record BeyondLast() implements PreferencesOutcome {}

    /** {@link Preferences#MAX_PINNED} other conversations of the user are pinned. */
    record TooManyPinned() implements PreferencesOutcome {}
  }

  record ReceiptMove(ConversationId conversation, UserId user, ReceiptKind kind, long seq) {}

  /** What became of a receipt move. */
  enum ReceiptOutcome {
    MOVED,
    /** It moved, or was as far before, and ended a mark as unread. */
    MARK_ENDED,
    /** It was as far before. */
    UNCHANGED,
    NOT_MEMBER,
    /** The conversation has no message of this seq yet. */
    BEYOND_LAST,
    /** The member has blocked the other user of a direct conversation. */
    BLOCKED_BY_MEMBER,
    /** The other user of a direct conversation has blocked the member. */
    BLOCKED_BY_PEER
  }
}
