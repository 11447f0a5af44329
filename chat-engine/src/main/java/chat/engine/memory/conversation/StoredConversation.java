package chat.engine.memory.conversation;

import chat.engine.ClientMessageId;
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
import chat.engine.ReactionCount;
import chat.engine.ReplyPreview;
import chat.engine.Role;
import chat.engine.UserId;
import chat.engine.UserReactions;
import chat.engine.spi.AppendOutcome;
import chat.engine.spi.ConversationStore.Change;
import chat.engine.spi.Deletion;
import chat.engine.spi.Draft;
import chat.engine.spi.Edit;
import chat.engine.spi.Pin;
import chat.engine.spi.Reaction;
import chat.engine.spi.Reattribution;
import chat.engine.spi.SlowMode;
import chat.engine.spi.StoredMessage;
import chat.engine.spi.UserReplacements.Job;
import chat.engine.spi.UserReplacements.Kind;
import chat.engine.spi.Write;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * One conversation with its messages, members and changes. The message of the first seq is at index
 * 0, and the change of rev 1 likewise, so a page is a piece of a list. Guarded by the store's lock.
 */
public final class StoredConversation {
  private record Key(UserId sender, ClientMessageId clientMessageId) {}

  private record First(long seq, long contentHash) {}

  private Conversation conversation;
  private final List<StoredMessage> messages = new ArrayList<>();
  private final Map<Key, First> byKey = new HashMap<>();
  private NavigableMap<UserId, Member> members = new TreeMap<>(StoredConversation::byBytes);
  private final Map<UserId, Preferences> preferences = new HashMap<>();
  private final List<ConversationChange> changes = new ArrayList<>();
  private final GroupRestrictions restrictions = new GroupRestrictions(StoredConversation::byBytes);

  private final StoredReactions reactions = new StoredReactions(StoredConversation::byBytes);

  private final StoredPins pins = new StoredPins();
  private final StoredVersions versions = new StoredVersions();

  /** Of the last change that was not of a message. */
  private long membersRev;

  /** Of the first of the messages, or of the next one if there are none. */
  private long firstSeq = 1;

  /** How long messages are kept; null for the time that the engine is set to. */
  private @Nullable Duration retention;

  private Instant activeAt;

  public StoredConversation(Conversation conversation, Map<UserId, Role> roles, Instant now) {
    this.conversation = conversation;
    this.activeAt = conversation.createdAt();
    roles.forEach((user, role) -> members.put(user, new Member(user, role, now, 0, 0, 0, 0)));
  }

  /** One that changes on its own. */
  public StoredConversation copy() {
    StoredConversation copy = new StoredConversation(conversation, Map.of(), Instant.EPOCH);
    copy.messages.addAll(messages);
    copy.byKey.putAll(byKey);
    copy.members.putAll(members);
    copy.preferences.putAll(preferences);
    copy.changes.addAll(changes);
    reactions.copyTo(copy.reactions);
    pins.copyTo(copy.pins);
    versions.copyTo(copy.versions);
    copy.restrictions.copyFrom(restrictions);
    copy.membersRev = membersRev;
    copy.firstSeq = firstSeq;
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
    return firstSeq - 1 + messages.size();
  }

  /** When the newest message was taken in, or else when this was created. */
  Instant activeAt() {
    return activeAt;
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
    members.put(member.user(), member.withReceipts(readSeq, receivedSeq));
  }

  /** Of a member, as they are at the last message. */
  Preferences preferences(UserId member) {
    return preferences.getOrDefault(member, Preferences.NONE).at(lastSeq());
  }

  void setPreferences(UserId member, Preferences now) {
    preferences.put(member, now);
  }

  public Collection<Member> members() {
    return members.values();
  }

  public GroupRestrictions restrictions() {
    return restrictions;
  }

  /** The first members behind a user, or of all, up to the limit. */
  public List<Member> members(@Nullable UserId after, int limit) {
    return (after == null ? members : members.tailMap(after, false))
        .values().stream().limit(limit).toList();
  }

  /**
   * As the bytes in UTF-8 compare, which is as the code points do. Strings compare by UTF-16, which
   * puts what takes a surrogate pair before U+E000 to U+FFFF.
   */
  static int byBytes(UserId one, UserId other) {
    String a = one.value();
    String b = other.value();
    int differsAt = 0;
    while (differsAt < a.length()
        && differsAt < b.length()
        && a.charAt(differsAt) == b.charAt(differsAt)) {
      differsAt++;
    }
    return differsAt == a.length() || differsAt == b.length()
        ? Integer.compare(a.length(), b.length())
        : Integer.compare(rank(a.charAt(differsAt)), rank(b.charAt(differsAt)));
  }

