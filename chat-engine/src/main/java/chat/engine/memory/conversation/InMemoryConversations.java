package chat.engine.memory.conversation;

import chat.engine.Ban;
import chat.engine.Conversation;
import chat.engine.ConversationChange;
import chat.engine.ConversationId;
import chat.engine.Member;
import chat.engine.MemberList;
import chat.engine.Message;
import chat.engine.Page;
import chat.engine.Preferences;
import chat.engine.ReceiptKind;
import chat.engine.Role;
import chat.engine.UserId;
import chat.engine.memory.InMemoryMessageStore;
import chat.engine.spi.AppendOutcome;
import chat.engine.spi.ConversationStore;
import chat.engine.spi.Draft;
import chat.engine.spi.Edit;
import chat.engine.spi.Pin;
import chat.engine.spi.Reaction;
import chat.engine.spi.UserReplacements.Job;
import chat.engine.spi.Write;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The conversations of an {@link InMemoryMessageStore}, and the indexes that spare its reads from
 * looking at all of them; its monitor is the lock of the whole store.
 */
public final class InMemoryConversations implements ConversationStore {
  private record Pair(UserId one, UserId other) {}

  private final Map<ConversationId, StoredConversation> byId = new HashMap<>();
  private final Map<Pair, ConversationId> directs = new HashMap<>();
  private final Map<Key, ConversationId> byKey = new HashMap<>();
  private final Map<ConversationId, Key> keys = new HashMap<>();
  private final Map<UserId, NavigableSet<ConversationId>> byUser = new HashMap<>();

  /** The last change of each conversation that was deleted. */
  private final Map<ConversationId, ConversationChange> deletions = new HashMap<>();

  private final InMemoryPreferences preferences = new InMemoryPreferences(this);
  private final InMemoryBlocks blocks = new InMemoryBlocks(this);
  private final InMemoryInvites invites = new InMemoryInvites(this);
  private final InMemoryReports reports = new InMemoryReports(this);
  private final InMemoryPrivacy privacy = new InMemoryPrivacy(this);
  private final WriteLog log;

  public InMemoryConversations(WriteLog log) {
    this.log = log;
  }

  public InMemoryInvites invites() {
    return invites;
  }

  public InMemoryReports reports() {
    return reports;
  }

  public InMemoryBlocks blocks() {
    return blocks;
  }

  public InMemoryPrivacy privacy() {
    return privacy;
  }

  /** Notes the receipts of a user anew, in the conversations active last; under the lock. */
  void showReceiptsAgain(UserId user, int most) {
    conversationsOf(user).stream()
        .map(id -> Objects.requireNonNull(byId.get(id)))
        .sorted(Comparator.comparing(StoredConversation::activeAt).reversed())
        .limit(most)
        .forEach(stored -> log.receipt(stored.id(), user));
  }

  /** To be used under the lock of the store. */
  public WriteLog log() {
    return log;
  }

  /** To be used under the lock of the store. */
  public Collection<StoredConversation> all() {
    return byId.values();
  }

  public @Nullable StoredConversation find(ConversationId id) {
    return byId.get(id);
  }

  @Override
  public synchronized Conversation openDirect(
      ConversationId proposed, UserId one, UserId other, Instant now) {
    Conversation wanted = Conversation.direct(proposed, one, other, now);
    Pair pair = new Pair(wanted.peers().get(0), wanted.peers().get(1));
    ConversationId existing = directs.putIfAbsent(pair, proposed);
    if (existing != null) {
      return Objects.requireNonNull(byId.get(existing)).conversation();
    }
    create(wanted, Map.of(one, Role.MEMBER, other, Role.MEMBER), now);
    return wanted;
  }

  @Override
  public synchronized Optional<Conversation> openDirectUnlessBlocked(
      ConversationId proposed, UserId one, UserId other, Instant now) {
    List<UserId> peers = Conversation.direct(proposed, one, other, now).peers();
    return findDirect(peers).isEmpty() && (blocks.has(one, other) || blocks.has(other, one))
        ? Optional.empty()
        : Optional.of(openDirect(proposed, one, other, now));
  }

