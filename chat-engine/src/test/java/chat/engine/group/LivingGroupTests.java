package chat.engine.group;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import chat.engine.Ban;
import chat.engine.ChatEngine;
import chat.engine.ChatException;
import chat.engine.ChatSession;
import chat.engine.Conversation;
import chat.engine.ConversationChange;
import chat.engine.ConversationChange.Kind;
import chat.engine.ConversationId;
import chat.engine.DeviceId;
import chat.engine.ErrorCode;
import chat.engine.GroupUpdate;
import chat.engine.Member;
import chat.engine.MessageEdit;
import chat.engine.NewMessage;
import chat.engine.PageQuery;
import chat.engine.Role;
import chat.engine.SendAck;
import chat.engine.UserId;
import chat.engine.event.ConversationChanged;
import chat.engine.event.TypingChanged;
import chat.engine.hook.ActionHook;
import chat.engine.hook.UserAction;
import chat.engine.running.TwoNodeTest;
import chat.engine.testkit.RecordingListener;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Updates of groups, bans, silences and slow mode, on two nodes of a store. */
@Timeout(300)
abstract class LivingGroupTests extends TwoNodeTest {
  private static final Duration LONG = Duration.ofSeconds(60);
  private static final Instant LATER =
      Instant.now().plus(Duration.ofHours(3)).truncatedTo(ChronoUnit.MILLIS);
  private static final int ROUNDS = 200;

  private static List<Kind> kinds(RecordingListener listener) {
    return changes(listener).stream().map(ConversationChange::kind).toList();
  }

  private ConversationId group(UserId... others) {
    return get(north.asUser(ADA).createGroup("hikers", Set.of(others))).id();
  }

  private CompletableFuture<SendAck> send(ChatEngine node, UserId user, ConversationId group) {
    return node.asUser(user).send(group, NewMessage.text("hello"));
  }

  private Map<UserId, Member> members(ConversationId group) {
    return get(north.asApplication().members(group, PageQuery.first())).members().stream()
        .collect(java.util.stream.Collectors.toMap(Member::user, member -> member));
  }

  // ---- updates

  @Test
  void anUpdateIsOneEventForAllAndIsFoundByThoseWhoMissedIt() {
    ConversationId group = group(BOB, CLEO);
    RecordingListener bob = connect(south, BOB);
    GroupUpdate update =
        GroupUpdate.of()
            .withName("climbers")
            .withDescription("ropes\nand knots")
            .withAvatarUrl("https://pictures.example/1.png")
            .withAttributes("{\"a\":1}")
            .withSlowMode(Duration.ofSeconds(5));
    get(north.asUser(ADA).updateGroup(group, update));
    await().atMost(LONG).until(() -> changes(bob).size() == 1);
    ConversationChange seen = changes(bob).get(0);
    assertThat(seen.kind()).isEqualTo(Kind.UPDATED);
    assertThat(seen.update()).isEqualTo(update);
    assertThat(seen.rev()).isOne();
    assertThat(seen.actor()).isEqualTo(ADA);
    Conversation shown = bob.events(ConversationChanged.class).get(0).conversation();
    assertThat(shown).isEqualTo(update.applyTo(shown));
    assertThat(get(south.asUser(CLEO).inbox(group)).conversation()).isEqualTo(shown);
    assertThat(get(north.asApplication().conversation(group))).isEqualTo(shown);

    get(north.asUser(ADA).updateGroup(group, update));
    get(south.asUser(ADA).updateGroup(group, update.withDescription(null)));
    await().atMost(LONG).until(() -> changes(bob).size() == 2);
    assertThat(changes(bob).get(1).update()).isEqualTo(GroupUpdate.of().withDescription(null));
    assertThat(changes(bob).get(1).rev()).as("what is so already is no change").isEqualTo(2);

    southRouter.cut();
    get(north.asUser(ADA).updateGroup(group, GroupUpdate.of().withDescription("new")));
    await().atMost(LONG).until(() -> changes(bob).size() == 3);
    assertThat(bob.events(ConversationChanged.class).get(2).conversation().description())
        .isEqualTo("new");
  }