  private static int rank(char c) {
    return Character.isSurrogate(c) ? c + 0x10000 : c;
  }

  /**
   * @param block why what is no deletion is refused, unless it is refused for another reason; null
   *     if it is not
   */
  public AppendOutcome write(Write write, AppendOutcome.@Nullable Blocked block) {
    if (write instanceof Edit edit) {
      return edit(edit, block);
    }
    if (write instanceof Reaction reaction) {
      return react(reaction, block);
    }
    if (write instanceof Pin pin) {
      return pin(pin, block);
    }
    if (write instanceof Reattribution reattribution) {
      return reattribute(reattribution);
    }
    return write instanceof Deletion deletion ? delete(deletion) : append((Draft) write, block);
  }

  /**
   * What was sent before is told before the membership is looked at: who retries has to learn that
   * the first attempt was stored, even if they were removed since.
   */
  private AppendOutcome append(Draft draft, AppendOutcome.@Nullable Blocked block) {
    Key key = new Key(draft.sender(), draft.clientMessageId());
    First first = byKey.get(key);
    if (first != null) {
      return first.contentHash() == draft.contentHash()
          ? duplicate(withPreview(messages.get(index(first.seq()))))
          : new AppendOutcome.Conflict();
    }
    Member sender = members.get(draft.sender());
    if (sender == null && !draft.sender().isSystem()) {
      return new AppendOutcome.NotMember();
    }
    if (block != null) {
      return block;
    }
    AppendOutcome silence = silence(draft.sender(), draft.createdAt());
    if (silence != null) {
      return silence;
    }
    UserId stranger = stranger(draft.mentions(), List.of());
    if (stranger != null) {
      return new AppendOutcome.MentionsStranger(stranger);
    }
    if (draft.lacksOriginal()) {
      return new AppendOutcome.NoSuchOriginal();
    }
    if (draft.repliesBeyond(lastSeq())) {
      return new AppendOutcome.NoSuchMessage();
    }
    boolean waits =
        sender != null && !conversation.slowMode().isZero() && SlowMode.concerns(sender.role());
    if (waits) {
      Duration wait =
          restrictions.remaining(draft.sender(), conversation.slowMode(), draft.createdAt());
      if (!wait.isZero()) {
        return new AppendOutcome.TooSoon(wait);
      }
      restrictions.sent(draft.sender(), draft.createdAt());
    }
    long seq = lastSeq() + 1;
    StoredMessage stored = new StoredMessage(draft.asMessage(seq), membersRev);
    messages.add(stored);
    activeAt = draft.createdAt();
    byKey.put(key, new First(seq, draft.contentHash()));
    return new AppendOutcome.Stored(
        seq, membersRev, !waits, withPreview(stored.message()).replyPreview());
  }

  /** The first of the mentioned who is no member and was not mentioned before; null if none is. */
  private @Nullable UserId stranger(List<UserId> mentioned, List<UserId> before) {
    for (UserId user : mentioned) {
      if (!members.containsKey(user) && !before.contains(user)) {
        return user;
      }
    }
    return null;
  }

  private Message withPreview(Message message) {
    Long replyTo = message.replyTo();
    return replyTo == null || message.deleted() || replyTo < firstSeq
        ? message
        : message.withReplyPreview(ReplyPreview.of(message(replyTo)));
  }

  private StoredMessage withPreview(StoredMessage stored) {
    return new StoredMessage(withPreview(stored.message()), stored.membersRev());
  }

  private static AppendOutcome duplicate(StoredMessage first) {
    return new AppendOutcome.Duplicate(first.message(), first.membersRev());
  }

  private AppendOutcome edit(Edit edit, AppendOutcome.@Nullable Blocked block) {
    AppendOutcome refusal = refuse(edit.actor(), edit.seq());
    if (refusal != null) {
      return refusal;
    }
    AppendOutcome silence = silence(edit.actor(), edit.at());
    if (silence != null) {
      return silence;
    }
    if (block != null) {
      return block;
    }
    Message message = message(edit.seq());
    if (!edit.actor().isSystem() && !edit.actor().equals(message.from())) {
      return new AppendOutcome.NotAllowed();
    }
    if (message.deleted()) {
      return new AppendOutcome.WasDeleted();
    }
    if (message.isAs(edit.content())) {
      return new AppendOutcome.Unchanged(message);
    }
    UserId stranger = stranger(edit.content().mentions(), message.mentions());
    if (stranger != null) {
      return new AppendOutcome.MentionsStranger(stranger);
    }
    if (edit.keepsVersion()) {
      versions.keep(message);
    }
    return replace(
        message.edited(edit.content(), rev() + 1, edit.at()),
        ConversationChange.Kind.MESSAGE_EDITED,
        edit.actor(),
        edit.at());
  }

