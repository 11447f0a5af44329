package chat.engine.contract;

import static org.assertj.core.api.Assertions.assertThat;

import chat.engine.ConversationChange;
import chat.engine.ConversationChange.Kind;
import chat.engine.ConversationId;
import chat.engine.Invite;
import chat.engine.InviteCode;
import chat.engine.InviteId;
import chat.engine.Member;
import chat.engine.Role;
import chat.engine.UserId;
import chat.engine.spi.ConversationStore.Change;
import chat.engine.spi.InviteStore;
import chat.engine.spi.InviteStore.CreateOutcome;
import chat.engine.spi.InviteStore.JoinOutcome;
import chat.engine.spi.InviteStore.JoinOutcome.Joined;
import chat.engine.spi.InviteStore.JoinOutcome.NoInvite;
import chat.engine.spi.MessageStore;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Invites to groups, and joining by them. */
interface InviteContract extends StoreTests {
  SecureRandom RANDOM = new SecureRandom();
  int MANY = 1_000;

  private InviteStore invites() {
    return chat().store().invites();
  }

  private Instant now() {
    return chat().drafts().now();
  }

  private Invite invite(
      ConversationId group, UserId by, @Nullable Instant end, @Nullable Integer maxUses) {
    return new Invite(InviteCode.random(group, RANDOM).id(), by, now(), end, maxUses, 0);
  }

  private Invite created(
      ConversationId group, UserId by, @Nullable Instant end, @Nullable Integer maxUses) {
    Invite invite = invite(group, by, end, maxUses);
    assertThat(invites().create(group, chat().rev(group), invite, MANY))
        .isEqualTo(CreateOutcome.CREATED);
    return invite;
  }

  private JoinOutcome join(ConversationId group, Invite invite, UserId user) {
    return invites().join(group, invite.id(), user, MANY, now());
  }

  private List<Invite> inForce(ConversationId group) {
    return chat().anotherNode().invites().inForce(group, null, MANY, now());
  }

  @Test
  default void aUserJoinsByAnInviteAndThatIsCounted() {
    UserId ada = chat().user("ada");
    UserId bob = chat().user("bob");
    ConversationId group = chat().group(ada);
    chat().send(group, ada, 3);
    Instant end = now().plusSeconds(60);
    Invite invite = created(group, ada, end, 5);
    assertThat(chat().anotherNode().invites().find(group, invite.id())).contains(invite);
    assertThat(chat().rev(group)).as("an invite is no change of the group").isZero();

    Joined joined = (Joined) join(group, invite, bob);
    assertThat(joined.made().conversation().id()).isEqualTo(group);
    ConversationChange change = joined.made().changes().get(0);
    assertThat(chat().anotherNode().conversations().changes(group, 0, 10)).containsExactly(change);
    assertThat(change.kind()).isEqualTo(Kind.ADDED);
    assertThat(change.actor()).isEqualTo(bob);
    assertThat(change.subjects()).containsExactly(bob);
    Member member = chat().conversations().member(group, bob).orElseThrow();
    assertThat(member.role()).isEqualTo(Role.MEMBER);
    assertThat(member.readSeq()).isEqualTo(3);
    assertThat(inForce(group)).containsExactly(invite.used());
    assertThat(chat().conversations().memberships(bob)).hasSize(1);
  }

  @Test
  default void aMemberUsesNothingEvenIfTheInviteIsOver() {
    UserId ada = chat().user("ada");
    UserId bob = chat().user("bob");
    ConversationId group = chat().group(ada);
    Invite once = created(group, ada, null, 1);
    assertThat(join(group, once, ada)).isInstanceOf(JoinOutcome.WasMember.class);
    assertThat(join(group, once, bob)).isInstanceOf(Joined.class);
    assertThat(join(group, once, bob)).as("a retry").isInstanceOf(JoinOutcome.WasMember.class);
    assertThat(invites().find(group, once.id())).contains(once.used());
    assertThat(join(group, once, chat().user("eve"))).isEqualTo(new NoInvite());
    assertThat(chat().rev(group)).isOne();
  }

