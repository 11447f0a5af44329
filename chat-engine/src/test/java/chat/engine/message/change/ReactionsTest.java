package chat.engine.message.change;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import chat.engine.ChatEngine;
import chat.engine.ChatException;
import chat.engine.ChatSession;
import chat.engine.ConversationId;
import chat.engine.ConversationState;
import chat.engine.Emoji;
import chat.engine.ErrorCode;
import chat.engine.GroupKey;
import chat.engine.HistoryQuery;
import chat.engine.Message;
import chat.engine.MessageEdit;
import chat.engine.NewGroup;
import chat.engine.NewMessage;
import chat.engine.Page;
import chat.engine.PageQuery;
import chat.engine.ReactionAck;
import chat.engine.ReactionChange;
import chat.engine.ReactionCount;
import chat.engine.SyncCursor;
import chat.engine.UserId;
import chat.engine.UserReactions;
import chat.engine.event.MessageChanged;
import chat.engine.event.ReactionChanged;
import chat.engine.hook.ActionHook;
import chat.engine.hook.UserAction;
import chat.engine.running.TwoNodeTest;
import chat.engine.testkit.RecordingListener;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Reactions to messages, on two nodes. */
@Timeout(120)
final class ReactionsTest extends TwoNodeTest {
  private static final Emoji THUMB = Emoji.of("\uD83D\uDC4D");
  private static final Emoji HEART = Emoji.of("\u2764\uFE0F");
  private static final Duration LONG = Duration.ofSeconds(30);

  private long send(UserId from, ConversationId conversation, String text) {
    return get(north.asUser(from).send(conversation, NewMessage.text(text))).seq();
  }

  private static ReactionAck react(ChatEngine node, UserId user, ConversationId id, Emoji emoji) {
    return get(node.asUser(user).react(id, 1, emoji, true));
  }

  private static List<ReactionChange> told(RecordingListener listener, ConversationId id) {
    return listener.events(ReactionChanged.class).stream()
        .map(ReactionChanged::change)
        .filter(change -> change.conversation().equals(id))
        .map(change -> change.reaction())
        .toList();
  }

  private static void awaitTold(
      ConversationId conversation, List<ReactionChange> all, RecordingListener... listeners) {
    for (RecordingListener listener : listeners) {
      await()
          .atMost(LONG)
          .untilAsserted(() -> assertThat(told(listener, conversation)).isEqualTo(all));
    }
  }

  private static Message first(ChatEngine node, UserId user, ConversationId conversation) {
    return get(node.asUser(user).history(conversation, HistoryQuery.newest())).messages().get(0);
  }

  private static ReactionCount count(Emoji emoji, long count, boolean me) {
    return new ReactionCount(emoji, count, me);
  }

  @Test
  void everyOtherConnectionOfEveryMemberSeesAReactionAndTheOwnOneGetsTheAnswer() {
    ConversationId talk = get(north.asUser(ADA).openDirect(BOB)).id();
    ConversationId group = get(north.asUser(ADA).createGroup("g", Set.of(BOB, CLEO))).id();
    RecordingListener here = new RecordingListener();
    RecordingListener elsewhere = new RecordingListener();
    RecordingListener bob = new RecordingListener();
    ChatSession reacting = connect(north, ADA, here);
    connect(south, ADA, elsewhere);
    connect(south, BOB, bob);
    for (ConversationId conversation : List.of(talk, group)) {
      send(BOB, conversation, "hello");

      ReactionAck ack = get(reacting.react(conversation, 1, THUMB, true));

      assertThat(ack).isEqualTo(new ReactionAck(conversation, 1, 1, 1));
      assertThat(get(reacting.react(conversation, 1, THUMB, true))).isEqualTo(ack);
      ReactionChange first = new ReactionChange(1, THUMB, true, 1);
      awaitTold(conversation, List.of(first), bob, elsewhere);
      assertThat(react(south, BOB, conversation, THUMB))
          .isEqualTo(new ReactionAck(conversation, 1, 2, 2));
      ReactionChange second = new ReactionChange(1, THUMB, true, 2);
      awaitTold(conversation, List.of(first, second), bob, elsewhere);
      get(reacting.react(conversation, 1, THUMB, false));
      ReactionChange third = new ReactionChange(1, THUMB, false, 1);
      awaitTold(conversation, List.of(first, second, third), bob, elsewhere);
      send(ADA, conversation, "done");
      await().atMost(LONG).until(() -> here.texts(conversation).contains("done"));
      assertThat(told(here, conversation)).as("not its own").containsExactly(second);
      assertThat(first(south, ADA, conversation).reactions())
          .containsExactly(count(THUMB, 1, false));
      assertThat(first(north, BOB, conversation).reactions())
          .containsExactly(count(THUMB, 1, true));
    }
  }