  private @Nullable AppendOutcome silence(UserId user, Instant at) {
    Member member = members.get(user);
    return member != null && member.isSilenced(at)
        ? new AppendOutcome.Silenced(Objects.requireNonNull(member.silencedUntil()))
        : null;
  }

  private AppendOutcome delete(Deletion deletion) {
    AppendOutcome refusal = refuse(deletion.actor(), deletion.seq());
    if (refusal != null) {
      return refusal;
    }
    Message message = message(deletion.seq());
    Member member = members.get(deletion.actor());
    boolean allowed =
        member == null
            || message.from().equals(deletion.actor())
            || deletion.othersBy().contains(member.role());
    if (!allowed) {
      return new AppendOutcome.NotAllowed();
    }
    if (message.deleted()) {
      return new AppendOutcome.Unchanged(message);
    }
    reactions.forget(message.seq());
    pins.unpin(message.seq());
    versions.forget(message.seq());
    return replace(
        message.deleted(rev() + 1, deletion.at()),
        ConversationChange.Kind.MESSAGE_DELETED,
        deletion.actor(),
        deletion.at());
  }

  private AppendOutcome reattribute(Reattribution write) {
    AppendOutcome refusal = refuse(UserId.SYSTEM, write.seq());
    if (refusal != null) {
      return refusal;
    }
    UserId user = write.user();
    Message message = message(write.seq());
    boolean own = message.from().equals(user);
    Set<Emoji> given = write.erases() ? reactions.of(message.seq(), user) : Set.of();
    if (!own && !message.mentions().contains(user) && given.isEmpty()) {
      return new AppendOutcome.Unchanged(message);
    }
    long rev = rev() + 1;
    Message after = message;
    for (Emoji emoji : given) {
      after = after.reacted(emoji, false, rev);
      reactions.set(message.seq(), user, emoji, rev, false);
    }
    after = after.reattributed(user, write.replacement(), write.erases(), rev, write.at());
    if (after.deleted()) {
      reactions.forget(message.seq());
      pins.unpin(message.seq());
      versions.forget(message.seq());
    }
    if (own) {
      First first = byKey.remove(new Key(user, message.clientMessageId()));
      long hash = write.erases() || first == null ? 0 : first.contentHash();
      byKey.put(new Key(after.from(), after.clientMessageId()), new First(after.seq(), hash));
    }
    return replace(
        after,
        after.deleted()
            ? ConversationChange.Kind.MESSAGE_DELETED
            : ConversationChange.Kind.MESSAGE_EDITED,
        UserId.SYSTEM,
        write.at());
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
      if (!members.containsKey(job.replacement())) {
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
    members.remove(user);
    Preferences own = preferences.remove(user);
    if (!job.erases() && member != null && !members.containsKey(job.replacement())) {
      members.put(job.replacement(), member.as(job.replacement(), rev));
      if (own != null) {
        preferences.put(job.replacement(), own);
      }
    }
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
          return then == null ? now : now.withMessage(message(then.seq())); // no old text stays
        });
  }

  private AppendOutcome react(Reaction reaction, AppendOutcome.@Nullable Blocked block) {
    AppendOutcome refusal = refuse(reaction.actor(), reaction.seq());
    if (refusal == null) {
      refusal = block != null ? block : silence(reaction.actor(), reaction.at());
    }
    if (refusal != null) {
      return refusal;
    }
    Message message = message(reaction.seq());
    if (message.deleted()) {
      return new AppendOutcome.WasDeleted();
    }
    Emoji emoji = reaction.emoji();
    Set<Emoji> own = reactions.of(message.seq(), reaction.actor());
    if (own.contains(emoji) == reaction.on()) {
      return new AppendOutcome.UnchangedReaction(
          reactions.rev(message.seq(), reaction.actor(), emoji), message.reactionsWith(emoji));
    }
    if (reaction.on() && own.size() >= UserReactions.MAX_PER_USER) {
      return new AppendOutcome.TooManyReactions(UserReactions.MAX_PER_USER, true);
    }
    if (reaction.on()
        && message.reactions().size() >= ReactionCount.MAX_PER_MESSAGE
        && message.reactionsWith(emoji) == 0) {
      return new AppendOutcome.TooManyReactions(ReactionCount.MAX_PER_MESSAGE, false);
    }
    Message after = message.reacted(emoji, reaction.on(), rev() + 1);
    reactions.set(after.seq(), reaction.actor(), emoji, after.rev(), reaction.on());
    put(after);
    ConversationChange change =
        ConversationChange.ofReaction(
            id(),
            after.rev(),
            lastSeq(),
            reaction.actor(),
            new ReactionChange(after.seq(), emoji, reaction.on(), after.reactionsWith(emoji)),
            reaction.at());
    changes.add(change);
    return new AppendOutcome.Changed(change);
  }

  private AppendOutcome pin(Pin pin, AppendOutcome.@Nullable Blocked block) {
    AppendOutcome refusal = refuse(pin.actor(), pin.seq());
    if (refusal == null) {
      refusal = silence(pin.actor(), pin.at());
    }
    if (refusal == null) {
      refusal = block;
    }
    if (refusal != null) {
      return refusal;
    }
    Member member = members.get(pin.actor());
    if (member != null && !pin.by().contains(member.role())) {
      return new AppendOutcome.NotAllowed();
    }
    if (pin.on() && message(pin.seq()).deleted()) {
      return new AppendOutcome.WasDeleted();
    }
    long pinned = pins.rev(pin.seq());
    if ((pinned > 0) == pin.on()) {
      return new AppendOutcome.UnchangedPin(pinned);
    }
    if (pin.on() && pins.count() >= PinnedMessage.MAX_PER_CONVERSATION) {
      return new AppendOutcome.TooManyPins(PinnedMessage.MAX_PER_CONVERSATION);
    }
    ConversationChange change =
        ConversationChange.ofPin(
            id(), rev() + 1, lastSeq(), pin.actor(), pin.seq(), pin.on(), pin.at());
    if (pin.on()) {
      pins.pin(pin.seq(), pin.actor(), pin.at(), change.rev());
    } else {
      pins.unpin(pin.seq());
    }
    changes.add(change);
    return new AppendOutcome.Changed(change);
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
    return pins.page(beforeRev, limit, seq -> withPreview(message(seq)));
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

  private @Nullable AppendOutcome refuse(UserId actor, long seq) {
    if (!actor.isSystem() && !members.containsKey(actor)) {
      return new AppendOutcome.NotMember();
    }
    return seq < firstSeq || seq > lastSeq() || seq <= readableAfter(actor)
        ? new AppendOutcome.NoSuchMessage()
        : null;
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
    boolean allowed = reader.isSystem() || members.containsKey(reader);
    return allowed && seq >= firstSeq && seq <= lastSeq() && seq > readableAfter(reader)
        ? Optional.of(message(seq)).filter(message -> !message.deleted())
        : Optional.empty();
  }

  private Message message(long seq) {
    return messages.get(index(seq)).message();
  }

  private int index(long seq) {
    return (int) (seq - firstSeq);
  }

  private AppendOutcome replace(
      Message changed, ConversationChange.Kind kind, UserId actor, Instant at) {
    put(changed);
    ConversationChange change = ConversationChange.ofMessage(changed, kind, lastSeq(), actor, at);
    changes.add(change);
    return new AppendOutcome.Changed(change.withMessage(withPreview(changed)));
  }

  private void put(Message changed) {
    int index = index(changed.seq());
    messages.set(index, new StoredMessage(changed, messages.get(index).membersRev()));
  }

  /** Messages up to a seq that changed after a rev, the first ones by their revs. */
  public List<Message> changedAfter(long rev, long upToSeq, int limit) {
    return messages.stream()
        .map(StoredMessage::message)
        .filter(message -> message.rev() > rev && message.seq() <= upToSeq)
        .sorted(Comparator.comparingLong(Message::rev))
        .limit(limit)
        .map(this::withPreview)
        .toList();
  }

  /** Messages {@code afterSeq < seq <= upToSeq}, the first ones up to the limit. */
  public List<StoredMessage> stored(long afterSeq, long upToSeq, int limit) {
    long gone = firstSeq - 1;
    return page(messages, Math.max(gone, afterSeq) - gone, upToSeq - gone, limit).stream()
        .map(this::withPreview)
        .toList();
  }

  public List<Message> messages(long afterSeq, long upToSeq, int limit) {
    return stored(afterSeq, upToSeq, limit).stream().map(StoredMessage::message).toList();
  }

  List<ConversationChange> changesAfter(long rev, int limit) {
    return page(changes, rev, Long.MAX_VALUE, limit).stream().map(this::asItIsNow).toList();
  }

  private ConversationChange asItIsNow(ConversationChange change) {
    ReactionChange reaction = change.reaction();
    if (reaction != null && reaction.seq() < firstSeq) {
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
                  message(reaction.seq()).reactionsWith(emoji)));
    }
    Message then = change.message();
    if (then == null) {
      return change;
    }
    return change.withMessage(then.seq() < firstSeq ? null : withPreview(message(then.seq())));
  }

  private static <T> List<T> page(List<T> all, long after, long upTo, int limit) {
    int from = (int) Math.min(Math.max(0, after), all.size());
    int to = (int) Math.min(Math.min(upTo, all.size()), (long) from + limit);
    return to <= from ? List.of() : List.copyOf(all.subList(from, to));
  }

  // ---- retention

  public long firstSeq() {
    return firstSeq;
  }

  public @Nullable Duration retention() {
    return retention;
  }

  public @Nullable Instant oldest() {
    return messages.isEmpty() ? null : messages.get(0).message().createdAt();
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
    int count = 0;
    while (count < Math.min(limit, messages.size())
        && messages.get(count).message().createdAt().isBefore(before)) {
      Message gone = messages.get(count++).message();
      byKey.remove(new Key(gone.from(), gone.clientMessageId()));
      reactions.forget(gone.seq());
      pins.unpin(gone.seq());
      versions.forget(gone.seq());
    }
    if (count == 0) {
      return null;
    }
    messages.subList(0, count).clear();
    firstSeq += count;
    ConversationChange change =
        ConversationChange.ofExpiry(id(), rev() + 1, lastSeq(), firstSeq, now);
    changes.add(change);
    return change;
  }

  /** Makes all changes, or throws and makes none: they are made on copies that then take over. */
  public List<ConversationChange> change(List<Change> wanted, UserId actor, Instant now) {
    NavigableMap<UserId, Member> nextMembers = new TreeMap<>(members);
    Conversation nextConversation = conversation;
    List<ConversationChange> made = new ArrayList<>(wanted.size());
    for (Change change : wanted) {
      long rev = rev() + made.size() + 1;
      switch (change.kind()) {
        case ADDED -> add(nextMembers, change, now, rev);
        case REMOVED -> change.subjects().forEach(nextMembers::remove);
        case ROLE_SET -> setRole(nextMembers, change);
        case SILENCED ->
            change
                .subjects()
                .forEach(
                    user ->
                        nextMembers.computeIfPresent(
                            user, (same, member) -> member.withSilence(change.until())));
        case RENAMED, ATTRIBUTES_SET, UPDATED, BANNED, UNBANNED -> {} // applied below
        case DELETED,
            MESSAGE_EDITED,
            MESSAGE_DELETED,
            MESSAGE_REACTED,
            PINNED,
            UNPINNED,
            EXPIRED,
            RETENTION_SET,
            PEER_REPLACED ->
            throw new IllegalArgumentException("made in another way: " + change.kind());
      }
      ConversationChange logged = change.logged(id(), rev, lastSeq(), actor, now);
      nextConversation = logged.applyTo(nextConversation);
      made.add(logged);
    }
    members = nextMembers;
    forgetPreferences(wanted);
    conversation = nextConversation;
    changes.addAll(made);
    made.forEach(restrictions::follow);
    membersRev = rev();
    return List.copyOf(made);
  }

  /** They end with the membership, even if another one begins in the same call. */
  private void forgetPreferences(List<Change> made) {
    for (Change change : made) {
      if (change.kind() == ConversationChange.Kind.REMOVED) {
        change.subjects().forEach(preferences::remove);
      }
    }
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

  private void add(Map<UserId, Member> next, Change change, Instant now, long rev) {
    Role role = Objects.requireNonNull(change.role());
    for (UserId user : change.subjects()) {
      Member added = new Member(user, role, now, lastSeq(), rev, lastSeq(), lastSeq());
      if (next.putIfAbsent(user, added) != null) {
        throw new IllegalArgumentException("user " + user + " is a member of " + id() + " already");
      }
    }
  }

  private static void setRole(Map<UserId, Member> next, Change change) {
    Role role = Objects.requireNonNull(change.role());
    for (UserId user : change.subjects()) {
      next.computeIfPresent(user, (same, member) -> member.withRole(role));
    }
  }
}
