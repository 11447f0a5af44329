package chat.engine.contract;

import static org.assertj.core.api.Assertions.assertThat;

import chat.engine.ConversationId;
import chat.engine.Member;
import chat.engine.MemberList;
import chat.engine.ReceiptKind;
import chat.engine.Role;
import chat.engine.UserId;
import chat.engine.spi.ConversationStore;
import chat.engine.spi.ConversationStore.Membership;
import chat.engine.spi.Deletion;
import chat.engine.spi.Draft;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Lists that are read a page at a time: the members of a conversation, a user's conversations. */
interface PageContract extends StoreTests {

  // ---- members

  @Test
  default void thePagesOfTheMembersTogetherAreTheWholeListInItsOrder() {
    ConversationId group = groupOf(23);

    MemberList whole = chat().conversations().members(group).orElseThrow();
    List<Member> inPages = new ArrayList<>();
    UserId after = null;
    boolean more = true;
    while (more) {
      MemberList page = chat().anotherNode().conversations().members(group, after, 5).orElseThrow();
      assertThat(page.members()).hasSize(page.hasMore() ? 5 : 3);
      inPages.addAll(page.members());
      after = inPages.get(inPages.size() - 1).user();
      more = page.hasMore();
    }

    assertThat(whole.hasMore()).isFalse();
    assertThat(whole.members()).hasSize(23);
    assertThat(inPages).isEqualTo(whole.members());
  }

  /** UTF-16, as Java compares, would put the emoji before the full-width letter. */
  @Test
  default void membersAscendByTheBytesOfTheirIds() {
    List<UserId> users =
        new ArrayList<>(
            List.of(
                chat().user("\uff41"),
                chat().user("\ud83d\ude00"),
                chat().user("a"),
                chat().user("B"),
                chat().user("\u00e4"),
                chat().user("a\ud83d\ude00"),
                chat().user("a\uff41")));
    Collections.shuffle(users);
    ConversationId group =
        chat().group(users.get(0), users.subList(1, users.size()).toArray(UserId[]::new));

    List<UserId> sorted = new ArrayList<>(users);
    sorted.sort(
        (one, other) ->
            Arrays.compareUnsigned(
                one.value().getBytes(StandardCharsets.UTF_8),
                other.value().getBytes(StandardCharsets.UTF_8)));
    assertThat(chat().conversations().members(group).orElseThrow().users()).isEqualTo(sorted);
    for (int i = 0; i < sorted.size() - 1; i++) {
      assertThat(chat().conversations().members(group, sorted.get(i), 1).orElseThrow().users())
          .containsExactly(sorted.get(i + 1));
    }
  }

  @Test
  default void aPageOfMembersSaysItsRevAndWhetherThereAreMore() {
    ConversationId group = groupOf(3);
    UserId gone = member(1);
    chat().change(group, StoreFixture.removed(gone), StoreFixture.renamed("three"));

    assertThat(page(group, null, 2).rev()).isEqualTo(2);
    assertThat(page(group, null, 2).hasMore()).as("exactly as many as there are").isFalse();
    assertThat(page(group, null, 1).hasMore()).isTrue();
    assertThat(page(group, gone, 9).users())
        .as("behind one who is gone")
        .containsExactly(member(2));
    MemberList behindAll = page(group, member(2), 9);
    assertThat(behindAll.rev()).isEqualTo(2);
    assertThat(behindAll.members()).isEmpty();
    assertThat(behindAll.hasMore()).isFalse();
    chat().change(group, StoreFixture.removed(member(0)), StoreFixture.removed(member(2)));
    assertThat(page(group, null, 9)).isEqualTo(new MemberList(4, List.of()));
    ConversationId unknown = chat().drafts().conversationId();
    assertThat(chat().conversations().members(unknown, null, 9)).isEmpty();
  }

  private MemberList page(ConversationId group, UserId after, int limit) {
    return chat().conversations().members(group, after, limit).orElseThrow();
  }

  private UserId member(int number) {
    return chat().user("member%02d".formatted(number));
  }

  private ConversationId groupOf(int size) {
    Map<UserId, Role> roles = new HashMap<>();
    for (int i = 0; i < size; i++) {
      roles.put(member(i), i == 0 ? Role.OWNER : Role.MEMBER);
    }
    ConversationId id = chat().drafts().conversationId();
    chat().conversations().createGroup(id, "a group", roles, chat().drafts().now());
    return id;
  }

  // ---- conversations

