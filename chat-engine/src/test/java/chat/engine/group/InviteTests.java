package chat.engine.group;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import chat.engine.ChatEngine;
import chat.engine.ChatException;
import chat.engine.Conversation;
import chat.engine.ConversationChange;
import chat.engine.ConversationChange.Kind;
import chat.engine.ConversationId;
import chat.engine.CreatedInvite;
import chat.engine.ErrorCode;
import chat.engine.GroupKey;
import chat.engine.Invite;
import chat.engine.InviteCode;
import chat.engine.InviteId;
import chat.engine.Member;
import chat.engine.NewGroup;
import chat.engine.NewInvite;
import chat.engine.NewMessage;
import chat.engine.PageQuery;
import chat.engine.Role;
import chat.engine.UserId;
import chat.engine.hook.ActionHook;
import chat.engine.hook.UserAction;
import chat.engine.running.TwoNodeTest;
import chat.engine.testkit.RecordingListener;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Invites and joining by them, on two nodes of a store. */
@Timeout(300)
abstract class InviteTests extends TwoNodeTest {
  private static final Duration LONG = Duration.ofSeconds(60);
  private static final int ROUNDS = 200;

  /** As of a code that nobody was given. */
  private static void assertUnknown(CompletableFuture<?> call) {
    ChatException refusal = refusal(call);
    assertThat(refusal.code()).isEqualTo(ErrorCode.NOT_FOUND);
    assertThat(refusal).hasMessage(InviteCode.unknown().getMessage());
  }

  final ConversationId group(UserId... others) {
    return get(north.asUser(ADA).createGroup("hikers", Set.of(others))).id();
  }

  final CreatedInvite created(ConversationId group, NewInvite invite) {
    return get(north.asUser(ADA).createInvite(group, invite));
  }

  private InviteCode code(ConversationId group) {
    return created(group, NewInvite.unlimited()).code();
  }

  private List<Invite> invites(ConversationId group) {
    return get(south.asUser(ADA).invites(group, PageQuery.first())).items();
  }

  private Map<UserId, Member> members(ConversationId group) {
    return get(north.asApplication().members(group, PageQuery.<UserId>first().limit(1_000)))
        .members()
        .stream()
        .collect(Collectors.toMap(Member::user, member -> member));
  }

  @Test
  void anyUserJoinsByACodeAndAllSeeIt() {
    ConversationId group = group(CLEO);
    get(north.asUser(ADA).send(group, NewMessage.text("before")));
    RecordingListener bob = connect(south, BOB);
    RecordingListener cleo = connect(north, CLEO);
    CreatedInvite created =
        created(group, NewInvite.unlimited().withExpiresIn(Duration.ofHours(1)).withMaxUses(2));
    assertThat(created.invite().expiresAt())
        .isEqualTo(created.invite().createdAt().plus(Duration.ofHours(1)));
    assertThat(created.code().toString()).doesNotContain(created.code().value());

    Conversation joined = get(south.asUser(BOB).join(created.code()));
    assertThat(joined.id()).isEqualTo(group);
    assertThat(joined.name()).isEqualTo("hikers");
    assertThat(members(group).get(BOB).role()).isEqualTo(Role.MEMBER);
    await().atMost(LONG).until(() -> changes(cleo).size() == 1 && changes(bob).size() == 1);
    ConversationChange change = changes(cleo).get(0);
    assertThat(change.kind()).isEqualTo(Kind.ADDED);
    assertThat(change.actor()).isEqualTo(BOB);
    assertThat(change.subjects()).containsExactly(BOB);
    assertThat(changes(bob)).containsExactly(change);
    get(south.asUser(BOB).send(group, NewMessage.text("hello")));
    get(north.asUser(ADA).send(group, NewMessage.text("welcome")));
    await().atMost(LONG).until(() -> bob.texts(group).size() == 2);

    assertThat(get(north.asUser(BOB).join(created.code())).id()).isEqualTo(group);
    get(north.asUser(ADA).join(created.code()));
    assertThat(members(group).get(ADA).role()).isEqualTo(Role.OWNER);
    assertThat(invites(group)).containsExactly(created.invite().used());
    assertThat(get(south.asUser(CLEO).inbox(group)).rev()).isOne();
  }

