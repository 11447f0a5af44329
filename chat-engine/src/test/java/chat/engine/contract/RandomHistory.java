package chat.engine.contract;

import static org.assertj.core.api.Assertions.assertThat;

import chat.engine.ConversationChange.Kind;
import chat.engine.ConversationId;
import chat.engine.Member;
import chat.engine.MemberList;
import chat.engine.Message;
import chat.engine.MessageEdit;
import chat.engine.ReceiptKind;
import chat.engine.Role;
import chat.engine.UserId;
import chat.engine.spi.ConversationStore;
import chat.engine.spi.ConversationStore.Change;
import chat.engine.spi.ConversationStore.Membership;
import chat.engine.spi.ConversationStore.MembershipSummary;
import chat.engine.spi.ConversationStore.ReceiptMove;
import chat.engine.spi.ConversationStore.Unread;
import chat.engine.spi.ConversationStore.UnreadRange;
import chat.engine.spi.Deletion;
import chat.engine.spi.Draft;
import chat.engine.spi.Edit;
import chat.engine.spi.MessageStore;
import chat.engine.spi.MessageStore.ChangedAfter;
import chat.engine.spi.MessageStore.MessagePlace;
import chat.engine.spi.MessageStore.Range;
import chat.engine.spi.Write;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;

/**
 * Random calls to a store on two nodes and to the model, whose answers must be the same. Few users
 * and conversations, so that retries, conflicts, strangers and stale revs come up often.
 */
final class RandomHistory {
  private final StoreFixture chat;
  private final Random random;
  private final List<MessageStore> nodes;
  private final ScanningModel model = new ScanningModel();
  private final List<UserId> users = new ArrayList<>();
  private final List<ConversationId> known = new ArrayList<>();
  private final List<ConversationId> groups = new ArrayList<>();
  private final List<Draft> drafted = new ArrayList<>();
  private final List<RandomMark> marks = new ArrayList<>();

  /**
   * @param writes how many writes the model had seen when the mark was made
   */
  private record RandomMark(MessageStore.Mark mark, int writes) {}

  RandomHistory(StoreFixture chat, long seed) {
    this.chat = chat;
    this.random = new Random(seed);
    this.nodes = List.of(chat.store(), chat.anotherNode());
    for (int i = 0; i < 5; i++) {
      users.add(chat.user("user" + i));
    }
    mark();
    createGroup();
  }

  void step() {
    switch (random.nextInt(13)) {
      case 0 -> createGroup();
      case 1 -> openDirect();
      case 2, 3 -> change();
      case 4, 5, 6 -> append();
      case 7 -> moveReceipts();
      case 8 -> compareMessages();
      case 9 -> compareSince();
      case 10 -> compareMembers();
      case 11 -> compareReceipts();
      default -> compareUnread();
    }
    if (random.nextInt(4) == 0) {
      mark();
    }
  }

  // ---- calls that change something

  private void createGroup() {
    boolean again = !groups.isEmpty() && random.nextInt(4) == 0;
    ConversationId id = again ? pick(groups) : chat.drafts().conversationId();
    Map<UserId, Role> roles = new HashMap<>();
    for (UserId user : users) {
      if (random.nextBoolean()) {
        roles.put(user, random.nextBoolean() ? Role.ADMIN : Role.MEMBER);
      }
    }
    roles.put(pick(users), Role.OWNER);
    String name = "group " + random.nextInt(3);
    assertThat(conversations().createGroup(id, name, roles, chat.drafts().now()))
        .isEqualTo(model.createGroup(id, name, roles, chat.drafts().now()));
    if (!again) {
      known.add(id);
      groups.add(id);
    }
  }

  private void openDirect() {
    UserId one = pick(users);
    UserId other = pick(users);
    if (one.equals(other)) {
      return;
    }
    ConversationId proposed = chat.drafts().conversationId();
    assertThat(conversations().openDirect(proposed, one, other, chat.drafts().now()))
        .isEqualTo(model.openDirect(proposed, one, other, chat.drafts().now()));
    known.add(proposed);
  }

