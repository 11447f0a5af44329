package chat.engine.contract;

import static org.assertj.core.api.Assertions.assertThat;

import chat.engine.Conversation;
import chat.engine.ConversationId;
import chat.engine.ConversationKind;
import chat.engine.Member;
import chat.engine.MemberList;
import chat.engine.Role;
import chat.engine.UserId;
import chat.engine.spi.ConversationStore;
import chat.engine.spi.ConversationStore.Found;
import chat.engine.spi.ConversationStore.Membership;
import chat.engine.spi.ConversationStore.Unread;
import chat.engine.spi.ConversationStore.UnreadRange;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Conversations as they are created, found and listed; unread counts. */
interface ConversationContract extends StoreTests {

  // ---- direct

  @Test
  default void aDirectConversationHasItsTwoUsersAsMembers() {
    UserId ada = chat().user("ada");
    UserId bob = chat().user("bob");
    ConversationId proposed = chat().drafts().conversationId();
    Instant now = chat().drafts().now();

    Conversation direct = chat().conversations().openDirect(proposed, bob, ada, now);

    assertThat(direct)
        .isEqualTo(
            new Conversation(proposed, ConversationKind.DIRECT, null, List.of(ada, bob), now));
    MemberList members = chat().conversations().members(proposed).orElseThrow();
    assertThat(members.rev()).isZero();
    assertThat(members.members())
        .containsExactlyInAnyOrder(
            new Member(ada, Role.MEMBER, now, 0, 0, 0, 0),
            new Member(bob, Role.MEMBER, now, 0, 0, 0, 0));
    assertThat(chat().conversations().find(List.of(proposed)))
        .containsExactly(Map.entry(proposed, new Found(direct, 0, 0)));
  }

  @Test
  default void openingADirectConversationAgainGivesTheFirstFromBothSidesAndOnEveryNode() {
    UserId ada = chat().user("ada");
    UserId bob = chat().user("bob");
    Conversation first = chat().direct(ada, bob);
    chat().send(first.id(), ada, 2);
    Instant later = chat().drafts().now().plusSeconds(5);
    ConversationId other = chat().drafts().conversationId();

    ConversationStore otherNode = chat().anotherNode().conversations();
    assertThat(otherNode.openDirect(other, ada, bob, later)).isEqualTo(first);
    assertThat(otherNode.openDirect(other, bob, ada, later)).isEqualTo(first);
    assertThat(otherNode.find(List.of(other))).isEmpty();
    assertThat(otherNode.memberships(ada)).hasSize(1);
    assertThat(chat().messages(first.id())).hasSize(2);
  }

  @Test
  default void eachPairOfUsersHasADirectConversationOfItsOwn() {
    UserId ada = chat().user("ada");
    UserId bob = chat().user("bob");
    UserId eve = chat().user("eve");
    UserId otherAda = chat().user("Ada");

    assertThat(
            List.of(
                chat().direct(ada, bob).id(),
                chat().direct(ada, eve).id(),
                chat().direct(eve, bob).id(),
                chat().direct(otherAda, bob).id(),
                chat().direct(otherAda, ada).id()))
        .doesNotHaveDuplicates();
  }

  @Test
  default void pairsWhoseNamesReadTheSameWhenJoinedAreStillDifferentPairs() {
    UserId a = chat().user("a");
    List<ConversationId> directs =
        List.of(
            chat().direct(UserId.of(a + ":b"), UserId.of("c")).id(),
            chat().direct(a, UserId.of("b:c")).id(),
            chat().direct(a, UserId.of(":b:c")).id(),
            chat().direct(UserId.of(a + ":b:"), UserId.of("c")).id());

    assertThat(directs).doesNotHaveDuplicates();
  }