  @Test
  default void thePagesOfAUsersConversationsTogetherAreTheWholeListAscendingById() {
    UserId ada = chat().user("ada");
    List<ConversationId> ids = new ArrayList<>();
    for (int i = 0; i < 11; i++) {
      ids.add(i % 3 == 0 ? chat().direct(ada, chat().user("peer" + i)).id() : chat().group(ada));
      chat().group(chat().user("stranger"));
    }
    chat().send(ids.get(4), ada, 2);
    chat().change(ids.get(4), StoreFixture.renamed("four"));

    List<Membership> whole = chat().conversations().memberships(ada);
    List<Membership> inPages = new ArrayList<>();
    ConversationId after = null;
    List<Membership> page;
    do {
      page = chat().anotherNode().conversations().memberships(ada, after, 4);
      inPages.addAll(page);
      after = inPages.get(inPages.size() - 1).conversation().id();
    } while (page.size() == 4);

    assertThat(whole).extracting(membership -> membership.conversation().id()).isEqualTo(ids);
    assertThat(inPages).isEqualTo(whole);
  }

  @Test
  default void aPageOfConversationsBeginsBehindOneThatIsNoLongerTheUsers() {
    UserId ada = chat().user("ada");
    ConversationId first = chat().group(ada);
    ConversationId left = chat().group(chat().user("bob"), ada);
    ConversationId last = chat().group(ada);
    chat().change(left, StoreFixture.removed(ada));

    assertThat(ids(chat().conversations().memberships(ada, first, 5))).containsExactly(last);
    assertThat(ids(chat().conversations().memberships(ada, left, 5))).containsExactly(last);
    assertThat(chat().conversations().memberships(ada, last, 5)).isEmpty();
    assertThat(ids(chat().conversations().memberships(ada, null, 1))).containsExactly(first);
    assertThat(chat().conversations().memberships(chat().user("nobody"), null, 5)).isEmpty();
  }

  private static List<ConversationId> ids(List<Membership> memberships) {
    return memberships.stream().map(membership -> membership.conversation().id()).toList();
  }

  @Test
  default void someConversationsOfAUserAreTheSameAsInTheList() {
    UserId ada = chat().user("ada");
    ConversationId group = chat().group(chat().user("bob"), ada);
    chat().group(ada);
    ConversationId third = chat().group(ada);
    chat().send(group, ada, 3);
    chat().change(group, StoreFixture.roleSet(ada, Role.ADMIN));
    chat()
        .conversations()
        .moveReceipts(List.of(new ConversationStore.ReceiptMove(group, ada, ReceiptKind.READ, 2)));

    List<ConversationId> asked = List.of(third, chat().drafts().conversationId(), group);
    List<Membership> found = chat().anotherNode().conversations().memberships(ada, asked);
    List<Membership> all = chat().conversations().memberships(ada);
    assertThat(found).as("ascending by id").containsExactly(all.get(0), all.get(2));
    assertThat(found.get(0).readSeq()).isEqualTo(2);
    assertThat(chat().conversations().memberships(chat().user("eve"), asked)).isEmpty();
    assertThat(chat().conversations().memberships(ada, List.of())).isEmpty();
    chat().change(group, StoreFixture.removed(ada));
    assertThat(ids(chat().conversations().memberships(ada, asked))).containsExactly(third);
  }

  @Test
  default void aConversationIsActiveWhenItsNewestMessageWasTakenIn() {
    UserId ada = chat().user("ada");
    ConversationId group = chat().group(ada);
    assertThat(activeAt(ada, group)).isEqualTo(chat().drafts().now());
    Draft first = chat().drafts().text(group, ada, "one");
    Draft second = at(chat().drafts().text(group, ada, "two"), first.createdAt().plusSeconds(5));
    chat().store().append(List.of(first, second), Duration.ZERO);
    assertThat(activeAt(ada, group)).isEqualTo(second.createdAt());

    chat().store().append(List.of(chat().drafts().deletion(group, 2, ada)), Duration.ZERO);
    assertThat(activeAt(ada, group)).as("a deletion is no news").isEqualTo(second.createdAt());

    Instant later = first.createdAt().plusSeconds(9);
    Draft third = at(chat().drafts().text(group, ada, "three"), later);
    Deletion deletion = chat().drafts().deletion(group, 1, ada);
    chat().store().append(List.of(deletion, third), Duration.ZERO);
    assertThat(activeAt(ada, group)).isEqualTo(later);
  }

  private Instant activeAt(UserId user, ConversationId id) {
    return chat().anotherNode().conversations().memberships(user, List.of(id)).get(0).activeAt();
  }

  private static Draft at(Draft draft, Instant createdAt) {
    return Draft.of(
        draft.id(),
        draft.conversation(),
        draft.sender(),
        draft.content(),
        draft.contentHash(),
        createdAt,
        draft.verifiedRev());
  }
}
