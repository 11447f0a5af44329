package chat.engine.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import chat.engine.Conversation;
import chat.engine.ConversationChange;
import chat.engine.ConversationChange.Kind;
import chat.engine.ConversationId;
import chat.engine.Member;
import chat.engine.MemberList;
import chat.engine.Role;
import chat.engine.UserId;
import chat.engine.spi.ConversationStore;
import chat.engine.spi.ConversationStore.Change;
import chat.engine.spi.ConversationStore.Changed;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Groups change by compare and set on their rev, and every change is logged. */
interface GroupChangeContract extends StoreTests {

  @Test
  default void theChangesOfOneCallAreLoggedAsConsecutiveRevsWithTheirPlaceAmongTheMessages() {
    UserId ada = chat().user("ada");
    UserId bob = chat().user("bob");
    UserId eve = chat().user("eve");
    ConversationId group = chat().group(ada, eve);
    chat().send(group, ada, 4);
    Instant at = chat().drafts().now().plusSeconds(3);

    List<ConversationChange> made =
        chat()
            .conversations()
            .change(
                group,
                0,
                List.of(
                    new Change(Kind.ADDED, List.of(bob), Role.ADMIN, null),
                    StoreFixture.removed(eve),
                    StoreFixture.roleSet(bob, Role.OWNER),
                    StoreFixture.renamed("new name")),
                ada,
                at)
            .orElseThrow()
            .changes();

    assertThat(made)
        .containsExactly(
            new ConversationChange(
                group, 1, 4, Kind.ADDED, ada, List.of(bob), Role.ADMIN, null, at),
            new ConversationChange(group, 2, 4, Kind.REMOVED, ada, List.of(eve), null, null, at),
            new ConversationChange(
                group, 3, 4, Kind.ROLE_SET, ada, List.of(bob), Role.OWNER, null, at),
            new ConversationChange(
                group, 4, 4, Kind.RENAMED, ada, List.of(), null, "new name", at));
    ConversationStore otherNode = chat().anotherNode().conversations();
    assertThat(otherNode.changes(group, 0, 10)).isEqualTo(made);
    assertThat(otherNode.members(group).orElseThrow().rev()).isEqualTo(4);
    assertThat(otherNode.find(List.of(group)).get(group).rev()).isEqualTo(4);
    assertThat(otherNode.find(List.of(group)).get(group).conversation().name())
        .isEqualTo("new name");
  }

  @Test
  default void theNextChangeContinuesTheRevsAndStandsBehindTheMessagesSentMeanwhile() {
    UserId ada = chat().user("ada");
    ConversationId group = chat().group(ada);
    assertThat(chat().change(group, StoreFixture.renamed("a")))
        .extracting(ConversationChange::rev, ConversationChange::atSeq)
        .containsExactly(org.assertj.core.groups.Tuple.tuple(1L, 0L));
    chat().send(group, ada, 2);

    List<ConversationChange> next =
        chat().change(group, StoreFixture.renamed("b"), StoreFixture.renamed("c"));

    assertThat(next).extracting(ConversationChange::rev).containsExactly(2L, 3L);
    assertThat(next).extracting(ConversationChange::atSeq).containsExactly(2L, 2L);
    assertThat(next).extracting(ConversationChange::actor).containsOnly(UserId.SYSTEM);
  }

  @Test
  default void aChangeUnderAnotherRevThanThePresentChangesNothing() {
    UserId ada = chat().user("ada");
    UserId bob = chat().user("bob");
    ConversationId group = chat().group(ada);
    List<ConversationChange> first = chat().change(group, StoreFixture.renamed("first"));

    for (long wrongRev : new long[] {0, 2, -1, Long.MAX_VALUE}) {
      assertThat(change(group, wrongRev, StoreFixture.added(bob), StoreFixture.renamed("second")))
          .as("expecting rev " + wrongRev)
          .isEmpty();
    }

    assertThat(chat().conversations().changes(group, 0, 10)).isEqualTo(first);
    assertThat(chat().conversations().members(group).orElseThrow().users()).containsExactly(ada);
    assertThat(chat().conversations().memberships(bob)).isEmpty();
    assertThat(chat().conversations().find(List.of(group)).get(group).conversation().name())
        .isEqualTo("first");
  }