  private void change() {
    ConversationId group = random.nextInt(20) == 0 ? chat.drafts().conversationId() : pick(groups);
    long rev = model.membersRev(group) - (random.nextInt(5) == 0 ? 1 : 0);
    Set<UserId> inside =
        new HashSet<>(model.members(group).map(MemberList::users).orElse(List.of()));
    List<Change> changes = new ArrayList<>();
    int count = 1 + random.nextInt(4);
    for (int i = 0; i < count; i++) {
      changes.add(possibleChange(inside));
    }
    UserId actor = random.nextBoolean() ? pick(users) : UserId.SYSTEM;
    assertThat(conversations().change(group, rev, changes, actor, chat.drafts().now()))
        .isEqualTo(model.change(group, rev, changes, actor, chat.drafts().now()));
  }

  /** A change that makes sense for these members, and what it makes of them. */
  private Change possibleChange(Set<UserId> inside) {
    UserId user = pick(users);
    if (random.nextInt(4) == 0) {
      return StoreFixture.renamed("name " + random.nextInt(5));
    }
    if (random.nextInt(8) == 0) {
      return Change.attributesSet(random.nextBoolean() ? null : "attributes " + random.nextInt(5));
    }
    if (random.nextInt(4) == 0) {
      List<UserId> all = users.stream().filter(inside::add).toList();
      if (!all.isEmpty()) {
        return new Change(Kind.ADDED, all, pick(List.of(Role.values())), null);
      }
      inside.clear();
      return StoreFixture.removed(users.toArray(UserId[]::new));
    }
    if (inside.add(user)) {
      return new Change(Kind.ADDED, List.of(user), pick(List.of(Role.values())), null);
    }
    if (random.nextBoolean()) {
      return StoreFixture.roleSet(user, pick(List.of(Role.values())));
    }
    inside.remove(user);
    return StoreFixture.removed(user);
  }

  private void append() {
    List<Write> batch = new ArrayList<>();
    int count = 1 + random.nextInt(12);
    boolean mixed = random.nextBoolean();
    for (int i = 0; i < count; i++) {
      if (mixed && random.nextBoolean()) {
        batch.add(messageChange());
        continue;
      }
      boolean retry = !drafted.isEmpty() && random.nextInt(5) == 0;
      Draft draft = retry ? chat.drafts().retryOf(pick(drafted)) : newDraft();
      drafted.add(draft);
      batch.add(draft);
    }
    boolean ofOne = batch.stream().map(Write::conversation).distinct().count() == 1;
    assertThat(node().append(batch, ofOne ? Duration.ofSeconds(5) : Duration.ZERO))
        .isEqualTo(model.append(batch));
  }

  private Write messageChange() {
    ConversationId conversation =
        random.nextInt(20) == 0 ? chat.drafts().conversationId() : pick(known);
    UserId actor = random.nextInt(8) == 0 ? UserId.SYSTEM : pick(users);
    // Few messages and few texts, so that changes of the same and repeated ones come up often;
    // above the last message, too, where the batch may send one before.
    long seq = random.nextInt((int) model.lastSeq(conversation) + 3);
    Instant at = chat.drafts().now().plusMillis(random.nextInt(1_000));
    if (random.nextInt(4) == 0) {
      Set<Role> othersBy = random.nextBoolean() ? Set.of(Role.OWNER, Role.ADMIN) : Set.of();
      return new Deletion(conversation, seq, actor, othersBy, at);
    }
    boolean plain = random.nextBoolean();
    MessageEdit content =
        new MessageEdit(
            "edited " + random.nextInt(3),
            plain ? List.of() : List.of(pick(users)),
            plain ? null : "attributes");
    return new Edit(conversation, seq, actor, content, at, random.nextInt(3) > 0);
  }