  @Test
  void whoMissedAJoinFindsIt() {
    ConversationId group = group(CLEO);
    RecordingListener cleo = connect(south, CLEO);
    RecordingListener bob = connect(south, BOB);
    southRouter.cut();
    get(north.asUser(BOB).join(code(group)));
    await().atMost(LONG).until(() -> changes(cleo).size() == 1 && changes(bob).size() == 1);
    assertThat(changes(cleo).get(0).subjects()).containsExactly(BOB);
    get(south.asUser(BOB).send(group, NewMessage.text("hello")));
    await().atMost(LONG).until(() -> cleo.texts(group).equals(List.of("hello")));
  }

  @Test
  void codesThatLetNobodyInAreAnsweredAlike() {
    ConversationId group = group();
    InviteCode revoked = code(group);
    get(north.asUser(ADA).revokeInvite(revoked));
    get(south.asUser(ADA).revokeInvite(revoked));
    InviteCode used = created(group, NewInvite.unlimited().withMaxUses(1)).code();
    get(south.asUser(CLEO).join(used));
    get(north.asUser(CLEO).join(used)); // a retry
    ConversationId other = group();
    InviteCode deleted = code(other);
    get(north.asApplication().delete(other));
    InviteCode expired =
        created(group, NewInvite.unlimited().withExpiresIn(Duration.ofSeconds(1))).code();
    await()
        .atMost(LONG)
        .until(() -> invites(group).stream().noneMatch(one -> one.id().equals(expired.id())));
    SecureRandom random = new SecureRandom();
    for (InviteCode code :
        List.of(
            revoked,
            used,
            deleted,
            expired,
            InviteCode.random(group, random),
            InviteCode.random(ConversationId.of(4711), random))) {
      assertUnknown(north.asUser(BOB).join(code));
      assertUnknown(south.asUser(BOB).join(code));
    }
    for (String text : List.of("", "x", "A".repeat(32), "!".repeat(32), "/".repeat(32))) {
      assertThatThrownBy(() -> InviteCode.of(text))
          .isInstanceOf(ChatException.class)
          .hasMessage(InviteCode.unknown().getMessage());
    }
    assertThat(members(group)).containsOnlyKeys(ADA, CLEO);
    assertUnknown(north.asUser(CLEO).join(revoked));
  }

  @Test
  void whoMayCreateListAndRevoke() {
    ConversationId group = group(BOB, CLEO);
    ConversationId talk = get(north.asUser(ADA).openDirect(BOB)).id();
    get(north.asUser(ADA).setRole(group, CLEO, Role.ADMIN));
    NewInvite any = NewInvite.unlimited();
    CreatedInvite cleos = get(north.asUser(CLEO).createInvite(group, any));
    InviteId id = cleos.invite().id();
    assertThat(cleos.code().id()).isEqualTo(id);
    assertRefused(north.asUser(BOB).createInvite(group, any), ErrorCode.FORBIDDEN);
    assertRefused(north.asUser(BOB).invites(group, PageQuery.first()), ErrorCode.FORBIDDEN);
    assertRefused(north.asUser(BOB).revokeInvite(cleos.code()), ErrorCode.FORBIDDEN);
    assertRefused(north.asUser(DAN).createInvite(group, any), ErrorCode.NOT_FOUND);
    assertRefused(north.asUser(DAN).invites(group, PageQuery.first()), ErrorCode.NOT_FOUND);
    assertRefused(north.asUser(DAN).revokeInvite(group, id), ErrorCode.NOT_FOUND);
    assertRefused(north.asUser(ADA).createInvite(talk, any), ErrorCode.BAD_REQUEST);
    assertRefused(north.asUser(ADA).invites(talk, PageQuery.first()), ErrorCode.BAD_REQUEST);
    assertRefused(north.asApplication().createInvite(talk, any), ErrorCode.BAD_REQUEST);
    CreatedInvite own = get(south.asApplication().createInvite(group, any));
    assertThat(own.invite().by()).isEqualTo(UserId.SYSTEM);
    assertThat(invites(group))
        .containsExactlyInAnyOrder(cleos.invite(), own.invite())
        .isEqualTo(get(north.asApplication().invites(group, PageQuery.first())).items());
    assertThat(get(south.asUser(CLEO).invites(group, PageQuery.<InviteId>first().limit(1))))
        .satisfies(page -> assertThat(page.items()).hasSize(1))
        .satisfies(page -> assertThat(page.hasMore()).isTrue());
    get(south.asUser(ADA).revokeInvite(group, id));
    get(north.asApplication().revokeInvite(group, own.invite().id()));
    assertThat(invites(group)).isEmpty();
    assertThatThrownBy(() -> any.withMaxUses(0)).isInstanceOf(ChatException.class);
    for (Duration bad :
        List.of(
            Duration.ZERO,
            Duration.ofSeconds(-1),
            Duration.ofMillis(1_500),
            Duration.ofDays(36_500))) {
      assertThatThrownBy(() -> any.withExpiresIn(bad))
          .isInstanceOf(ChatException.class)
          .hasMessageContaining("expires_in");
    }
  }