  /**
   * A node that reads a reaction from the store, because what came after it was there first, leaves
   * it out if a later one has taken its place.
   */
  @Test
  void aReactionThatWasTakenBackBeforeANodeReadItIsNotTold() {
    ConversationId group = get(north.asUser(ADA).createGroup("g", Set.of(BOB))).id();
    RecordingListener bob = connect(south, BOB);
    send(ADA, group, "hello");
    await().atMost(LONG).until(() -> bob.texts(group).contains("hello"));
    southRouter.cut();
    react(north, ADA, group, THUMB);
    get(north.asUser(ADA).react(group, 1, THUMB, false));
    react(north, ADA, group, HEART);
    assertThat(react(south, BOB, group, HEART).rev()).isEqualTo(4);

    await().atMost(LONG).until(() -> told(bob, group).size() == 3);
    assertThat(bob.events(ReactionChanged.class))
        .extracting(event -> event.change().rev())
        .containsExactly(2L, 3L, 4L);
    assertThat(told(bob, group))
        .containsExactly(
            new ReactionChange(1, THUMB, false, 0),
            new ReactionChange(1, HEART, true, 2),
            new ReactionChange(1, HEART, true, 2));
  }

  @Test
  void theRulesHold() {
    ConversationId talk = get(north.asUser(ADA).openDirect(BOB)).id();
    send(ADA, talk, "hello");
    assertRefused(north.asUser(CLEO).react(talk, 1, THUMB, true), ErrorCode.NOT_FOUND);
    assertRefused(
        north.asUser(CLEO).reactions(talk, 1, null, PageQuery.first()), ErrorCode.NOT_FOUND);
    for (long none : new long[] {-1, 0, 2, Long.MAX_VALUE}) {
      assertRefused(north.asUser(ADA).react(talk, none, THUMB, true), ErrorCode.NOT_FOUND);
      assertRefused(
          north.asUser(ADA).reactions(talk, none, null, PageQuery.first()), ErrorCode.NOT_FOUND);
    }
    for (int i = 0; i < UserReactions.MAX_PER_USER; i++) {
      react(north, BOB, talk, Emoji.of(Character.toString(0x1F600 + i)));
    }
    assertRefused(north.asUser(BOB).react(talk, 1, THUMB, true), ErrorCode.TOO_LARGE);
    get(north.asUser(ADA).deleteMessage(talk, 1));
    assertRefused(north.asUser(ADA).react(talk, 1, THUMB, true), ErrorCode.CONFLICT);
    assertRefused(north.asUser(BOB).react(talk, 1, HEART, false), ErrorCode.CONFLICT);
    assertThat(get(north.asUser(BOB).reactions(talk, 1, null, PageQuery.first())))
        .isEqualTo(new Page<UserReactions>(List.of(), false));
    assertThat(first(north, ADA, talk).reactions()).isEmpty();
  }

  @Test
  void whoReactedHasPages() {
    ConversationId group = get(north.asUser(ADA).createGroup("g", Set.of(BOB, CLEO))).id();
    send(ADA, group, "hello");
    react(north, CLEO, group, HEART);
    react(north, CLEO, group, THUMB);
    react(north, ADA, group, THUMB);
    react(north, BOB, group, HEART);

    Page<UserReactions> page =
        get(south.asUser(ADA).reactions(group, 1, null, PageQuery.<UserId>first().limit(2)));
    assertThat(page.items())
        .containsExactly(
            new UserReactions(ADA, List.of(THUMB)), new UserReactions(BOB, List.of(HEART)));
    assertThat(page.hasMore()).isTrue();
    page = get(south.asUser(ADA).reactions(group, 1, null, PageQuery.after(BOB)));
    assertThat(page.items()).containsExactly(new UserReactions(CLEO, List.of(HEART, THUMB)));
    assertThat(page.hasMore()).isFalse();
    assertThat(get(north.asApplication().reactions(group, 1, HEART, PageQuery.first())).items())
        .extracting(UserReactions::user)
        .containsExactly(BOB, CLEO);
  }