  @Test
  void whoMayUpdate() {
    ConversationId group = group(BOB, CLEO);
    ConversationId talk = get(north.asUser(ADA).openDirect(BOB)).id();
    get(north.asUser(ADA).setRole(group, CLEO, Role.ADMIN));
    GroupUpdate update = GroupUpdate.of().withDescription("x");
    assertRefused(north.asUser(BOB).updateGroup(group, update), ErrorCode.FORBIDDEN);
    assertRefused(north.asUser(DAN).updateGroup(group, update), ErrorCode.NOT_FOUND);
    assertRefused(north.asUser(ADA).updateGroup(talk, update), ErrorCode.BAD_REQUEST);
    assertRefused(north.asUser(ADA).updateGroup(group, GroupUpdate.of()), ErrorCode.BAD_REQUEST);
    get(north.asUser(CLEO).updateGroup(group, update));
    get(north.asApplication().updateGroup(group, update.withName("by the application")));
    get(north.asApplication().updateGroup(group, update.withName("by the application")));
    assertThat(get(north.asUser(BOB).inbox(group)).rev()).isEqualTo(3);
  }

  // ---- bans

  @Test
  void whoIsBannedIsRemovedAndStaysOut() {
    ConversationId group = group(BOB, CLEO);
    get(north.asUser(ADA).setRole(group, CLEO, Role.ADMIN));
    RecordingListener bob = connect(south, BOB);
    RecordingListener cleo = connect(south, CLEO);
    get(north.asUser(CLEO).ban(group, BOB, LATER));
    await().atMost(LONG).until(() -> kinds(cleo).size() == 2);
    assertThat(kinds(cleo)).containsExactly(Kind.REMOVED, Kind.BANNED);
    assertThat(changes(cleo).get(1).until()).isEqualTo(LATER);
    assertThat(members(group)).doesNotContainKey(BOB);
    assertRefused(send(south, BOB, group), ErrorCode.NOT_FOUND);
    assertThat(kinds(bob)).as("the banned").containsExactly(Kind.REMOVED);

    for (CompletableFuture<?> addition :
        List.of(
            north.asUser(ADA).addMembers(group, Set.of(DAN, BOB)),
            south.asUser(CLEO).addMembers(group, Set.of(BOB)),
            north.asApplication().ensureMember(group, BOB),
            north.asApplication().ensureMembers(group, Set.of(BOB, DAN), Role.ADMIN))) {
      assertThat(refusal(addition))
          .hasMessageContaining("user bob is banned")
          .extracting(ChatException::code)
          .isEqualTo(ErrorCode.FORBIDDEN);
    }
    assertThat(members(group)).doesNotContainKey(DAN);

    get(north.asUser(ADA).ban(group, BOB, LATER));
    get(north.asUser(ADA).ban(group, DAN, null));
    get(north.asUser(ADA).ban(group, DAN, LATER));
    List<Ban> bans = get(south.asUser(CLEO).bans(group, PageQuery.first())).items();
    assertThat(bans).extracting(Ban::user).containsExactly(BOB, DAN);
    assertThat(bans).extracting(Ban::by).containsExactly(CLEO, ADA);
    assertThat(bans).extracting(Ban::until).containsOnly(LATER);
    assertThat(get(south.asUser(CLEO).bans(group, PageQuery.<UserId>first().limit(1))).hasMore())
        .isTrue();

    get(south.asUser(ADA).unban(group, BOB));
    get(south.asUser(ADA).unban(group, BOB));
    get(north.asUser(ADA).addMembers(group, Set.of(BOB)));
    send(north, BOB, group).join();
    await().atMost(LONG).until(() -> kinds(bob).size() == 2);
    assertThat(kinds(cleo))
        .containsExactly(
            Kind.REMOVED, Kind.BANNED, Kind.BANNED, Kind.BANNED, Kind.UNBANNED, Kind.ADDED);
    assertThat(get(north.asApplication().bans(group, PageQuery.first())).items())
        .extracting(Ban::user)
        .containsExactly(DAN);
  }

