package chat.engine.memory.conversation;

import chat.engine.Conversation;
import chat.engine.ConversationChange;
import chat.engine.ConversationId;
import chat.engine.Emoji;
import chat.engine.HistoryAccess;
import chat.engine.Member;
import chat.engine.Message;
import chat.engine.MessageVersion;
import chat.engine.PinnedMessage;
import chat.engine.Preferences;
import chat.engine.ReactionChange;
import chat.engine.Role;
import chat.engine.UserId;
import chat.engine.UserReactions;
import chat.engine.spi.AppendOutcome;
import chat.engine.spi.ConversationStore.Change;
import chat.engine.spi.StoredMessage;
import chat.engine.spi.UserReplacements.Job;
import chat.engine.spi.UserReplacements.Kind;
import chat.engine.spi.Write;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One conversation with its messages, members and changes. The change of rev 1 is at index 0, so a
 * page is a piece of a list. Guarded by the store's lock.
 */
public final class StoredConversation {
  private Conversation conversation;
  private final StoredMessages messages = new StoredMessages();
  private final StoredMembers members = new StoredMembers();
  private final List<ConversationChange> changes = new ArrayList<>();
  private final GroupRestrictions restrictions = new GroupRestrictions(StoredMembers::byBytes);
  private final StoredReactions reactions = new StoredReactions(StoredMembers::byBytes);
  private final StoredPins pins = new StoredPins();
  private final StoredVersions versions = new StoredVersions();
  private final MessageWrites writes =
      new MessageWrites(this, messages, members, reactions, pins, versions);

  /** Of the last change that was not of a message. */
  private long membersRev;

  /** How long messages are kept; null for the time that the engine is set to. */
  private @Nullable Duration retention;

  private Instant activeAt;

  public StoredConversation(Conversation conversation, Map<UserId, Role> roles, Instant now) {
    this.conversation = conversation;
    this.activeAt = conversation.createdAt();
    roles.forEach((user, role) -> members.put(new Member(user, role, now, 0, 0, 0, 0)));
  }

  /** One that changes on its own. */
  public StoredConversation copy() {
    StoredConversation copy = new StoredConversation(conversation, Map.of(), Instant.EPOCH);
    messages.copyTo(copy.messages);
    members.copyTo(copy.members);
    copy.changes.addAll(changes);
    reactions.copyTo(copy.reactions);
    pins.copyTo(copy.pins);
    versions.copyTo(copy.versions);
    copy.restrictions.copyFrom(restrictions);
    copy.membersRev = membersRev;
    copy.retention = retention;
    copy.activeAt = activeAt;
    return copy;
  }

  public Conversation conversation() {
    return conversation;
  }

  public ConversationId id() {
    return conversation.id();
  }

  public long lastSeq() {
    return messages.lastSeq();
  }

  /** When the newest message was taken in, or else when this was created. */
  Instant activeAt() {
    return activeAt;
  }

  void wasActive(Instant now) {
    activeAt = now;
  }

  void log(ConversationChange change) {
    changes.add(change);
  }

  /** What there is of a message beside itself, which is deleted or has expired. */
  void forgetAllOf(Message message) {
    reactions.forget(message.seq());
    pins.unpin(message.seq());
    versions.forget(message.seq());
  }

  long rev() {
    return changes.size();
  }

  public long membersRev() {
    return membersRev;
  }

  public @Nullable Member member(UserId user) {
    return members.get(user);
  }

  void moveReceipts(Member member, long readSeq, long receivedSeq) {
    members.put(member.withReceipts(readSeq, receivedSeq));
  }

  /** Of a member, as they are at the last message. */
  Preferences preferences(UserId member) {
    return members.preferences(member, lastSeq());
  }

  void setPreferences(UserId member, Preferences now) {
    members.setPreferences(member, now);
  }

  public Collection<Member> members() {
    return members.all();
  }

  public GroupRestrictions restrictions() {
    return restrictions;
  }

  /** The first members behind a user, or of all, up to the limit. */
  public List<Member> members(@Nullable UserId after, int limit) {
    return members.page(after, limit);
  }

  /**
   * @param block why what is no deletion is refused, unless it is refused for another reason; null
   *     if it is not
   */
  public AppendOutcome write(Write write, AppendOutcome.@Nullable Blocked block) {
    return writes.write(write, block);
  }