  /** Whether one of the users of a direct conversation has blocked the other. */
  private boolean isBlocked(Conversation conversation) {
    return isBlocked(conversation, true) || isBlocked(conversation, false);
  }

  private boolean isBlocked(Conversation conversation, boolean byFirst) {
    List<UserId> peers = conversation.peers();
    return !peers.isEmpty() && blocks.has(peers.get(byFirst ? 0 : 1), peers.get(byFirst ? 1 : 0));
  }

  /** Whether it was this user; to be asked where {@link #isBlocked(Conversation)} holds. */
  private boolean isBlockedBy(UserId user, Conversation conversation) {
    return isBlocked(conversation, conversation.peers().get(0).equals(user));
  }

  @Override
  public synchronized Conversation createGroup(Conversation proposed, Map<UserId, Role> members) {
    StoredConversation existing = byId.get(proposed.id());
    if (existing != null) {
      return existing.conversation();
    }
    create(proposed, members, proposed.createdAt());
    return proposed;
  }

  @Override
  public synchronized Conversation ensureGroup(
      Key key, Conversation proposed, Map<UserId, Role> members) {
    ConversationId existing = byKey.putIfAbsent(key, proposed.id());
    if (existing != null) {
      return Objects.requireNonNull(byId.get(existing)).conversation();
    }
    keys.put(proposed.id(), key);
    create(proposed, members, proposed.createdAt());
    return proposed;
  }

  /**
   * @param peers in their natural order
   */
  public synchronized Optional<Conversation> findDirect(List<UserId> peers) {
    return Optional.ofNullable(directs.get(new Pair(peers.get(0), peers.get(1))))
        .map(id -> Objects.requireNonNull(byId.get(id)).conversation());
  }

  public synchronized AppendOutcome append(Write write) {
    StoredConversation conversation = byId.get(write.conversation());
    if (conversation == null) {
      return new AppendOutcome.NoSuchConversation();
    }
    AppendOutcome outcome = conversation.write(write, blockOf(write, conversation.conversation()));
    if (outcome instanceof AppendOutcome.Stored stored) {
      log.message(write.conversation(), stored.seq());
    } else if (outcome instanceof AppendOutcome.Changed changed) {
      log.change(write.conversation(), changed.change().rev());
    }
    return outcome;
  }

  /** Null if nobody has blocked, and for what a block does not concern. */
  public synchronized AppendOutcome.@Nullable Blocked blockOf(
      Write write, Conversation conversation) {
    UserId actor = writer(write);
    return actor.isSystem() || !isBlocked(conversation)
        ? null
        : new AppendOutcome.Blocked(isBlockedBy(actor, conversation));
  }

  private static UserId writer(Write write) {
    if (write instanceof Draft draft) {
      return draft.sender();
    }
    if (write instanceof Edit edit) {
      return edit.actor();
    }
    if (write instanceof Reaction reaction) {
      return reaction.actor();
    }
    return write instanceof Pin pin ? pin.actor() : UserId.SYSTEM;
  }

  @Override
  public synchronized Optional<Conversation> find(Key key) {
    return Optional.ofNullable(byKey.get(key))
        .map(id -> Objects.requireNonNull(byId.get(id)).conversation());
  }

  @Override
  public synchronized Optional<Key> keyOf(ConversationId id) {
    return Optional.ofNullable(keys.get(id));
  }

  @Override
  public synchronized Optional<Changed> delete(ConversationId id, UserId actor, Instant now) {
    StoredConversation stored = byId.remove(id);
    if (stored == null) {
      return Optional.empty();
    }
    Conversation conversation = stored.conversation();
    stored.members().forEach(member -> conversationsOf(member.user()).remove(id));
    directs.values().remove(id);
    Key key = keys.remove(id);
    if (key != null) {
      byKey.remove(key);
    }
    invites.forget(id);
    reports.forget(id);
    ConversationChange deletion = stored.deletion(actor, now);
    deletions.put(id, deletion);
    log.change(id, deletion.rev());
    return Optional.of(new Changed(conversation, List.of(deletion)));
  }