  @Test
  void whoMayBan() {
    ConversationId group = group(BOB, CLEO, DAN);
    ConversationId talk = get(north.asUser(ADA).openDirect(BOB)).id();
    get(north.asUser(ADA).setRole(group, CLEO, Role.ADMIN));
    get(north.asUser(ADA).setRole(group, DAN, Role.ADMIN));
    UserId eve = UserId.of("eve");
    assertRefused(north.asUser(BOB).ban(group, DAN, null), ErrorCode.FORBIDDEN);
    assertRefused(north.asUser(BOB).ban(group, eve, null), ErrorCode.FORBIDDEN);
    assertRefused(north.asUser(BOB).unban(group, eve), ErrorCode.FORBIDDEN);
    assertRefused(north.asUser(BOB).bans(group, PageQuery.first()), ErrorCode.FORBIDDEN);
    assertRefused(north.asUser(eve).bans(group, PageQuery.first()), ErrorCode.NOT_FOUND);
    assertRefused(north.asUser(eve).ban(group, BOB, null), ErrorCode.NOT_FOUND);
    assertRefused(north.asUser(CLEO).ban(group, DAN, null), ErrorCode.FORBIDDEN);
    assertRefused(north.asUser(CLEO).ban(group, ADA, null), ErrorCode.FORBIDDEN);
    assertRefused(north.asUser(CLEO).ban(group, CLEO, null), ErrorCode.BAD_REQUEST);
    assertRefused(north.asUser(ADA).ban(group, ADA, null), ErrorCode.BAD_REQUEST);
    assertRefused(north.asUser(ADA).ban(talk, BOB, null), ErrorCode.BAD_REQUEST);
    assertRefused(north.asUser(ADA).bans(talk, PageQuery.first()), ErrorCode.BAD_REQUEST);
    assertRefused(north.asUser(ADA).ban(group, UserId.SYSTEM, null), ErrorCode.BAD_REQUEST);
    for (Instant bad :
        List.of(Instant.MIN, Instant.EPOCH, Instant.MAX, Instant.now().minusSeconds(60))) {
      assertRefused(north.asUser(ADA).ban(group, BOB, bad), ErrorCode.BAD_REQUEST);
      assertRefused(north.asUser(ADA).silence(group, BOB, bad), ErrorCode.BAD_REQUEST);
    }
    get(north.asUser(CLEO).ban(group, eve, null));
    get(north.asUser(CLEO).ban(group, BOB, null));
    get(north.asUser(ADA).ban(group, DAN, null));
    get(north.asApplication().ban(group, ADA, null));
    assertThat(members(group)).containsOnlyKeys(CLEO);
    get(north.asApplication().unban(group, ADA));
    get(north.asApplication().ensureMember(group, ADA, Role.OWNER));
  }

  /** Makes something that ends soon; on a busy machine soon may be over before it is made. */
  private static void soon(Function<Instant, CompletableFuture<Void>> call) {
    ChatException late;
    int millis = 250;
    do {
      late = outcome(call.apply(Instant.now().plusMillis(millis)));
      millis *= 2;
    } while (late != null && late.code() == ErrorCode.BAD_REQUEST);
    assertThat(late).isNull();
  }

  @Test
  void aBanThatIsOverIsNone() {
    ConversationId group = group(BOB);
    soon(until -> north.asUser(ADA).ban(group, BOB, until));
    await()
        .atMost(LONG)
        .ignoreExceptions()
        .untilAsserted(() -> get(south.asUser(ADA).addMembers(group, Set.of(BOB))));
    assertThat(get(south.asUser(ADA).bans(group, PageQuery.first())).items()).isEmpty();
    get(south.asUser(ADA).unban(group, BOB));
    assertThat(get(south.asUser(BOB).inbox(group)).rev()).as("removed, banned, added").isEqualTo(3);
  }