  /** A node that hears nothing finds the reactions by comparing itself with the store. */
  @Test
  void aReactionArrivesThoughItsEnvelopeIsLost() {
    ConversationId talk = get(north.asUser(ADA).openDirect(BOB)).id();
    ConversationId group = get(north.asUser(ADA).createGroup("g", Set.of(BOB))).id();
    RecordingListener bob = new RecordingListener();
    connect(south, BOB, bob);
    send(ADA, talk, "1");
    send(ADA, group, "1");
    await().atMost(LONG).until(() -> bob.texts(talk).size() + bob.texts(group).size() == 2);
    southRouter.cut();
    for (ConversationId conversation : List.of(talk, group)) {
      react(north, ADA, conversation, THUMB);
      get(north.asUser(ADA).react(conversation, 1, THUMB, false));
      react(north, ADA, conversation, HEART);
      get(north.asUser(ADA).editMessage(conversation, 1, MessageEdit.text("2")));
    }
    await().atMost(LONG).until(() -> bob.events(MessageChanged.class).size() == 2);
    for (ConversationId conversation : List.of(talk, group)) {
      assertThat(told(bob, conversation))
          .as("each reaction once, as it is now")
          .containsExactly(
              new ReactionChange(1, THUMB, false, 0), new ReactionChange(1, HEART, true, 1));
    }
    assertThat(bob.events(MessageChanged.class))
        .allMatch(
            seen -> seen.message().reactions().equals(List.of(new ReactionCount(HEART, 1, null))));
  }

  @Test
  void whoWasAwayGetsTheMessagesThatWereReactedTo() {
    ConversationId talk = get(north.asUser(ADA).openDirect(BOB)).id();
    IntStream.rangeClosed(1, 5).forEach(i -> send(ADA, talk, "message " + i));
    ChatSession bob = connect(south, BOB, new RecordingListener());
    get(north.asUser(BOB).react(talk, 2, THUMB, true));
    get(north.asUser(ADA).react(talk, 2, THUMB, true));
    get(north.asUser(ADA).react(talk, 5, HEART, true));
    get(north.asUser(BOB).react(talk, 3, HEART, true));
    get(north.asUser(BOB).react(talk, 3, HEART, false));

    ConversationState state =
        get(bob.sync(Map.of(talk, new SyncCursor(4, 0, 0)))).conversations().get(0);

    assertThat(state.rev()).isEqualTo(5);
    assertThat(state.changes()).extracting(Message::seq).containsExactly(2L, 3L);
    assertThat(state.changes()).extracting(Message::rev).containsExactly(2L, 5L);
    assertThat(state.changes().get(0).reactions()).containsExactly(count(THUMB, 2, true));
    assertThat(state.changes().get(1).reactions()).isEmpty();
    assertThat(state.missed().get(0).reactions()).containsExactly(count(HEART, 1, false));
    assertThat(state.lastMessage()).isEqualTo(state.missed().get(0));
    assertThat(get(bob.sync(Map.of(talk, new SyncCursor(5, 5, 0)))).conversations()).isEmpty();
  }

  @Test
  void nothingOfAReactionReachesWhoWasRemovedBefore() {
    ConversationId group = get(north.asUser(ADA).createGroup("g", Set.of(BOB, CLEO))).id();
    RecordingListener bob = new RecordingListener();
    RecordingListener cleo = new RecordingListener();
    connect(south, BOB, bob);
    connect(south, CLEO, cleo);
    send(ADA, group, "before");
    react(south, CLEO, group, HEART);
    await().atMost(LONG).until(() -> told(cleo, group).size() == 1);
    get(north.asUser(ADA).removeMembers(group, Set.of(CLEO)));
    react(north, ADA, group, THUMB);
    await().atMost(LONG).until(() -> told(bob, group).size() == 2);
    assertThat(told(cleo, group)).hasSize(1);
    assertRefused(south.asUser(CLEO).react(group, 1, HEART, false), ErrorCode.NOT_FOUND);
    assertThat(first(north, ADA, group).reactions())
        .as("who goes leaves them")
        .containsExactly(count(HEART, 1, false), count(THUMB, 1, true));
  }