  @Test
  default void whatIsOverLetsNobodyIn() {
    UserId ada = chat().user("ada");
    UserId bob = chat().user("bob");
    ConversationId group = chat().group(ada);
    Instant end = now().plusSeconds(60);
    Invite ending = created(group, ada, end, null);
    Invite revoked = created(group, ada, null, null);
    Invite elsewhere = created(chat().group(ada), ada, null, null);
    assertThat(invites().revoke(group, revoked.id())).isTrue();
    assertThat(invites().revoke(group, revoked.id())).isFalse();
    assertThat(invites().join(group, ending.id(), bob, MANY, end)).isEqualTo(new NoInvite());
    assertThat(join(group, revoked, bob)).isEqualTo(new NoInvite());
    assertThat(join(group, elsewhere, bob)).isEqualTo(new NoInvite());
    assertThat(join(chat().drafts().conversationId(), ending, bob)).isEqualTo(new NoInvite());
    assertThat(chat().conversations().member(group, bob)).isEmpty();
    assertThat(invites().inForce(group, null, MANY, end)).isEmpty();
    assertThat(invites().inForce(group, null, MANY, end.minusMillis(1))).containsExactly(ending);
    assertThat(invites().join(group, ending.id(), bob, MANY, end.minusMillis(1)))
        .isInstanceOf(Joined.class);
  }

  @Test
  default void neitherTheBannedNorOneTooManyJoins() {
    UserId ada = chat().user("ada");
    UserId bob = chat().user("bob");
    ConversationId group = chat().group(ada);
    Invite invite = created(group, ada, null, 1);
    Instant end = now().plusSeconds(60);
    chat().change(group, Change.banned(bob, end));
    assertThat(join(group, invite, bob)).isEqualTo(new JoinOutcome.Banned());
    assertThat(invites().join(group, invite.id(), bob, 1, end)).isEqualTo(new JoinOutcome.Full());
    assertThat(invites().find(group, invite.id())).contains(invite);
    assertThat(invites().join(group, invite.id(), bob, 2, end)).isInstanceOf(Joined.class);
  }

  @Test
  default void aGroupHasOnlySoManyInForceAndLosesThoseThatAreOver() {
    UserId ada = chat().user("ada");
    ConversationId group = chat().group(ada);
    Invite once = created(group, ada, null, 1);
    Invite ending = created(group, ada, now().plusSeconds(1), null);
    Invite third = invite(group, ada, null, null);
    assertThat(invites().create(group, 0, third, 2)).isEqualTo(CreateOutcome.TOO_MANY);
    assertThat(join(group, once, chat().user("bob"))).isInstanceOf(Joined.class);
    assertThat(invites().create(group, 0, third, 2)).isEqualTo(CreateOutcome.CHANGED);
    assertThat(invites().create(group, 1, third, 2)).isEqualTo(CreateOutcome.CREATED);
    assertThat(invites().find(group, once.id())).isEmpty();
    Invite later =
        new Invite(
            InviteCode.random(group, RANDOM).id(), ada, now().plusSeconds(60), null, null, 0);
    assertThat(invites().create(group, 1, later, 2)).isEqualTo(CreateOutcome.CREATED);
    assertThat(invites().find(group, ending.id())).isEmpty();
    assertThat(inForce(group)).containsExactlyInAnyOrder(third, later);
    assertThat(invites().create(chat().drafts().conversationId(), 0, third, 2))
        .isEqualTo(CreateOutcome.CHANGED);
  }

  @Test
  default void invitesComeInPagesAndGoWithTheirGroup() {
    UserId ada = chat().user("ada");
    ConversationId group = chat().group(ada);
    List<InviteId> ids =
        Stream.generate(() -> created(group, UserId.SYSTEM, null, 3).id())
            .limit(5)
            .sorted()
            .toList();
    Invite other = created(chat().group(ada), ada, null, null);
    assertThat(invites().inForce(group, null, 2, now()))
        .extracting(Invite::id)
        .isEqualTo(ids.subList(0, 2));
    assertThat(invites().inForce(group, ids.get(1), MANY, now()))
        .extracting(Invite::id)
        .isEqualTo(ids.subList(2, 5));
    assertThat(inForce(group)).extracting(Invite::by).containsOnly(UserId.SYSTEM);
    chat().conversations().delete(group, ada, now());
    assertThat(inForce(group)).isEmpty();
    assertThat(invites().find(group, ids.get(0))).isEmpty();
    assertThat(invites().join(group, ids.get(0), chat().user("bob"), MANY, now()))
        .isEqualTo(new NoInvite());
    assertThat(inForce(chat().group(ada))).isEmpty();
    assertThat(other.isInForce(now())).isTrue();
  }