  private Draft newDraft() {
    ConversationId conversation =
        random.nextInt(20) == 0 ? chat.drafts().conversationId() : pick(known);
    UserId sender = random.nextInt(8) == 0 ? UserId.SYSTEM : pick(users);
    Drafts.Builder draft = chat.drafts().draft(conversation, sender);
    if (random.nextInt(5) == 0) {
      draft.clientMessageId("shared " + random.nextInt(5)).text("text " + random.nextInt(2));
    }
    if (random.nextInt(4) == 0) {
      draft
          .replyTo(1 + random.nextInt(5))
          .mentions(pick(users))
          .attributes("a\n" + random.nextInt());
    }
    boolean member =
        model.members(conversation).map(MemberList::users).orElse(List.of()).contains(sender);
    long rev = model.membersRev(conversation);
    // A stranger is never said to be verified under the present rev: that would be a lie.
    if (random.nextBoolean() && (member || rev > 0)) {
      draft.verifiedRev(member ? rev : rev - 1);
    }
    return draft.build();
  }

  private void moveReceipts() {
    List<ReceiptMove> moves = new ArrayList<>();
    int count = 1 + random.nextInt(8);
    for (int i = 0; i < count; i++) {
      ConversationId conversation = pick(known);
      ReceiptKind kind = random.nextBoolean() ? ReceiptKind.READ : ReceiptKind.RECEIVED;
      long seq = random.nextInt((int) model.lastSeq(conversation) + 2);
      moves.add(new ReceiptMove(conversation, pick(users), kind, seq));
    }
    assertThat(conversations().moveReceipts(moves))
        .isEqualTo(moves.stream().map(model::move).toList());
  }

  // ---- calls that only read

  private void compareMessages() {
    ConversationId conversation = pick(known);
    int last = (int) model.lastSeq(conversation);
    int seq = random.nextInt(last + 2);
    int limit = 1 + random.nextInt(last + 2);
    assertThat(node().after(conversation, seq, limit))
        .isEqualTo(model.after(conversation, seq, limit));
    assertThat(node().before(conversation, seq, limit))
        .isEqualTo(model.before(conversation, seq, limit));
    List<Range> ranges = randomRanges();
    Map<ConversationId, List<Message>> expected = new HashMap<>();
    ranges.forEach(range -> expected.put(range.conversation(), model.range(range)));
    assertThat(node().ranges(ranges)).isEqualTo(expected);
    List<ChangedAfter> pieces =
        ranges.stream()
            .map(
                range ->
                    new ChangedAfter(
                        range.conversation(),
                        random.nextInt((int) model.rev(range.conversation()) + 1),
                        range.upToSeq(),
                        range.limit()))
            .toList();
    Map<ConversationId, List<Message>> changed = new HashMap<>();
    pieces.forEach(piece -> changed.put(piece.conversation(), model.changed(piece)));
    assertThat(node().changed(pieces)).isEqualTo(changed);
    long after = random.nextInt(3);
    for (long one = 0; one <= last + 1; one++) {
      assertThat(node().versions(new MessagePlace(conversation, one), after, limit))
          .isEqualTo(model.versions(conversation, one, after, limit));
    }
  }

  private List<Range> randomRanges() {
    List<Range> ranges = new ArrayList<>();
    for (ConversationId conversation : new HashSet<>(known)) {
      if (random.nextBoolean()) {
        int last = (int) model.lastSeq(conversation);
        long after = random.nextInt(last + 1);
        long upTo = random.nextInt(last + 3);
        ranges.add(new Range(conversation, after, upTo, 1 + random.nextInt(last + 1)));
      }
    }
    return ranges;
  }