  @Test
  @Tag(Together.TAG)
  default void everybodyWhoOpensADirectConversationAtTheSameTimeGetsTheSame() throws Exception {
    ConversationStore otherNode = chat().anotherNode().conversations();
    for (int round = 0; round < 10; round++) {
      UserId ada = chat().user("ada" + round);
      UserId bob = chat().user("bob" + round);
      List<Conversation> opened =
          Together.run(
              8,
              task -> {
                ConversationId proposed = chat().drafts().conversationId();
                ConversationStore node = task % 2 == 0 ? otherNode : chat().conversations();
                return () ->
                    task % 3 == 0
                        ? node.openDirect(proposed, ada, bob, chat().drafts().now())
                        : node.openDirect(proposed, bob, ada, chat().drafts().now());
              });

      assertThat(opened).containsOnly(opened.get(0));
      assertThat(otherNode.memberships(bob)).hasSize(1);
    }
  }

  // ---- groups

  @Test
  default void aGroupBeginsWithItsMembersAndTheirRolesAtRevZero() {
    UserId ada = chat().user("ada");
    UserId bob = chat().user("bob");
    UserId eve = chat().user("eve");
    ConversationId id = chat().drafts().conversationId();
    Instant now = chat().drafts().now();
    String name = "  Gr\u00fc\u00dfe \ud83d\ude00 'n' \"co\" ";

    Conversation group =
        chat()
            .conversations()
            .createGroup(id, name, Map.of(ada, Role.OWNER, bob, Role.ADMIN, eve, Role.MEMBER), now);

    assertThat(group).isEqualTo(new Conversation(id, ConversationKind.GROUP, name, List.of(), now));
    assertThat(chat().anotherNode().conversations().find(List.of(id)))
        .containsExactly(Map.entry(id, new Found(group, 0, 0)));
    MemberList members = chat().conversations().members(id).orElseThrow();
    assertThat(members.rev()).isZero();
    assertThat(members.members())
        .containsExactlyInAnyOrder(
            new Member(ada, Role.OWNER, now, 0, 0, 0, 0),
            new Member(bob, Role.ADMIN, now, 0, 0, 0, 0),
            new Member(eve, Role.MEMBER, now, 0, 0, 0, 0));
    assertThat(chat().conversations().changes(id, 0, 10)).isEmpty();
  }

  @Test
  default void creatingAGroupAgainChangesNothing() {
    UserId ada = chat().user("ada");
    UserId bob = chat().user("bob");
    ConversationId id = chat().group(ada);
    chat().change(id, StoreFixture.renamed("renamed"), StoreFixture.added(bob));
    Conversation before = chat().conversations().find(List.of(id)).get(id).conversation();

    Conversation again =
        chat()
            .anotherNode()
            .conversations()
            .createGroup(
                id,
                "another name",
                Map.of(chat().user("eve"), Role.OWNER),
                chat().drafts().now().plusSeconds(1));

    assertThat(again).isEqualTo(before);
    MemberList members = chat().conversations().members(id).orElseThrow();
    assertThat(members.rev()).isEqualTo(2);
    assertThat(members.users()).containsExactlyInAnyOrder(ada, bob);
  }

  @Test
  @Tag(Together.TAG)
  default void whoeverCreatesTheSameGroupAtTheSameTimeGetsTheSameGroup() throws Exception {
    ConversationStore otherNode = chat().anotherNode().conversations();
    for (int round = 0; round < 5; round++) {
      ConversationId id = chat().drafts().conversationId();
      Map<UserId, Role> members =
          IntStream.range(0, 50)
              .boxed()
              .collect(
                  Collectors.toMap(
                      i -> chat().user("u" + i), i -> i == 0 ? Role.OWNER : Role.MEMBER));
      List<Conversation> created =
          Together.run(
              6,
              task ->
                  () ->
                      (task % 2 == 0 ? otherNode : chat().conversations())
                          .createGroup(id, "name " + task, members, chat().drafts().now()));

      assertThat(created).containsOnly(created.get(0));
      assertThat(otherNode.members(id).orElseThrow().users())
          .containsExactlyInAnyOrderElementsOf(members.keySet());
    }
  }

  @Test
  default void twoGroupsMayHaveTheSameName() {
    UserId ada = chat().user("ada");

    assertThat(chat().group(ada)).isNotEqualTo(chat().group(ada));
    assertThat(chat().conversations().memberships(ada)).hasSize(2);
  }