  /** See {@link chat.engine.spi.UserReplacements#messages}. */
  public List<Long> messagesOf(Job job, long afterSeq, long upToSeq) {
    UserId user = job.user();
    boolean replaced = job.kind() != Kind.DELETE_MESSAGES;
    return messages(afterSeq, upToSeq, Integer.MAX_VALUE).stream()
        .filter(
            message ->
                (message.from().equals(user) && (replaced || !message.deleted()))
                    || (replaced && message.mentions().contains(user))
                    || (job.erases() && !reactions.of(message.seq(), user).isEmpty()))
        .map(Message::seq)
        .toList();
  }

  /** See {@link chat.engine.spi.UserReplacements#replaceMember}. */
  List<ConversationChange> replaceMember(Job job, Instant now) {
    UserId user = job.user();
    Member member = members.get(user);
    List<ConversationChange> made = new ArrayList<>();
    if (conversation.peers().contains(user)) {
      UserId other = conversation.peerOf(user).orElseThrow();
      List<UserId> peers =
          Conversation.direct(id(), other, job.replacement(), now).peers(); // in order
      made.add(replaced(ConversationChange.Kind.PEER_REPLACED, user, peers, null, rev() + 1, now));
    } else if (conversation.peers().isEmpty() && member != null && !job.erases()) {
      made.add(
          replaced(
              ConversationChange.Kind.REMOVED, UserId.SYSTEM, List.of(user), null, rev() + 1, now));
      if (!members.has(job.replacement())) {
        made.add(
            replaced(
                ConversationChange.Kind.ADDED,
                UserId.SYSTEM,
                List.of(job.replacement()),
                member.role(),
                rev() + 2,
                now));
      }
    }
    if (made.isEmpty()) {
      return made;
    }
    long rev = made.get(made.size() - 1).rev();
    members.replace(user, job.replacement(), !job.erases(), rev);
    made.forEach(change -> conversation = change.applyTo(conversation));
    changes.addAll(made);
    membersRev = rev;
    return made;
  }

  private ConversationChange replaced(
      ConversationChange.Kind kind,
      UserId actor,
      List<UserId> subjects,
      @Nullable Role role,
      long rev,
      Instant now) {
    return new ConversationChange(id(), rev, lastSeq(), kind, actor, subjects, role, null, now);
  }

  /** Whether the log names a user. */
  boolean names(UserId user) {
    return changes.stream()
        .anyMatch(change -> change.actor().equals(user) || change.subjects().contains(user));
  }

  /** Replaces a user in all but the messages and the members. */
  void replaceUser(Job job) {
    reactions.replace(job.user(), job.erases() ? null : job.replacement());
    pins.replace(job.user(), job.replacement());
    restrictions.replace(job.user(), job.replacement(), job.erases());
    changes.replaceAll(
        change -> {
          Message then = change.message();
          ConversationChange now = change.withUser(job.user(), job.replacement());
          return then == null ? now : now.withMessage(messages.at(then.seq())); // no old text stays
        });
  }

  int pinCount() {
    return pins.count();
  }

  /** The seqs of all pinned messages, newest pin first. */
  public List<Long> pinned() {
    return pins.seqs();
  }

  /** See {@link chat.engine.spi.MessageStore#pins}. */
  public List<PinnedMessage> pins(long beforeRev, int limit) {
    return pins.page(beforeRev, limit, seq -> messages.withPreview(messages.at(seq)));
  }

  /** See {@link chat.engine.spi.MessageStore#versions}. */
  public List<MessageVersion> versions(long seq, long after, int limit) {
    return readable(UserId.SYSTEM, seq)
        .map(message -> versions.page(message, after, limit))
        .orElse(List.of());
  }

  /** See {@link chat.engine.spi.MessageStore#reactions}. */
  public List<UserReactions> reactions(
      long seq, @Nullable Emoji emoji, @Nullable UserId after, int limit) {
    return reactions.page(seq, emoji, after, limit);
  }

  /** What the user reacts to a message with. */
  public Set<Emoji> reactionsOf(UserId user, long seq) {
    return reactions.of(seq, user);
  }

  /** The seq above which a member, or the system, may read. */
  long readableAfter(UserId reader) {
    Member member = members.get(reader);
    return member != null && conversation.history() == HistoryAccess.JOINED
        ? member.joinedSeq()
        : 0;
  }

  /** A message for one who may read it. */
  public Optional<Message> readable(UserId reader, long seq) {
    boolean allowed = reader.isSystem() || members.has(reader);
    return allowed && messages.has(seq) && seq > readableAfter(reader)
        ? Optional.of(messages.at(seq)).filter(message -> !message.deleted())
        : Optional.empty();
  }