  private void compareSince() {
    RandomMark mark = pick(marks);
    MessageStore.Writes writes = node().writesSince(mark.mark());
    assertThat(writes.complete()).isTrue();
    assertThat(onlyKnown(writes.lastSeqs())).isEqualTo(model.lastSeqsSince(mark.writes()));
    assertThat(onlyKnown(writes.revs())).isEqualTo(model.revsSince(mark.writes()));
    assertThat(onlyKnown(writes.receipts())).isEqualTo(model.receiptsSince(mark.writes()));
    Map<ConversationId, Long> lastSeqs = new HashMap<>();
    for (ConversationId id : known) {
      model.conversation(id).ifPresent(c -> lastSeqs.put(id, model.lastSeq(id)));
    }
    assertThat(node().lastSeqs(known)).isEqualTo(lastSeqs);
  }

  private <T> Map<ConversationId, T> onlyKnown(Map<ConversationId, T> told) {
    Map<ConversationId, T> kept = new HashMap<>(told);
    kept.keySet().retainAll(known); // the store may be shared with other tests
    return kept;
  }

  private void mark() {
    marks.add(new RandomMark(node().writesSince(null).mark(), model.writes()));
  }

  private void compareReceipts() {
    Map<ConversationId, Set<UserId>> wanted = new HashMap<>();
    for (ConversationId conversation : known) {
      if (random.nextInt(3) == 0) {
        wanted.put(conversation, Set.of(pick(users), chat.user("stranger")));
      }
    }
    assertThat(conversations().receipts(wanted))
        .containsExactlyInAnyOrderElementsOf(model.receipts(wanted));
  }

  private void compareMembers() {
    ConversationId conversation = pick(known);
    Optional<MemberList> expected = model.members(conversation);
    assertThat(conversations().members(conversation).map(RandomHistory::sorted))
        .isEqualTo(expected);
    UserId user = pick(users);
    assertThat(conversations().member(conversation, user))
        .isEqualTo(
            expected.flatMap(
                list -> list.members().stream().filter(m -> m.user().equals(user)).findFirst()));
    List<Membership> memberships = new ArrayList<>(conversations().memberships(user));
    memberships.sort((a, b) -> a.conversation().id().compareTo(b.conversation().id()));
    assertThat(memberships).isEqualTo(model.memberships(user));
    assertThat(conversations().summaries(user))
        .isEqualTo(memberships.stream().map(MembershipSummary::of).toList());
    ConversationId after = pick(known);
    int most = 1 + random.nextInt(3);
    assertThat(conversations().memberships(user, after, most))
        .isEqualTo(
            model.memberships(user).stream()
                .filter(m -> m.conversation().id().compareTo(after) > 0)
                .limit(most)
                .toList());
    int limit = 1 + random.nextInt(5);
    long rev = random.nextInt((int) model.rev(conversation) + 1);
    assertThat(conversations().changes(conversation, rev, limit))
        .isEqualTo(model.changes(conversation, rev, limit));
    assertThat(conversations().find(List.of(conversation)).values().stream().findFirst())
        .isEqualTo(
            model
                .conversation(conversation)
                .map(
                    c -> new ConversationStore.Found(c, model.rev(c.id()), model.lastSeq(c.id()))));
  }

  private static MemberList sorted(MemberList list) {
    List<Member> members = new ArrayList<>(list.members());
    members.sort((a, b) -> a.user().compareTo(b.user()));
    return new MemberList(list.rev(), members);
  }

  private void compareUnread() {
    UserId user = pick(users);
    List<UnreadRange> ranges =
        randomRanges().stream()
            .map(
                one ->
                    new UnreadRange(
                        one.conversation(),
                        one.afterSeq(),
                        one.upToSeq(),
                        random.nextLong(model.rev(one.conversation()) + 1)))
            .toList();
    Map<ConversationId, Unread> expected = new HashMap<>();
    ranges.forEach(range -> expected.put(range.conversation(), model.unread(user, range)));
    assertThat(conversations().unread(user, ranges)).isEqualTo(expected);
  }

  // ---- in short

  private MessageStore node() {
    return pick(nodes);
  }

  private ConversationStore conversations() {
    return node().conversations();
  }

  private <T> T pick(List<T> from) {
    return from.get(random.nextInt(from.size()));
  }
}