  @Test
  void theBannedAndTheOneTooManyStayOut() {
    ConversationId group = group();
    InviteCode code = code(group);
    get(north.asUser(ADA).ban(group, BOB, null));
    assertRefused(south.asUser(BOB).join(code), ErrorCode.FORBIDDEN);
    get(north.asUser(ADA).unban(group, BOB));
    ChatEngine narrow = node(network.join(), settings -> settings.maxGroupMembers(2));
    get(narrow.asUser(BOB).join(code));
    assertRefused(narrow.asUser(CLEO).join(code), ErrorCode.TOO_LARGE);
    get(narrow.asUser(BOB).join(code));
    assertThat(invites(group)).extracting(Invite::uses).containsExactly(1);
  }

  @Test
  void aGroupHasAHundredInvitesInForce() {
    ConversationId group = group();
    List<CreatedInvite> all =
        IntStream.range(0, 100).mapToObj(i -> created(group, NewInvite.unlimited())).toList();
    assertRefused(
        south.asUser(ADA).createInvite(group, NewInvite.unlimited()), ErrorCode.TOO_LARGE);
    get(south.asUser(ADA).revokeInvite(all.get(0).code()));
    get(south.asUser(ADA).createInvite(group, NewInvite.unlimited()));
    assertThat(invites(group)).hasSize(100);
  }

  @Test
  void groupsWhoseMembersTheApplicationNamesRefuseInvites() {
    ConversationId group =
        get(north
                .asApplication()
                .ensureGroup(
                    GroupKey.of("project:1"), NewGroup.named("p").withMember(ADA, Role.OWNER)))
            .id();
    InviteCode code = code(group);
    ChatEngine governed =
        node(
            network.join(),
            settings ->
                settings.membership("project:", (key, transaction) -> Map.of(ADA, Role.OWNER)));
    assertRefused(
        governed.asUser(ADA).createInvite(group, NewInvite.unlimited()), ErrorCode.FORBIDDEN);
    assertRefused(
        governed.asApplication().createInvite(group, NewInvite.unlimited()), ErrorCode.FORBIDDEN);
    assertRefused(governed.asUser(BOB).join(code), ErrorCode.FORBIDDEN);
  }

  @Test
  void theActionHookIsAskedAboutAllOfIt() {
    List<UserAction> actions = new CopyOnWriteArrayList<>();
    ChatEngine guarded =
        node(
            network.join(),
            settings ->
                settings.actionHook(
                    ActionHook.blocking(
                        action -> {
                          actions.add(action);
                          throw ChatException.forbidden("closed");
                        })));
    ConversationId group = group();
    InviteCode code = code(group);
    NewInvite any = NewInvite.unlimited();
    assertRefused(guarded.asUser(ADA).createInvite(group, any), ErrorCode.FORBIDDEN);
    assertRefused(guarded.asUser(ADA).revokeInvite(code), ErrorCode.FORBIDDEN);
    assertRefused(guarded.asUser(BOB).join(code), ErrorCode.FORBIDDEN);
    assertUnknown(guarded.asUser(BOB).join(InviteCode.random(group, new SecureRandom())));
    Conversation asked = get(north.asApplication().conversation(group));
    assertThat(actions)
        .containsExactly(
            new UserAction.CreateInvite(ADA, asked, any),
            new UserAction.RevokeInvite(ADA, asked, code.id()),
            new UserAction.Join(BOB, asked));
    get(guarded.asApplication().createInvite(group, any));
    assertThat(members(group)).containsOnlyKeys(ADA);
  }