  // ---- silences

  @Test
  void whoBecomesTheOwnerIsNotSilencedAnyMore() {
    ConversationId group = group(BOB, CLEO);
    RecordingListener cleo = connect(south, CLEO);
    get(north.asUser(ADA).silence(group, BOB, LATER));
    get(north.asUser(ADA).setRole(group, BOB, Role.ADMIN));
    assertRefused(send(south, BOB, group), ErrorCode.FORBIDDEN);
    get(north.asUser(ADA).setRole(group, BOB, Role.OWNER));
    get(send(south, BOB, group));
    assertThat(members(group).get(BOB).silencedUntil()).isNull();
    await().atMost(LONG).until(() -> kinds(cleo).size() == 5);
    assertThat(kinds(cleo))
        .containsExactly(Kind.SILENCED, Kind.ROLE_SET, Kind.ROLE_SET, Kind.ROLE_SET, Kind.SILENCED);
    get(north.asUser(BOB).setRole(group, CLEO, Role.OWNER));
    await().atMost(LONG).until(() -> kinds(cleo).size() == 7);
  }

  @Test
  void whoIsSilencedReadsAndDoesNotWrite() {
    ConversationId group = group(BOB, CLEO);
    RecordingListener cleo = connect(south, CLEO);
    RecordingListener bob = new RecordingListener();
    ChatSession session = get(south.connect(BOB, DeviceId.of("d"), bob));
    long own = get(send(south, BOB, group)).seq();
    get(send(south, BOB, group));
    get(north.asUser(ADA).silence(group, BOB, LATER));
    for (ChatEngine node : List.of(north, south)) {
      assertThat(refusal(send(node, BOB, group)))
          .hasMessageContaining(LATER.toString())
          .extracting(ChatException::code)
          .isEqualTo(ErrorCode.FORBIDDEN);
      assertRefused(
          node.asUser(BOB).editMessage(group, own, MessageEdit.text("x")), ErrorCode.FORBIDDEN);
    }
    assertRefused(session.typing(group, true), ErrorCode.FORBIDDEN);
    get(session.typing(group, false));
    get(south.asUser(BOB).markRead(group, 1));
    get(south.asUser(BOB).deleteMessage(group, own));
    get(send(north, ADA, group));
    await().atMost(LONG).until(() -> bob.texts(group).size() == 3);
    assertThat(members(group).get(BOB).silencedUntil()).isEqualTo(LATER);
    assertThat(kinds(cleo)).containsExactly(Kind.SILENCED);
    assertThat(changes(cleo).get(0).until()).isEqualTo(LATER);
    assertThat(cleo.events(TypingChanged.class)).isEmpty();

    get(north.asUser(ADA).silence(group, BOB, LATER));
    get(north.asUser(ADA).silence(group, BOB, null));
    get(north.asUser(ADA).silence(group, BOB, null));
    get(send(south, BOB, group));
    await()
        .atMost(LONG)
        .until(
            () -> {
              get(session.typing(group, true)); // again: the message before may have ended it
              return !cleo.events(TypingChanged.class).isEmpty();
            });
    assertThat(kinds(cleo)).containsExactly(Kind.SILENCED, Kind.SILENCED);
    assertThat(members(group).get(BOB).silencedUntil()).isNull();
    get(north.asApplication().silence(group, ADA, LATER));
    assertRefused(send(north, ADA, group), ErrorCode.FORBIDDEN);
  }