  @Override
  public boolean erase(ConversationId deleted, int limit) {
    return false; // they went with the conversation
  }

  @Override
  public List<ConversationId> unerased(int limit) {
    return List.of();
  }

  private void create(Conversation conversation, Map<UserId, Role> members, Instant now) {
    StoredConversation created = new StoredConversation(conversation, members, now);
    byId.put(conversation.id(), created);
    members.keySet().forEach(user -> conversationsOf(user).add(conversation.id()));
    log.change(conversation.id(), 0);
  }

  private Set<ConversationId> conversationsOf(UserId user) {
    return byUser.computeIfAbsent(user, unused -> new TreeSet<>());
  }

  @Override
  public synchronized Map<ConversationId, Found> find(Collection<ConversationId> ids) {
    Map<ConversationId, Found> found = new HashMap<>();
    for (ConversationId id : ids) {
      StoredConversation stored = byId.get(id);
      if (stored != null) {
        found.put(
            id,
            new Found(
                stored.conversation(),
                stored.rev(),
                stored.lastSeq(),
                isBlocked(stored.conversation())));
      }
    }
    return found;
  }

  @Override
  public synchronized Optional<MemberList> members(ConversationId id) {
    return Optional.ofNullable(byId.get(id))
        .map(stored -> new MemberList(stored.membersRev(), List.copyOf(stored.members())));
  }

  @Override
  public synchronized Optional<MemberList> members(
      ConversationId id, @Nullable UserId after, int limit) {
    return Optional.ofNullable(byId.get(id))
        .map(
            stored -> {
              Page<Member> page = Page.of(stored.members(after, limit + 1), limit);
              return new MemberList(stored.membersRev(), page.items(), page.hasMore());
            });
  }

  @Override
  public synchronized Map<ConversationId, Long> readableAfter(
      UserId user, Collection<ConversationId> among) {
    Map<ConversationId, Long> found = new HashMap<>();
    for (ConversationId id : among) {
      StoredConversation stored = byId.get(id);
      if (stored != null && stored.member(user) != null) {
        found.put(id, stored.readableAfter(user));
      }
    }
    return found;
  }

  @Override
  public synchronized Optional<Member> member(ConversationId id, UserId user) {
    return Optional.ofNullable(byId.get(id)).map(stored -> stored.member(user));
  }

  @Override
  public synchronized Optional<Changed> change(
      ConversationId id, long expectedRev, List<Change> changes, UserId actor, Instant now) {
    StoredConversation stored = byId.get(id);
    if (stored == null || stored.membersRev() != expectedRev) {
      return Optional.empty();
    }
    List<ConversationChange> made = stored.change(changes, actor, now);
    log.change(id, stored.rev());
    for (ConversationChange change : made) {
      for (UserId subject : change.subjects()) {
        if (stored.member(subject) != null) {
          conversationsOf(subject).add(id);
        } else {
          conversationsOf(subject).remove(id);
        }
      }
    }
    return Optional.of(new Changed(stored.conversation(), made));
  }

  @Override
  public synchronized List<Ban> bans(
      ConversationId id, @Nullable UserId after, int limit, Instant now) {
    StoredConversation stored = byId.get(id);
    return stored == null
        ? List.of()
        : stored.restrictions().bans(after, now).limit(limit).toList();
  }

  @Override
  public synchronized List<Ban> bans(ConversationId id, Collection<UserId> among, Instant now) {
    StoredConversation stored = byId.get(id);
    return stored == null
        ? List.of()
        : stored.restrictions().bans(null, now).filter(ban -> among.contains(ban.user())).toList();
  }

  @Override
  public synchronized List<ConversationChange> changes(
      ConversationId id, long afterRev, int limit) {
    ConversationChange deletion = deletions.get(id);
    if (deletion != null) {
      return deletion.rev() > afterRev ? List.of(deletion) : List.of();
    }
    StoredConversation stored = byId.get(id);
    return stored == null ? List.of() : stored.changesAfter(afterRev, limit);
  }