  // ---- races on two nodes

  @Tag("races")
  @Test
  void aBanAgainstAJoinLeavesTheUserOut() {
    ConversationId group = group();
    InviteCode code = code(group);
    RecordingListener bob = connect(south, BOB);
    int refused = 0;
    for (int round = 0; round < ROUNDS; round++) {
      CompletableFuture<Void> ban = north.asUser(ADA).ban(group, BOB, null);
      CompletableFuture<Conversation> join = south.asUser(BOB).join(code);
      assertThat(outcome(ban)).isNull();
      ChatException refusal = outcome(join);
      if (refusal != null) {
        assertThat(refusal.code()).isEqualTo(ErrorCode.FORBIDDEN);
        refused++;
      }
      assertThat(members(group)).containsOnlyKeys(ADA);
      get(north.asUser(ADA).unban(group, BOB));
    }
    int joins = ROUNDS - refused;
    assertThat(invites(group)).extracting(Invite::uses).containsExactly(joins);
    await().atMost(LONG).until(() -> changes(bob).size() == 2 * joins);
    assertThat(changes(bob)).extracting(ConversationChange::kind).doesNotContain(Kind.BANNED);
  }

  @Tag("races")
  @Test
  void ofTwoForTheLastUseOneJoins() {
    ConversationId group = group();
    for (int round = 0; round < ROUNDS; round++) {
      InviteCode code = created(group, NewInvite.unlimited().withMaxUses(1)).code();
      CompletableFuture<Conversation> one = north.asUser(UserId.of("n" + round)).join(code);
      CompletableFuture<Conversation> other = south.asUser(UserId.of("s" + round)).join(code);
      List<ChatException> outcomes = new ArrayList<>();
      outcomes.add(outcome(one));
      outcomes.add(outcome(other));
      assertThat(outcomes).containsOnlyOnce((ChatException) null);
      assertThat(outcomes)
          .filteredOn(Objects::nonNull)
          .extracting(ChatException::code)
          .containsExactly(ErrorCode.NOT_FOUND);
    }
    assertThat(members(group)).hasSize(1 + ROUNDS);
  }

  @Test
  void aRevocationAgainstAJoin() {
    ConversationId group = group();
    int joined = 0;
    for (int round = 0; round < ROUNDS; round++) {
      InviteCode code = code(group);
      UserId user = UserId.of("u" + round);
      CompletableFuture<Void> revocation = north.asUser(ADA).revokeInvite(code);
      CompletableFuture<Conversation> join = south.asUser(user).join(code);
      assertThat(outcome(revocation)).isNull();
      ChatException refusal = outcome(join);
      if (refusal == null) {
        joined++;
      } else {
        assertThat(refusal.code()).isEqualTo(ErrorCode.NOT_FOUND);
      }
      assertUnknown(south.asUser(UserId.of("late")).join(code));
    }
    assertThat(members(group)).hasSize(1 + joined);
    assertThat(invites(group)).isEmpty();
  }

  @Test
  void manyJoinAtTheSameTime() {
    ConversationId group = group();
    InviteCode code = created(group, NewInvite.unlimited().withMaxUses(60)).code();
    List<CompletableFuture<Conversation>> joins =
        IntStream.range(0, 80)
            .mapToObj(i -> (i % 2 == 0 ? north : south).asUser(UserId.of("u" + i)).join(code))
            .toList();
    assertThat(joins.stream().map(InviteTests::outcome).filter(Objects::isNull)).hasSize(60);
    assertThat(members(group)).hasSize(61);
  }
}