  /** Messages up to a seq that changed after a rev, the first ones by their revs. */
  public List<Message> changedAfter(long rev, long upToSeq, int limit) {
    return messages.changedAfter(rev, upToSeq, limit);
  }

  /** Messages {@code afterSeq < seq <= upToSeq}, the first ones up to the limit. */
  public List<StoredMessage> stored(long afterSeq, long upToSeq, int limit) {
    return messages.page(afterSeq, upToSeq, limit);
  }

  public List<Message> messages(long afterSeq, long upToSeq, int limit) {
    return stored(afterSeq, upToSeq, limit).stream().map(StoredMessage::message).toList();
  }

  List<ConversationChange> changesAfter(long rev, int limit) {
    return StoredMessages.page(changes, rev, Long.MAX_VALUE, limit).stream()
        .map(this::asItIsNow)
        .toList();
  }

  private ConversationChange asItIsNow(ConversationChange change) {
    ReactionChange reaction = change.reaction();
    if (reaction != null && reaction.seq() < firstSeq()) {
      return change.withReaction(null);
    }
    if (reaction != null) {
      Emoji emoji = reactions.changedAt(reaction.seq(), change.actor(), change.rev());
      return change.withReaction(
          emoji == null
              ? null
              : new ReactionChange(
                  reaction.seq(),
                  emoji,
                  reaction.on(),
                  messages.at(reaction.seq()).reactionsWith(emoji)));
    }
    Message then = change.message();
    if (then == null) {
      return change;
    }
    return change.withMessage(
        then.seq() < firstSeq() ? null : messages.withPreview(messages.at(then.seq())));
  }

  // ---- retention

  public long firstSeq() {
    return messages.firstSeq();
  }

  public @Nullable Duration retention() {
    return retention;
  }

  /** The number of the newest change. */
  public long lastRev() {
    return rev();
  }

  /** The seq of the newest message that was sent before a time; one below the first without any. */
  public long lastSeqBefore(Instant time) {
    long seq = lastSeq();
    while (seq >= firstSeq() && !messages.at(seq).createdAt().isBefore(time)) {
      seq--;
    }
    return seq;
  }

  /** The rev of the newest change that was made before a time, 0 without any. */
  public long lastRevBefore(Instant time) {
    int rev = changes.size();
    while (rev > 0 && !changes.get(rev - 1).at().isBefore(time)) {
      rev--;
    }
    return rev;
  }

  public @Nullable Instant oldest() {
    return messages.oldest();
  }

  /**
   * @return the change; null if it was so already
   */
  public @Nullable ConversationChange setRetention(
      @Nullable Duration wanted, UserId actor, Instant now) {
    if (Objects.equals(wanted, retention)) {
      return null;
    }
    retention = wanted;
    ConversationChange change =
        ConversationChange.ofRetention(id(), rev() + 1, lastSeq(), actor, wanted, now);
    changes.add(change);
    return change;
  }

  /**
   * Takes out messages that were created before a time, from the first one on.
   *
   * @return the change; null if there is none
   */
  public @Nullable ConversationChange expire(Instant before, int limit, Instant now) {
    List<Message> gone = messages.expire(before, limit);
    if (gone.isEmpty()) {
      return null;
    }
    gone.forEach(this::forgetAllOf);
    ConversationChange change =
        ConversationChange.ofExpiry(id(), rev() + 1, lastSeq(), firstSeq(), now);
    changes.add(change);
    return change;
  }

  /** Makes all changes, or throws and makes none. */
  public List<ConversationChange> change(List<Change> wanted, UserId actor, Instant now) {
    Conversation next = conversation;
    List<ConversationChange> made = new ArrayList<>(wanted.size());
    for (Change change : wanted) {
      long rev = rev() + made.size() + 1;
      ConversationChange logged = change.logged(id(), rev, lastSeq(), actor, now);
      next = logged.applyTo(next);
      made.add(logged);
    }
    members.change(wanted, now, lastSeq(), rev());
    conversation = next;
    changes.addAll(made);
    made.forEach(restrictions::follow);
    membersRev = rev();
    return List.copyOf(made);
  }

  /** The last change, which ends it. */
  public ConversationChange deletion(UserId actor, Instant now) {
    return new ConversationChange(
        id(),
        rev() + 1,
        lastSeq(),
        ConversationChange.Kind.DELETED,
        actor,
        conversation.peers(),
        null,
        null,
        now);
  }
}