  @Override
  public synchronized List<Membership> memberships(UserId user) {
    return memberships(user, null, Integer.MAX_VALUE);
  }

  @Override
  public synchronized List<Membership> memberships(
      UserId user, @Nullable ConversationId after, int limit) {
    NavigableSet<ConversationId> all = byUser.getOrDefault(user, Collections.emptyNavigableSet());
    return (after == null ? all : all.tailSet(after, false))
        .stream().limit(limit).flatMap(id -> membership(user, id).stream()).toList();
  }

  @Override
  public synchronized List<Membership> memberships(UserId user, Collection<ConversationId> among) {
    return among.stream().sorted().distinct().flatMap(id -> membership(user, id).stream()).toList();
  }

  private Optional<Membership> membership(UserId user, ConversationId id) {
    StoredConversation stored = byId.get(id);
    Member member = stored == null ? null : stored.member(user);
    return stored == null || member == null
        ? Optional.empty()
        : Optional.of(
            new Membership(
                stored.conversation(),
                member.role(),
                stored.rev(),
                stored.lastSeq(),
                member.readSeq(),
                member.receivedSeq(),
                stored.activeAt(),
                stored.preferences(user),
                stored.pinCount(),
                member.joinedSeq(),
                stored.firstSeq(),
                stored.retention()));
  }

  @Override
  public synchronized int ownedGroups(UserId user) {
    return (int)
        memberships(user).stream().filter(membership -> membership.role() == Role.OWNER).count();
  }

  @Override
  public synchronized Set<UserId> fellowMembers(UserId user, Set<UserId> others) {
    Set<UserId> fellows = new HashSet<>(others);
    NavigableSet<ConversationId> none = Collections.emptyNavigableSet();
    Set<ConversationId> mine = byUser.getOrDefault(user, none);
    fellows.removeIf(
        other ->
            other.equals(user) || Collections.disjoint(mine, byUser.getOrDefault(other, none)));
    return fellows;
  }

  @Override
  public synchronized Map<ConversationId, Unread> unread(UserId user, List<UnreadRange> ranges) {
    Map<ConversationId, Unread> counts = new HashMap<>();
    for (UnreadRange range : ranges) {
      StoredConversation stored = byId.get(range.conversation());
      counts.put(
          range.conversation(), stored == null ? Unread.NONE : countUnread(stored, range, user));
    }
    return counts;
  }

  private static Unread countUnread(StoredConversation in, UnreadRange range, UserId user) {
    List<Message> unread =
        in.messages(range.afterSeq(), range.upToSeq(), Integer.MAX_VALUE).stream()
            .filter(message -> !message.from().equals(user))
            .filter(message -> !message.deleted() || message.rev() > range.rev())
            .toList();
    return new Unread(
        unread.size(),
        unread.stream().filter(message -> message.mentions().contains(user)).count());
  }

  @Override
  public synchronized List<ReceiptOutcome> moveReceipts(List<ReceiptMove> moves) {
    return moves.stream().map(this::move).toList(); // in order: a move sees those before it
  }

  @Override
  public synchronized List<Receipt> receipts(Map<ConversationId, Set<UserId>> members) {
    List<Receipt> found = new ArrayList<>();
    members.forEach(
        (id, users) -> {
          StoredConversation stored = byId.get(id);
          for (UserId user : users) {
            Member member = stored == null ? null : stored.member(user);
            if (stored != null && member != null) {
              found.add(InMemoryPreferences.receipt(stored, member));
            }
          }
        });
    return found;
  }

  @Override
  public synchronized List<PreferencesOutcome> setPreferences(List<MemberEdit> edits) {
    return edits.stream()
        .map(edit -> preferences.edit(edit, conversationsOf(edit.user())))
        .toList();
  }

  @Override
  public synchronized Set<UserId> muted(
      ConversationId conversation, Set<UserId> users, Instant now) {
    return preferences.muted(conversation, users, now);
  }

  // ---- users who are replaced, under the lock

  /** Whether a user is a member of anything, or has a key. */
  public boolean knows(UserId user) {
    return !byUser.getOrDefault(user, Collections.emptyNavigableSet()).isEmpty()
        || byKey.keySet().stream().anyMatch(key -> key.scope().equals(user));
  }