  /** A whole group reacts at once, on both nodes: each reaction is told once, in one order. */
  @Test
  void aHotMessageIsToldInOneOrder() {
    List<UserId> users = IntStream.range(0, 200).mapToObj(i -> UserId.of("u" + i)).toList();
    ConversationId group =
        get(north
                .asApplication()
                .ensureGroup(GroupKey.of("hot"), NewGroup.named("hot").withMembers(users)))
            .id();
    get(north.asApplication().send(group, NewMessage.text("hot")));
    RecordingListener one = new RecordingListener();
    RecordingListener other = new RecordingListener();
    connect(north, users.get(0), one);
    connect(south, users.get(1), other);
    List<CompletableFuture<?>> calls = new ArrayList<>();
    for (int i = 0; i < users.size(); i++) {
      ChatEngine node = i % 2 == 0 ? north : south;
      calls.add(node.asUser(users.get(i)).react(group, 1, i % 3 == 0 ? HEART : THUMB, true));
    }
    calls.forEach(CompletableFuture::join);
    for (RecordingListener listener : List.of(one, other)) {
      await().atMost(LONG).until(() -> told(listener, group).size() == users.size());
      assertThat(listener.events(ReactionChanged.class))
          .extracting(event -> event.change().rev())
          .isEqualTo(LongStream.rangeClosed(1, users.size()).boxed().toList());
    }
    assertThat(first(south, users.get(3), group).reactions())
        .containsExactlyInAnyOrder(count(HEART, 67, true), count(THUMB, 133, false));
  }

  // ---- races, each some hundred times on two nodes

  /** However it ends, a deleted message has no reactions, and no reaction is told behind it. */
  @RepeatedTest(3)
  void aReactionAgainstADeletion() {
    ConversationId group = get(north.asUser(ADA).createGroup("g", Set.of(BOB))).id();
    RecordingListener watching = new RecordingListener();
    connect(south, BOB, watching);
    for (int round = 1; round <= 100; round++) {
      long seq = send(ADA, group, "m");
      CompletableFuture<ReactionAck> reaction = south.asUser(BOB).react(group, seq, THUMB, true);
      long deletion = get(north.asUser(ADA).deleteMessage(group, seq)).rev();
      try {
        assertThat(get(reaction).rev()).isLessThan(deletion);
      } catch (CompletionException late) {
        assertRefused(reaction, ErrorCode.CONFLICT);
      }
      Message left = first(north, BOB, group);
      assertThat(left.deleted()).isTrue();
      assertThat(left.reactions()).isEmpty();
      assertThat(get(north.asUser(BOB).reactions(group, seq, null, PageQuery.first())).items())
          .isEmpty();
      long last = seq;
      await()
          .atMost(LONG)
          .until(
              () ->
                  watching.events(MessageChanged.class).stream()
                      .anyMatch(seen -> seen.message().seq() == last));
    }
    assertInOneOrder(watching);
  }

  /** Two devices of a user disagree: the higher rev wins, and all devices are told the same. */
  @RepeatedTest(3)
  void onAgainstOffByTheSameUserOnTwoDevices() {
    ConversationId talk = get(north.asUser(ADA).openDirect(BOB)).id();
    send(BOB, talk, "m");
    RecordingListener one = new RecordingListener();
    RecordingListener other = new RecordingListener();
    RecordingListener bob = new RecordingListener();
    ChatSession phone = connect(north, ADA, one);
    ChatSession laptop = connect(south, ADA, other);
    connect(south, BOB, bob);
    for (int round = 1; round <= 100; round++) {
      CompletableFuture<ReactionAck> on = phone.react(talk, 1, THUMB, true);
      CompletableFuture<ReactionAck> off = laptop.react(talk, 1, THUMB, false);
      boolean stays = get(on).rev() > get(off).rev();
      Message message = first(north, ADA, talk);
      assertThat(message.reactions()).isEqualTo(stays ? List.of(count(THUMB, 1, true)) : List.of());
      long rev = message.rev();
      await()
          .atMost(LONG)
          .until(
              () ->
                  rev == 0
                      || bob.events(ReactionChanged.class).stream()
                          .anyMatch(seen -> seen.change().rev() == rev));
    }
    assertInOneOrder(one);
    assertInOneOrder(other);
    assertInOneOrder(bob);
    assertThat(one.events(ReactionChanged.class))
        .as("what the other device did")
        .allMatch(seen -> !seen.change().reaction().on());
    assertThat(other.events(ReactionChanged.class)).allMatch(seen -> seen.change().reaction().on());
  }