  @Test
  default void whatDoesNotExistCannotBeChanged() {
    assertThat(change(chat().drafts().conversationId(), 0, StoreFixture.renamed("x"))).isEmpty();
  }

  @Test
  @Tag(Together.TAG)
  default void ofManyWhoChangeTheSameRevExactlyOneSucceeds() throws Exception {
    UserId ada = chat().user("ada");
    ConversationId group = chat().group(ada);
    ConversationStore otherNode = chat().anotherNode().conversations();
    for (int round = 0; round < 10; round++) {
      long rev = round * 2L;
      List<Optional<Changed>> results =
          Together.run(
              8,
              task -> {
                Change one = StoreFixture.added(chat().user("u" + rev + "-" + task));
                ConversationStore node = task % 2 == 0 ? otherNode : chat().conversations();
                return () ->
                    node.change(
                        group,
                        rev,
                        List.of(one, StoreFixture.renamed("by " + task)),
                        ada,
                        chat().drafts().now());
              });

      assertThat(results).filteredOn(Optional::isPresent).hasSize(1);
    }
    assertThat(chat().conversations().changes(group, 0, 100))
        .extracting(ConversationChange::rev)
        .isEqualTo(LongStream.rangeClosed(1, 20).boxed().toList());
    assertThat(chat().conversations().members(group).orElseThrow().members()).hasSize(11);
  }

  @Test
  @Tag(Together.TAG)
  default void aMemberListAndItsRevBelongTogetherWhileTheGroupChanges() throws Exception {
    UserId ada = chat().user("ada");
    UserId even = chat().user("even");
    UserId odd = chat().user("odd");
    ConversationId group = chat().group(ada, even);
    AtomicBoolean changing = new AtomicBoolean(true);
    Together.run(
        3,
        task ->
            () -> {
              if (task == 0) {
                try {
                  for (int swap = 0; swap < 60; swap++) {
                    chat()
                        .change(
                            group,
                            StoreFixture.removed(swap % 2 == 0 ? even : odd),
                            StoreFixture.added(swap % 2 == 0 ? odd : even));
                  }
                } finally {
                  changing.set(false);
                }
              } else {
                do {
                  MemberList list = chat().conversations().members(group).orElseThrow();
                  assertThat(list.rev() % 2).as("half of a transaction").isZero();
                  assertThat(list.users())
                      .as("members at rev " + list.rev())
                      .containsExactlyInAnyOrder(ada, list.rev() % 4 == 0 ? even : odd);
                } while (changing.get());
              }
              return true;
            });
  }

  // ---- members

  @Test
  default void theReceiptsOfAnAddedMemberBeginAtTheLastMessage() {
    UserId ada = chat().user("ada");
    UserId bob = chat().user("bob");
    ConversationId group = chat().group(ada);
    chat().send(group, ada, 3);
    Instant at = chat().drafts().now().plusSeconds(1);
    chat().conversations().change(group, 0, List.of(StoreFixture.added(bob)), ada, at);

    assertThat(chat().conversations().member(group, bob))
        .contains(new Member(bob, Role.MEMBER, at, 3, 1, 3, 3));
    assertThat(chat().conversations().memberships(bob))
        .singleElement()
        .satisfies(
            membership -> {
              assertThat(membership.readSeq()).isEqualTo(3);
              assertThat(membership.receivedSeq()).isEqualTo(3);
              assertThat(membership.lastSeq()).isEqualTo(3);
            });
  }

  @Test
  default void aRemovedMemberIsGoneFromEveryView() {
    UserId ada = chat().user("ada");
    UserId bob = chat().user("bob");
    ConversationId group = chat().group(ada, bob);
    ConversationId other = chat().group(ada, bob);
    chat().change(group, StoreFixture.removed(bob));

    assertThat(chat().conversations().member(group, bob)).isEmpty();
    assertThat(chat().conversations().members(group).orElseThrow().users()).containsExactly(ada);
    assertThat(chat().conversations().memberships(bob))
        .extracting(membership -> membership.conversation().id())
        .containsExactly(other);
  }