  /** The conversations, deleted ones too, whose log names a user. */
  public Set<ConversationId> naming(UserId user) {
    Set<ConversationId> found = new HashSet<>();
    byId.forEach(
        (id, stored) -> {
          if (stored.names(user)) {
            found.add(id);
          }
        });
    deletions.forEach(
        (id, deletion) -> {
          if (deletion.subjects().contains(user) || deletion.actor().equals(user)) {
            found.add(id);
          }
        });
    return found;
  }

  public Optional<Changed> replaceMember(Job job, ConversationId id, Instant now) {
    StoredConversation stored = byId.get(id);
    if (stored == null) {
      return Optional.empty();
    }
    List<UserId> peers = stored.conversation().peers();
    List<ConversationChange> made = stored.replaceMember(job, now);
    if (made.isEmpty()) {
      return Optional.empty();
    }
    conversationsOf(job.user()).remove(id);
    if (stored.member(job.replacement()) != null) {
      conversationsOf(job.replacement()).add(id);
    }
    if (!peers.isEmpty()) {
      List<UserId> after = stored.conversation().peers();
      directs.remove(new Pair(peers.get(0), peers.get(1)));
      directs.putIfAbsent(new Pair(after.get(0), after.get(1)), id);
    }
    log.change(id, stored.rev());
    return Optional.of(new Changed(stored.conversation(), made));
  }

  public void replaceRows(Job job, ConversationId id) {
    StoredConversation stored = byId.get(id);
    if (stored != null) {
      stored.replaceUser(job);
    }
    deletions.computeIfPresent(
        id, (same, deletion) -> deletion.withUser(job.user(), job.replacement()));
    invites.replace(id, job.user(), job.replacement());
  }

  public void replaceElsewhere(Job job) {
    UserId replacement = job.erases() ? null : job.replacement();
    blocks.replace(job.user(), replacement);
    reports.replace(job.user(), replacement);
    privacy.replace(job.user(), replacement);
    byUser.remove(job.user());
    log.forget(job.user());
    for (Map.Entry<Key, ConversationId> entry : List.copyOf(byKey.entrySet())) {
      Key key = entry.getKey();
      if (key.scope().equals(job.user())) {
        byKey.remove(key);
        keys.remove(entry.getValue());
        if (!job.erases()) {
          Key renamed = new Key(job.replacement(), key.value());
          byKey.put(renamed, entry.getValue());
          keys.put(entry.getValue(), renamed);
        }
      }
    }
  }

  private ReceiptOutcome move(ReceiptMove move) {
    StoredConversation stored = byId.get(move.conversation());
    Member member = stored == null ? null : stored.member(move.user());
    if (stored == null || member == null) {
      return ReceiptOutcome.NOT_MEMBER;
    }
    if (move.seq() > stored.lastSeq()) {
      return ReceiptOutcome.BEYOND_LAST;
    }
    if (isBlocked(stored.conversation())) {
      return isBlockedBy(member.user(), stored.conversation())
          ? ReceiptOutcome.BLOCKED_BY_MEMBER
          : ReceiptOutcome.BLOCKED_BY_PEER;
    }
    long read =
        move.kind() == ReceiptKind.READ ? Math.max(member.readSeq(), move.seq()) : member.readSeq();
    long received = Math.max(member.receivedSeq(), move.seq());
    boolean moved =
        move.kind() == ReceiptKind.READ ? read > member.readSeq() : received > member.receivedSeq();
    stored.moveReceipts(member, read, received);
    Preferences before = stored.preferences(member.user());
    Preferences after = move.kind() == ReceiptKind.READ ? before.read(move.seq()) : before;
    if (moved || !after.equals(before)) {
      log.receipt(stored.id(), member.user());
    }
    if (!after.equals(before)) {
      stored.setPreferences(member.user(), after);
      return ReceiptOutcome.MARK_ENDED;
    }
    return moved ? ReceiptOutcome.MOVED : ReceiptOutcome.UNCHANGED;
  }
}