  @Test
  default void aGroupOfTenThousandMembersIsCreatedAndUsed() {
    UserId owner = chat().user("u0");
    Map<UserId, Role> members = new HashMap<>();
    for (int i = 0; i < 10_000; i++) {
      members.put(chat().user("u" + i), i == 0 ? Role.OWNER : Role.MEMBER);
    }
    ConversationId id = chat().drafts().conversationId();
    chat().conversations().createGroup(id, "all", members, chat().drafts().now());

    MemberList list = chat().conversations().members(id).orElseThrow();
    assertThat(list.members()).hasSize(10_000);
    assertThat(list.members().stream().collect(Collectors.toMap(Member::user, Member::role)))
        .isEqualTo(members);
    chat().send(id, chat().user("u9999"), 1);
    chat().change(id, StoreFixture.removed(chat().user("u5000")));
    assertThat(chat().conversations().members(id).orElseThrow().users())
        .hasSize(9_999)
        .contains(owner)
        .doesNotContain(chat().user("u5000"));
  }

  // ---- finding

  @Test
  default void findGivesThePresentStateOfThoseThatExist() {
    UserId ada = chat().user("ada");
    ConversationId group = chat().group(ada);
    Conversation direct = chat().direct(ada, chat().user("bob"));
    chat().send(group, ada, 3);
    chat().change(group, StoreFixture.renamed("one"), StoreFixture.renamed("two"));
    ConversationId unknown = chat().drafts().conversationId();

    assertThat(chat().conversations().find(List.of(direct.id(), unknown, group, group)))
        .containsExactlyInAnyOrderEntriesOf(
            Map.of(
                group,
                new Found(Conversation.group(group, "two", chat().drafts().now()), 2, 3),
                direct.id(),
                new Found(direct, 0, 0)));
    assertThat(chat().conversations().find(List.of())).isEmpty();
    assertThat(chat().conversations().find(List.of(unknown))).isEmpty();
  }

  @Test
  default void thereAreNoMembersOfWhatDoesNotExist() {
    ConversationId unknown = chat().drafts().conversationId();

    assertThat(chat().conversations().members(unknown)).isEmpty();
    assertThat(chat().conversations().member(unknown, chat().user("ada"))).isEmpty();
  }

  @Test
  default void oneMemberIsFoundAndAStrangerIsNot() {
    UserId ada = chat().user("ada");
    UserId bob = chat().user("bob");
    ConversationId group = chat().group(ada, bob);
    ConversationId direct = chat().direct(ada, bob).id();
    Instant now = chat().drafts().now();

    assertThat(chat().conversations().member(group, ada))
        .contains(new Member(ada, Role.OWNER, now, 0, 0, 0, 0));
    assertThat(chat().conversations().member(group, bob))
        .contains(new Member(bob, Role.MEMBER, now, 0, 0, 0, 0));
    assertThat(chat().conversations().member(direct, bob))
        .contains(new Member(bob, Role.MEMBER, now, 0, 0, 0, 0));
    assertThat(chat().conversations().member(group, chat().user("eve"))).isEmpty();
    assertThat(chat().conversations().member(group, chat().user("Ada"))).isEmpty();
    assertThat(chat().conversations().member(group, UserId.SYSTEM)).isEmpty();
  }

  // ---- memberships

  @Test
  default void aUsersMembershipsTellWhereEachConversationStands() {
    UserId ada = chat().user("ada");
    UserId bob = chat().user("bob");
    ConversationId group = chat().group(ada, bob);
    Conversation direct = chat().direct(ada, bob);
    ConversationId foreign = chat().group(ada);
    chat().send(foreign, ada, 1);
    chat().send(group, ada, 5);
    chat().send(direct.id(), bob, 2);
    chat().change(group, StoreFixture.renamed("name"), StoreFixture.roleSet(bob, Role.ADMIN));
    chat()
        .conversations()
        .moveReceipts(
            List.of(
                new ConversationStore.ReceiptMove(group, bob, chat.engine.ReceiptKind.READ, 3),
                new ConversationStore.ReceiptMove(
                    group, bob, chat.engine.ReceiptKind.RECEIVED, 4)));

    assertThat(chat().anotherNode().conversations().memberships(bob))
        .containsExactlyInAnyOrder(
            new Membership(
                Conversation.group(group, "name", chat().drafts().now()),
                Role.ADMIN,
                2,
                5,
                3,
                4,
                newest(group)),
            new Membership(direct, Role.MEMBER, 0, 2, 0, 0, newest(direct.id())));
  }