  // ---- at the same time on two nodes

  int ROUNDS = 200;

  /** What a node does in a round. */
  interface Turn {
    Object take(MessageStore node, int round) throws Exception;
  }

  /** Both take their turn in a round at the same time, on different nodes. */
  private List<List<Object>> against(Turn one, Turn other) throws Exception {
    List<MessageStore> nodes = List.of(chat().store(), chat().anotherNode());
    CyclicBarrier together = new CyclicBarrier(2);
    return Together.run(
        2,
        task ->
            () -> {
              List<Object> outcomes = new ArrayList<>();
              for (int round = 0; round < ROUNDS; round++) {
                together.await(60, TimeUnit.SECONDS);
                outcomes.add((task == 0 ? one : other).take(nodes.get(task), round));
              }
              return outcomes;
            });
  }

  private List<Invite> oneForEachRound(ConversationId group, UserId by, @Nullable Integer uses) {
    return IntStream.range(0, ROUNDS).mapToObj(round -> created(group, by, null, uses)).toList();
  }

  private List<UserId> users(String name) {
    return IntStream.range(0, ROUNDS).mapToObj(i -> chat().user(name + i)).toList();
  }

  @Test
  @Tag(Together.TAG)
  default void ofTwoForTheLastUseExactlyOneJoins() throws Exception {
    UserId ada = chat().user("ada");
    ConversationId group = chat().group(ada);
    List<Invite> invites = oneForEachRound(group, ada, 1);
    List<UserId> ones = users("one");
    List<UserId> others = users("other");
    List<List<Object>> outcomes =
        against(
            (node, round) ->
                node.invites().join(group, invites.get(round).id(), ones.get(round), MANY, now()),
            (node, round) ->
                node.invites()
                    .join(group, invites.get(round).id(), others.get(round), MANY, now()));
    for (int round = 0; round < ROUNDS; round++) {
      List<Object> both = List.of(outcomes.get(0).get(round), outcomes.get(1).get(round));
      assertThat(both).filteredOn(Joined.class::isInstance).hasSize(1);
      assertThat(both).filteredOn(new NoInvite()::equals).hasSize(1);
    }
    assertThat(chat().conversations().members(group).orElseThrow().members()).hasSize(1 + ROUNDS);
  }

  @Test
  @Tag(Together.TAG)
  default void oneUserWhoJoinsTwiceIsAddedOnce() throws Exception {
    UserId ada = chat().user("ada");
    ConversationId group = chat().group(ada);
    Invite invite = created(group, ada, null, null);
    List<UserId> users = users("u");
    Turn joins =
        (node, round) -> node.invites().join(group, invite.id(), users.get(round), MANY, now());
    List<List<Object>> outcomes = against(joins, joins);
    for (int round = 0; round < ROUNDS; round++) {
      List<Object> both = List.of(outcomes.get(0).get(round), outcomes.get(1).get(round));
      assertThat(both).filteredOn(Joined.class::isInstance).hasSize(1);
      assertThat(both).filteredOn(JoinOutcome.WasMember.class::isInstance).hasSize(1);
    }
    assertThat(invites().find(group, invite.id()).orElseThrow().uses()).isEqualTo(ROUNDS);
    assertThat(chat().rev(group)).isEqualTo(ROUNDS);
  }

  @Test
  @Tag(Together.TAG)
  default void aJoinComesBeforeTheRevocationOrNotAtAll() throws Exception {
    UserId ada = chat().user("ada");
    ConversationId group = chat().group(ada);
    List<Invite> invites = oneForEachRound(group, ada, null);
    List<UserId> users = users("u");
    List<List<Object>> outcomes =
        against(
            (node, round) ->
                node.invites().join(group, invites.get(round).id(), users.get(round), MANY, now()),
            (node, round) -> {
              boolean revoked = node.invites().revoke(group, invites.get(round).id());
              // Whoever has joined did so before: that is committed when the revocation returns.
              boolean member = node.conversations().member(group, users.get(round)).isPresent();
              return List.of(revoked, member);
            });
    for (int round = 0; round < ROUNDS; round++) {
      boolean joined = outcomes.get(0).get(round) instanceof Joined;
      assertThat(outcomes.get(1).get(round)).isEqualTo(List.of(true, joined));
    }
    assertThat(inForce(group)).isEmpty();
  }
}