  @Test
  void whoMaySilence() {
    ConversationId group = group(BOB, CLEO, DAN);
    ConversationId talk = get(north.asUser(ADA).openDirect(BOB)).id();
    get(north.asUser(ADA).setRole(group, CLEO, Role.ADMIN));
    assertRefused(north.asUser(BOB).silence(group, DAN, LATER), ErrorCode.FORBIDDEN);
    assertRefused(north.asUser(CLEO).silence(group, ADA, LATER), ErrorCode.FORBIDDEN);
    assertRefused(north.asUser(CLEO).silence(group, CLEO, LATER), ErrorCode.BAD_REQUEST);
    assertRefused(north.asUser(ADA).silence(talk, BOB, LATER), ErrorCode.BAD_REQUEST);
    assertRefused(north.asUser(ADA).silence(group, UserId.of("eve"), LATER), ErrorCode.CONFLICT);
    get(north.asUser(CLEO).silence(group, BOB, LATER));
    get(north.asUser(ADA).setRole(group, DAN, Role.ADMIN));
    assertRefused(north.asUser(CLEO).silence(group, DAN, LATER), ErrorCode.FORBIDDEN);
    get(north.asUser(ADA).silence(group, DAN, LATER));
  }

  @Test
  void aSilenceEndsByItself() {
    ConversationId group = group(BOB);
    soon(until -> north.asUser(ADA).silence(group, BOB, until));
    await().atMost(LONG).ignoreExceptions().untilAsserted(() -> get(send(south, BOB, group)));
    assertThat(get(south.asUser(BOB).inbox(group)).rev()).as("no write ended it").isOne();
  }

  // ---- slow mode

  @Test
  void inSlowModePlainMembersWait() {
    ConversationId group = group(BOB, CLEO);
    get(send(north, BOB, group));
    get(send(north, BOB, group));
    get(south.asUser(ADA).updateGroup(group, GroupUpdate.of().withSlowMode(Duration.ofHours(1))));
    NewMessage message = NewMessage.text("once");
    SendAck first = get(north.asUser(BOB).send(group, message));
    ChatException refusal = refusal(send(south, BOB, group));
    assertThat(refusal.code()).isEqualTo(ErrorCode.RATE_LIMITED);
    assertThat(refusal.retryAfter().orElseThrow())
        .isBetween(Duration.ofMinutes(50), Duration.ofHours(1));
    assertRefused(send(north, BOB, group), ErrorCode.RATE_LIMITED);
    assertThat(get(south.asUser(BOB).send(group, message)).seq()).isEqualTo(first.seq());
    get(send(north, CLEO, group));
    for (int i = 0; i < 3; i++) {
      get(send(north, ADA, group));
    }
    get(north.asUser(ADA).setRole(group, BOB, Role.ADMIN));
    get(send(south, BOB, group));
    get(send(south, BOB, group));
    get(north.asUser(ADA).setRole(group, BOB, Role.MEMBER));
    assertRefused(send(south, BOB, group), ErrorCode.RATE_LIMITED);
    get(north.asUser(ADA).updateGroup(group, GroupUpdate.of().withSlowMode(Duration.ZERO)));
    get(send(south, BOB, group));
    get(send(south, BOB, group));
  }

  // ---- races on two nodes

  @Tag("races")
  @Test
  void aBanAgainstAnAdditionLeavesTheUserOut() {
    ConversationId group = group(CLEO);
    get(north.asUser(ADA).setRole(group, CLEO, Role.ADMIN));
    RecordingListener bob = connect(south, BOB);
    int refused = 0;
    for (int round = 0; round < ROUNDS; round++) {
      CompletableFuture<Void> ban = north.asUser(ADA).ban(group, BOB, null);
      CompletableFuture<Void> addition = south.asUser(CLEO).addMembers(group, Set.of(BOB));
      assertThat(outcome(ban)).isNull();
      ChatException added = outcome(addition);
      if (added != null) {
        assertThat(added.code()).isEqualTo(ErrorCode.FORBIDDEN);
        refused++;
      }
      assertThat(members(group)).doesNotContainKey(BOB);
      get(north.asUser(ADA).unban(group, BOB));
    }
    int additions = ROUNDS - refused;
    await().atMost(LONG).until(() -> kinds(bob).size() >= 2 * additions);
    assertThat(kinds(bob)).filteredOn(Kind.ADDED::equals).hasSize(additions);
    assertThat(kinds(bob)).filteredOn(Kind.REMOVED::equals).hasSize(additions);
    assertThat(kinds(bob)).doesNotContain(Kind.BANNED, Kind.UNBANNED);
  }