  /** A reaction comes before the end of the membership, or not at all. */
  @RepeatedTest(3)
  void aReactionAgainstLeavingAndRemoval() {
    ConversationId group = get(north.asUser(ADA).createGroup("g", Set.of(BOB))).id();
    RecordingListener watching = new RecordingListener();
    connect(north, ADA, watching);
    send(ADA, group, "m");
    for (int round = 1; round <= 100; round++) {
      get(north.asUser(BOB).react(group, 1, THUMB, false));
      long before = first(north, ADA, group).rev();
      CompletableFuture<ReactionAck> reaction = south.asUser(BOB).react(group, 1, THUMB, true);
      get(
          round % 2 == 0
              ? south.asUser(BOB).leave(group)
              : north.asUser(ADA).removeMembers(group, Set.of(BOB)));
      boolean came = reaction.handle((ack, fault) -> fault == null).join();
      Message message = first(north, ADA, group);
      assertThat(message.reactions()).hasSize(came ? 1 : 0);
      assertThat(message.rev() > before).isEqualTo(came);
      if (!came) {
        assertRefused(reaction, ErrorCode.NOT_FOUND);
      }
      get(north.asUser(ADA).addMembers(group, Set.of(BOB)));
    }
    send(ADA, group, "done");
    await().atMost(LONG).until(() -> watching.texts(group).contains("done"));
    assertInOneOrder(watching);
  }

  /** However a sync falls among the reactions, the state of the client ends as the store's. */
  @RepeatedTest(10)
  void aClientThatSyncsWhileOthersReactConverges() {
    ConversationId talk = get(north.asUser(ADA).openDirect(BOB)).id();
    send(ADA, talk, "0");
    RecordingListener bob = new RecordingListener();
    ChatSession session = connect(south, BOB, bob);
    for (int i = 1; i <= 50; i++) {
      get(north.asUser(ADA).react(talk, 1, THUMB, i % 2 == 1));
      if (i % 10 == 5) {
        get(session.react(talk, 1, HEART, i % 20 == 5));
        get(session.sync(Map.of(talk, new SyncCursor(1, 0, 0))));
      }
    }
    get(north.asUser(ADA).react(talk, 1, HEART, true));
    await()
        .atMost(LONG)
        .until(() -> told(bob, talk).contains(new ReactionChange(1, HEART, true, 2)));
    assertInOneOrder(bob);
    assertThat(told(bob, talk)).doesNotContain(new ReactionChange(1, HEART, false, 0));
  }

  // ---- hooks

  @Test
  void theActionHookIsAsked() {
    List<UserAction> actions = new ArrayList<>();
    ChatEngine guarded =
        node(
            network.join(),
            settings ->
                settings.actionHook(
                    ActionHook.blocking(
                        action -> {
                          actions.add(action);
                          if (action instanceof UserAction.React reaction
                              && reaction.emoji().equals(HEART)) {
                            throw ChatException.forbidden("no hearts");
                          }
                        })));
    ConversationId talk = get(north.asUser(ADA).openDirect(BOB)).id();
    send(ADA, talk, "one");

    assertRefused(guarded.asUser(ADA).react(talk, 1, HEART, true), ErrorCode.FORBIDDEN);
    get(guarded.asUser(ADA).react(talk, 1, THUMB, true));
    get(guarded.asUser(ADA).react(talk, 1, THUMB, false));
    assertThat(actions)
        .hasSize(3)
        .allMatch(action -> action instanceof UserAction.React reaction && reaction.seq() == 1);
    assertRefused(guarded.asUser(CLEO).react(talk, 1, THUMB, true), ErrorCode.NOT_FOUND);
    assertThat(actions).as("the hook is not asked about what is not the user's").hasSize(3);
  }
}