  @Test
  default void aMemberWhoComesBackBeginsAnew() {
    UserId ada = chat().user("ada");
    UserId bob = chat().user("bob");
    ConversationId group = chat().group(ada, bob);
    chat().change(group, StoreFixture.roleSet(bob, Role.ADMIN));
    chat().change(group, StoreFixture.removed(bob));
    chat().send(group, ada, 2);
    chat().change(group, StoreFixture.added(bob));

    assertThat(chat().conversations().member(group, bob))
        .contains(new Member(bob, Role.MEMBER, chat().drafts().now(), 2, 3, 2, 2));
  }

  @Test
  default void changesOfOneCallBuildOnEachOther() {
    UserId ada = chat().user("ada");
    UserId bob = chat().user("bob");
    UserId eve = chat().user("eve");
    ConversationId group = chat().group(ada, bob);
    chat().send(group, ada, 2);
    chat()
        .change(
            group,
            StoreFixture.removed(bob),
            StoreFixture.added(bob),
            StoreFixture.added(eve),
            StoreFixture.removed(eve));

    assertThat(chat().conversations().member(group, bob).orElseThrow().readSeq()).isEqualTo(2);
    assertThat(chat().conversations().members(group).orElseThrow().users())
        .containsExactlyInAnyOrder(ada, bob);
    assertThat(chat().conversations().memberships(eve)).isEmpty();
    assertThat(chat().rev(group)).isEqualTo(4);
  }

  @Test
  default void aRoleChangesWithoutTheReceiptsOrTheDateOfJoining() {
    UserId ada = chat().user("ada");
    UserId bob = chat().user("bob");
    ConversationId group = chat().group(ada, bob);
    chat().send(group, ada, 2);
    chat()
        .conversations()
        .moveReceipts(
            List.of(
                new ConversationStore.ReceiptMove(group, bob, chat.engine.ReceiptKind.READ, 1)));
    chat()
        .change(
            group, StoreFixture.roleSet(ada, Role.ADMIN), StoreFixture.roleSet(bob, Role.OWNER));

    Instant now = chat().drafts().now();
    assertThat(chat().conversations().members(group).orElseThrow().members())
        .containsExactlyInAnyOrder(
            new Member(ada, Role.ADMIN, now, 0, 0, 0, 0),
            new Member(bob, Role.OWNER, now, 0, 0, 1, 1));
  }

  @Test
  default void theLastMemberMayLeave() {
    UserId ada = chat().user("ada");
    ConversationId group = chat().group(ada);
    chat().send(group, ada, 1);
    chat().change(group, StoreFixture.removed(ada));

    assertThat(chat().conversations().members(group)).contains(new MemberList(1, List.of()));
    assertThat(chat().messages(group)).hasSize(1);
  }

  @Test
  default void manyMembersAreAddedRemovedAndGivenARoleInOneChangeEach() {
    UserId ada = chat().user("ada");
    ConversationId group = chat().group(ada);
    chat().send(group, ada, 2);
    UserId[] users =
        IntStream.range(0, 1000).mapToObj(i -> chat().user("u" + i)).toArray(UserId[]::new);
    UserId[] half = Arrays.copyOf(users, 500);

    List<ConversationChange> made =
        chat()
            .change(
                group,
                StoreFixture.added(users),
                new Change(Kind.ROLE_SET, List.of(users), Role.ADMIN, null),
                StoreFixture.removed(half));

    assertThat(made).extracting(ConversationChange::rev).containsExactly(1L, 2L, 3L);
    assertThat(made)
        .extracting(ConversationChange::subjects)
        .containsExactly(List.of(users), List.of(users), List.of(half));
    assertThat(chat().anotherNode().conversations().changes(group, 0, 10)).isEqualTo(made);
    Instant now = chat().drafts().now();
    List<Member> expected = new ArrayList<>();
    expected.add(new Member(ada, Role.OWNER, now, 0, 0, 0, 0));
    for (UserId user : List.of(users).subList(500, 1000)) {
      expected.add(new Member(user, Role.ADMIN, now, 2, 1, 2, 2));
    }
    assertThat(chat().conversations().members(group).orElseThrow().members())
        .containsExactlyInAnyOrderElementsOf(expected);
    assertThat(chat().conversations().memberships(half[0])).isEmpty();
    assertThat(chat().conversations().memberships(users[999])).hasSize(1);
  }