  @Tag("races")
  @Test
  void aSendAgainstLeavingReachesAllOrIsRefused() {
    ConversationId group = group(BOB, CLEO);
    RecordingListener cleo = connect(north, CLEO);
    List<Long> stored = new ArrayList<>();
    for (int round = 0; round < ROUNDS; round++) {
      CompletableFuture<SendAck> sent = north.asUser(BOB).send(group, NewMessage.text("bye"));
      CompletableFuture<Void> left = south.asUser(BOB).leave(group);
      assertThat(outcome(left)).isNull();
      ChatException refusal = outcome(sent);
      if (refusal == null) {
        stored.add(sent.join().seq());
      } else {
        assertThat(refusal.code()).isEqualTo(ErrorCode.NOT_FOUND);
      }
      get(north.asUser(ADA).addMembers(group, Set.of(BOB)));
    }
    await().atMost(LONG).until(() -> cleo.texts(group).size() == stored.size());
  }

  @Tag("races")
  @Test
  void aSendAgainstASilenceIsStoredBeforeItOrNotAtAll() {
    ConversationId group = group(BOB);
    for (int round = 0; round < ROUNDS; round++) {
      CompletableFuture<Void> silence = south.asUser(ADA).silence(group, BOB, LATER);
      CompletableFuture<SendAck> sent = north.asUser(BOB).send(group, NewMessage.text("x"));
      assertThat(outcome(silence)).isNull();
      ChatException refusal = outcome(sent);
      if (refusal != null) {
        assertThat(refusal.code()).isEqualTo(ErrorCode.FORBIDDEN);
      }
      assertRefused(send(north, BOB, group), ErrorCode.FORBIDDEN);
      get(south.asUser(ADA).silence(group, BOB, null));
      get(send(north, BOB, group));
    }
  }

  @Test
  void ofTwoDevicesInSlowModeOneSends() {
    ConversationId group = group(BOB);
    for (int round = 0; round < ROUNDS / 4; round++) {
      get(north.asUser(ADA).updateGroup(group, GroupUpdate.of().withSlowMode(Duration.ofHours(1))));
      CompletableFuture<SendAck> one = send(north, BOB, group);
      CompletableFuture<SendAck> other = send(south, BOB, group);
      List<ChatException> outcomes = new ArrayList<>();
      outcomes.add(outcome(one));
      outcomes.add(outcome(other));
      assertThat(outcomes).containsOnlyOnce((ChatException) null);
      assertThat(outcomes)
          .filteredOn(refusal -> refusal != null)
          .extracting(ChatException::code)
          .containsExactly(ErrorCode.RATE_LIMITED);
      get(north.asUser(ADA).updateGroup(group, GroupUpdate.of().withSlowMode(Duration.ZERO)));
    }
  }

  // ---- hooks

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
    ConversationId group = group(BOB);
    GroupUpdate update = GroupUpdate.of().withDescription("x");
    assertRefused(guarded.asUser(ADA).updateGroup(group, update), ErrorCode.FORBIDDEN);
    assertRefused(guarded.asUser(ADA).ban(group, BOB, LATER), ErrorCode.FORBIDDEN);
    assertRefused(guarded.asUser(ADA).unban(group, BOB), ErrorCode.FORBIDDEN);
    assertRefused(guarded.asUser(ADA).silence(group, BOB, LATER), ErrorCode.FORBIDDEN);
    Conversation asked = get(north.asApplication().conversation(group));
    assertThat(actions)
        .containsExactly(
            new UserAction.UpdateGroup(ADA, asked, update),
            new UserAction.BanUser(ADA, asked, BOB, LATER),
            new UserAction.UnbanUser(ADA, asked, BOB),
            new UserAction.SilenceMember(ADA, asked, BOB, LATER));
    get(guarded.asApplication().ban(group, BOB, null));
  }
}