  private Instant newest(ConversationId id) {
    return chat().store().before(id, Long.MAX_VALUE, 1).get(0).createdAt();
  }

  @Test
  default void aUserWhoIsInNoConversationHasNoMemberships() {
    assertThat(chat().conversations().memberships(chat().user("nobody"))).isEmpty();
    assertThat(chat().conversations().memberships(UserId.SYSTEM)).isEmpty();
  }

  @Test
  default void fellowMembersAreThoseOfDirectConversationsAndGroupsAsLongAsTheyAreIn() {
    UserId ada = chat().user("ada");
    UserId bob = chat().user("bob");
    UserId carol = chat().user("carol");
    UserId dan = chat().user("dan");
    UserId eve = chat().user("eve");
    chat().direct(ada, bob);
    ConversationId group = chat().group(ada, bob, carol, dan);
    chat().group(bob, eve);
    Set<UserId> others = Set.of(ada, bob, carol, dan, eve, chat().user("nobody"));

    ConversationStore elsewhere = chat().anotherNode().conversations();
    assertThat(elsewhere.fellowMembers(ada, others)).containsExactlyInAnyOrder(bob, carol, dan);
    assertThat(elsewhere.fellowMembers(ada, Set.of(dan, eve))).containsExactly(dan);
    assertThat(elsewhere.fellowMembers(ada, Set.of())).isEmpty();
    chat().change(group, StoreFixture.removed(carol));
    assertThat(elsewhere.fellowMembers(ada, others)).containsExactlyInAnyOrder(bob, dan);
    assertThat(elsewhere.fellowMembers(carol, others)).isEmpty();
  }

  // ---- unread

  @Test
  default void unreadCountsTheMessagesOfOthersInEachRange() {
    UserId ada = chat().user("ada");
    UserId bob = chat().user("bob");
    ConversationId group = chat().group(ada, bob);
    ConversationId other = chat().group(ada, bob);
    chat().send(group, ada, 2);
    chat().send(group, bob, 3);
    chat().send(group, UserId.SYSTEM, 1);
    chat().send(group, ada, 1);
    chat().send(other, bob, 4);
    ConversationId empty = chat().group(ada, bob);

    assertThat(unread(ada, new UnreadRange(group, 0, 7, 0))).isEqualTo(4);
    assertThat(unread(bob, new UnreadRange(group, 0, 7, 0))).isEqualTo(4);
    assertThat(unread(bob, new UnreadRange(group, 1, 6, 0))).isEqualTo(2);
    assertThat(unread(bob, new UnreadRange(group, 0, Long.MAX_VALUE, 0))).isEqualTo(4);
    assertThat(unread(chat().user("Bob"), new UnreadRange(other, 0, 4, 0))).isEqualTo(4);
    assertThat(
            chat()
                .conversations()
                .unread(
                    bob,
                    List.of(
                        new UnreadRange(other, 0, 4, 0),
                        new UnreadRange(group, 6, 7, 0),
                        new UnreadRange(empty, 0, 10, 0))))
        .containsExactlyInAnyOrderEntriesOf(
            Map.of(other, Unread.NONE, group, new Unread(1, 0), empty, Unread.NONE));
    assertThat(chat().conversations().unread(bob, List.of())).isEmpty();
  }

  private long unread(UserId user, UnreadRange range) {
    return chat().conversations().unread(user, List.of(range)).get(range.conversation()).messages();
  }
}