  @Test
  default void whoIsAMemberAlreadyCannotBeAddedAndThenNobodyIs() {
    UserId ada = chat().user("ada");
    UserId bob = chat().user("bob");
    UserId eve = chat().user("eve");
    ConversationId group = chat().group(ada, bob);

    assertThatThrownBy(() -> change(group, 0, StoreFixture.added(eve, bob)))
        .isInstanceOf(RuntimeException.class);
    assertThatThrownBy(() -> change(group, 0, StoreFixture.added(eve, eve)))
        .isInstanceOf(RuntimeException.class);

    assertThat(chat().rev(group)).isZero();
    assertThat(chat().conversations().members(group).orElseThrow().users())
        .containsExactlyInAnyOrder(ada, bob);
    assertThat(chat().conversations().changes(group, 0, 10)).isEmpty();
  }

  @Test
  default void aChangeAnswersWithTheConversationAsItIsAfterIt() {
    UserId ada = chat().user("ada");
    ConversationId group = chat().group(ada);
    chat().change(group, StoreFixture.renamed("renamed by another node"));

    Changed added = change(group, 1, StoreFixture.added(chat().user("bob"))).orElseThrow();
    Changed renamed =
        change(group, 2, StoreFixture.renamed("x"), StoreFixture.renamed("y")).orElseThrow();

    assertThat(added.conversation())
        .isEqualTo(Conversation.group(group, "renamed by another node", chat().drafts().now()));
    assertThat(renamed.conversation().name()).isEqualTo("y");
  }

  @Test
  default void aMembershipBeginsWithTheLastChangeThatAddedTheMember() {
    UserId ada = chat().user("ada");
    UserId bob = chat().user("bob");
    ConversationId group = chat().group(ada);
    chat().change(group, StoreFixture.renamed("a"), StoreFixture.added(bob));
    chat().send(group, ada, 3);
    chat().change(group, StoreFixture.removed(bob), StoreFixture.added(bob));
    chat().change(group, StoreFixture.roleSet(bob, Role.ADMIN));
    chat().send(group, ada, 1);
    chat()
        .conversations()
        .moveReceipts(
            List.of(
                new ConversationStore.ReceiptMove(group, bob, chat.engine.ReceiptKind.READ, 4)));

    assertThat(chat().conversations().member(group, bob))
        .contains(new Member(bob, Role.ADMIN, chat().drafts().now(), 3, 4, 4, 4));
    assertThat(chat().conversations().member(group, ada).orElseThrow())
        .extracting(Member::joinedSeq, Member::joinedRev)
        .containsExactly(0L, 0L);
  }

  // ---- the log

  @Test
  default void theLogIsReadAboveARevAscendingUpToALimit() {
    UserId ada = chat().user("ada");
    ConversationId group = chat().group(ada);
    Change[] names =
        IntStream.range(0, 10)
            .mapToObj(i -> StoreFixture.renamed("name " + i))
            .toArray(Change[]::new);
    List<ConversationChange> log = chat().change(group, names);
    ConversationStore store = chat().conversations();

    assertThat(store.changes(group, 0, Integer.MAX_VALUE)).isEqualTo(log);
    assertThat(store.changes(group, 0, 3)).isEqualTo(log.subList(0, 3));
    assertThat(store.changes(group, 3, 4)).isEqualTo(log.subList(3, 7));
    assertThat(store.changes(group, 9, 4)).isEqualTo(log.subList(9, 10));
    assertThat(store.changes(group, 10, 4)).isEmpty();
    assertThat(store.changes(group, Long.MAX_VALUE, 4)).isEmpty();
    assertThat(store.changes(chat().drafts().conversationId(), 0, 4)).isEmpty();
  }

  private Optional<Changed> change(ConversationId group, long expectedRev, Change... changes) {
    return chat()
        .conversations()
        .change(group, expectedRev, List.of(changes), UserId.SYSTEM, chat().drafts().now());
  }
}
