package chat.engine.group;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import chat.engine.ChatEngine;
import chat.engine.ChatException;
import chat.engine.ChatSession;
import chat.engine.Conversation;
import chat.engine.ConversationId;
import chat.engine.ConversationState;
import chat.engine.DeviceId;
import chat.engine.Emoji;
import chat.engine.EngineBuilder;
import chat.engine.ErrorCode;
import chat.engine.ForwardOf;
import chat.engine.GroupKey;
import chat.engine.GroupUpdate;
import chat.engine.HistoryAccess;
import chat.engine.HistoryQuery;
import chat.engine.Message;
import chat.engine.MessageEdit;
import chat.engine.MessagePage;
import chat.engine.NewGroup;
import chat.engine.NewMessage;
import chat.engine.PageQuery;
import chat.engine.PreferencesEdit;
import chat.engine.ReplyPreview;
import chat.engine.Role;
import chat.engine.SearchQuery;
import chat.engine.SendAck;
import chat.engine.SyncCursor;
import chat.engine.UserId;
import chat.engine.event.ChatEvent;
import chat.engine.event.ConversationChanged;
import chat.engine.event.MessageChanged;
import chat.engine.event.MessageReceived;
import chat.engine.event.ReactionChanged;
import chat.engine.running.TwoNodeTest;
import chat.engine.testkit.RecordingListener;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Groups whose members read what was sent after they joined, on two nodes of a store. */
@Timeout(300)
abstract class HistoryAccessTests extends TwoNodeTest {
  private static final UserId LATE = UserId.of("late");
  private static final Duration LONG = Duration.ofSeconds(60);
  private static final Emoji THUMB = Emoji.of("👍");
  private static final int ROUNDS = 100;

  /** In every message that was sent before the late member joined. */
  private static final String SECRET = "secret";

  /** Of Ada and Bob, with five messages; users who join later read none of them. */
  private ConversationId group;

  @Override
  protected EngineBuilder northSettings(EngineBuilder settings) {
    return settings.search(true);
  }

  @BeforeEach
  final void createGroup() {
    group = get(north.asUser(ADA).createGroup("hikers", Set.of(BOB))).id();
    set(HistoryAccess.JOINED);
    for (int i = 1; i <= 5; i++) {
      get(
          north
              .asUser(BOB)
              .send(group, NewMessage.text(SECRET + " " + i).withMentions(List.of(ADA))));
    }
    get(north.asUser(ADA).pin(group, 2));
    get(north.asUser(ADA).react(group, 3, THUMB, true));
  }

  private static void assertNoMessage(CompletableFuture<?> call) {
    ChatException refusal = refusal(call);
    assertThat(refusal.code()).isEqualTo(ErrorCode.NOT_FOUND);
    assertThat(refusal.getMessage()).doesNotContain(SECRET);
  }

  private void set(HistoryAccess history) {
    get(north.asUser(ADA).updateGroup(group, GroupUpdate.of().withHistory(history)));
  }

  private void join() {
    get(north.asUser(ADA).addMembers(group, Set.of(LATE)));
  }

  private SendAck say(UserId who, NewMessage message) {
    return get(north.asUser(who).send(group, message));
  }

  private List<Long> seqs(ChatEngine node, UserId reader, HistoryQuery query) {
    return get(node.asUser(reader).history(group, query)).messages().stream()
        .map(Message::seq)
        .toList();
  }

  private static ConversationState sync(
      ChatEngine node, UserId user, ConversationId group, SyncCursor cursor) {
    ChatSession session = get(node.connect(user, DeviceId.of("s"), new RecordingListener()));
    ConversationState state =
        get(session.sync(Map.of(group, cursor))).conversations().stream()
            .filter(found -> found.conversation().id().equals(group))
            .findFirst()
            .orElseThrow();
    session.close();
    return state;
  }

  /** Whatever a member who joined late asks for, nothing of the time before is in the answer. */
  @Test
  void aLateMemberIsToldNothingOfTheTimeBefore() {
    RecordingListener late = connect(south, LATE);
    join();
    late.awaitNext(ConversationChanged.class);
    say(ADA, NewMessage.text("answer").withReplyTo(4));
    say(BOB, NewMessage.forward(group, 1).withReplyTo(6));
    say(LATE, NewMessage.text("mine").withReplyTo(5));
    get(north.asUser(BOB).editMessage(group, 4, MessageEdit.text(SECRET + " edited")));
    get(north.asUser(ADA).react(group, 1, THUMB, true));
    get(north.asUser(ADA).pin(group, 3));
    get(north.asUser(ADA).unpin(group, 3));
    get(north.asUser(BOB).deleteMessage(group, 5));
    get(north.asUser(ADA).pin(group, 6));
    get(north.asUser(ADA).react(group, 6, THUMB, true));
    late.awaitMessage(SECRET + " 1"); // what a member forwards is readable
    await()
        .atMost(LONG)
        .until(
            () ->
                late.events(ConversationChanged.class).stream()
                    .anyMatch(event -> Long.valueOf(6).equals(event.change().pinSeq())));

    List<Object> told = new ArrayList<>(late.events());
    List<Message> read = new ArrayList<>();
    for (ChatEngine node : List.of(north, south)) {
      for (HistoryQuery query :
          List.of(
              HistoryQuery.newest(),
              HistoryQuery.before(4),
              HistoryQuery.before(7),
              HistoryQuery.after(0),
              HistoryQuery.after(3).limit(2),
              HistoryQuery.around(2),
              HistoryQuery.around(6).limit(3))) {
        MessagePage page = get(node.asUser(LATE).history(group, query));
        read.addAll(page.messages());
      }
      ConversationState inbox = get(node.asUser(LATE).inbox(group));
      assertThat(inbox.unread()).isEqualTo(2);
      assertThat(inbox.pinned()).containsExactly(6L);
      told.add(inbox);
      get(node.asUser(LATE).setPreferences(group, PreferencesEdit.NOTHING.unreadFrom(1L)));
      assertThat(get(node.asUser(LATE).inbox(group)).unread()).isEqualTo(2);
      for (SyncCursor cursor :
          List.of(
              new SyncCursor(0, 0, 0),
              new SyncCursor(3, 0, 0),
              new SyncCursor(5, 1, 0),
              new SyncCursor(8, 1, 0))) {
        told.add(sync(node, LATE, group, cursor));
      }
      told.add(get(node.asUser(LATE).pins(group, PageQuery.first())));
      assertThat(get(node.asUser(LATE).pins(group, PageQuery.first())).items()).hasSize(1);
      assertNoMessage(node.asUser(LATE).reactions(group, 3, null, PageQuery.first()));
      assertNoMessage(node.asUser(LATE).react(group, 3, THUMB, true));
      assertNoMessage(node.asUser(LATE).editMessage(group, 3, MessageEdit.text("x")));
      assertNoMessage(node.asUser(LATE).deleteMessage(group, 3));
      assertNoMessage(node.asUser(LATE).report(group, 3, "what was that?"));
      assertNoMessage(node.asUser(LATE).send(group, NewMessage.forward(group, 3)));
      get(node.asApplication().setRole(group, LATE, Role.ADMIN));
      assertNoMessage(node.asUser(LATE).pin(group, 3));
      assertNoMessage(node.asUser(LATE).unpin(group, 2));
      get(node.asApplication().setRole(group, LATE, Role.MEMBER));
      for (SearchQuery query : List.of(SearchQuery.of(SECRET), SearchQuery.of(SECRET).in(group))) {
        await()
            .atMost(LONG)
            .untilAsserted(
                () -> {
                  List<Long> found =
                      get(north.asUser(LATE).search(query)).hits().stream()
                          .map(hit -> hit.message().seq())
                          .toList();
                  assertThat(found).containsExactly(7L);
                });
        get(north.asUser(LATE).search(query)).hits().forEach(hit -> read.add(hit.message()));
      }
    }
    told.addAll(read);
    assertThat(read).allMatch(message -> message.seq() > 5);
    for (Object one : told) {
      String forwarded = "text=" + SECRET + " 1"; // which a member has forwarded
      assertThat(one.toString().replace(forwarded, "")).doesNotContain(SECRET);
    }
    assertThat(late.events()).noneMatch(event -> seqOf(event) != null && seqOf(event) <= 5);
    for (Message message : late.messages(group)) {
      ReplyPreview preview = message.replyPreview();
      assertThat(preview == null || preview.seq() > 5).isTrue();
    }
    assertThat(late.messages(group).get(1).forwardOf()).isEqualTo(ForwardOf.ELSEWHERE);
    assertThat(late.messages(group).get(1).replyPreview()).isNotNull();
    assertThat(read)
        .filteredOn(message -> message.seq() == 7)
        .isNotEmpty()
        .allMatch(message -> message.forwardOf().equals(ForwardOf.ELSEWHERE))
        .allMatch(message -> message.replyPreview().seq() == 6);
  }

  /** Of the message that an event is about; null if it is about none. */
  private static Long seqOf(ChatEvent event) {
    if (event instanceof MessageReceived received) {
      return received.message().seq();
    }
    if (event instanceof MessageChanged changed) {
      return changed.message().seq();
    }
    if (event instanceof ReactionChanged changed) {
      return changed.change().reaction().seq();
    }
    return event instanceof ConversationChanged changed && changed.change() != null
        ? changed.change().pinSeq()
        : null;
  }

  @Test
  void foundersReadEverything() {
    join();
    RecordingListener bob = connect(south, BOB);
    say(ADA, NewMessage.text("answer").withReplyTo(4));
    assertThat(seqs(south, BOB, HistoryQuery.after(0))).containsExactly(1L, 2L, 3L, 4L, 5L, 6L);
    assertThat(bob.awaitMessage("answer").replyPreview().text()).isEqualTo(SECRET + " 4");
    assertThat(get(south.asUser(ADA).inbox(group)).unreadMentions()).isEqualTo(5);
    assertThat(seqs(south, ADA, HistoryQuery.before(4))).containsExactly(1L, 2L, 3L);
  }

  @Test
  void theSettingDecidesWhenSomethingIsReadAndLiveSessionsFollowIt() {
    join();
    RecordingListener late = connect(south, LATE);
    say(ADA, NewMessage.text("one").withReplyTo(4));
    assertThat(late.awaitMessage("one").replyPreview()).isNull();
    assertThat(seqs(south, LATE, HistoryQuery.after(0))).containsExactly(6L);

    set(HistoryAccess.ALL);
    say(ADA, NewMessage.text("two").withReplyTo(4));
    assertThat(late.awaitMessage("two").replyPreview().text()).isEqualTo(SECRET + " 4");
    assertThat(seqs(south, LATE, HistoryQuery.after(0)))
        .containsExactly(1L, 2L, 3L, 4L, 5L, 6L, 7L);
    get(north.asUser(ADA).react(group, 1, THUMB, true));
    late.awaitNext(ReactionChanged.class, event -> event.change().reaction().seq() == 1);

    set(HistoryAccess.JOINED);
    say(ADA, NewMessage.text("three").withReplyTo(4));
    assertThat(late.awaitMessage("three").replyPreview()).isNull();
    assertThat(seqs(south, LATE, HistoryQuery.around(1).limit(2))).containsExactly(6L, 7L);
    ConversationState state = get(south.asUser(LATE).inbox(group));
    assertThat(state.conversation().history()).isEqualTo(HistoryAccess.JOINED);
  }

  @Test
  void aMembershipThatBeginsAnewReadsFromThere() {
    join();
    say(ADA, NewMessage.text("six"));
    assertThat(seqs(south, LATE, HistoryQuery.newest())).containsExactly(6L);
    get(north.asUser(LATE).leave(group));
    say(ADA, NewMessage.text("seven"));
    join();
    assertThat(seqs(south, LATE, HistoryQuery.newest())).isEmpty();
    ConversationState behind = sync(south, LATE, group, new SyncCursor(6, 3, 6));
    assertThat(behind.reset()).isTrue();
    assertThat(behind.missed()).isEmpty();
    assertThat(behind.lastMessage()).isNull();
    assertThat(behind.hasMore()).isFalse();
    assertThat(behind.unread()).isZero();
    say(ADA, NewMessage.text("eight"));
    assertThat(seqs(south, LATE, HistoryQuery.after(0))).containsExactly(8L);
    behind = sync(south, LATE, group, new SyncCursor(6, 3, 6));
    assertThat(behind.reset()).isTrue();
    assertThat(behind.missed()).extracting(Message::seq).containsExactly(8L);
    assertThat(behind.hasMore()).isFalse();
    assertThat(behind.unread()).isOne();
  }

  @Test
  void aNodeThatMissedTheChangeOfTheSettingKeepsToIt() {
    set(HistoryAccess.ALL);
    join();
    RecordingListener late = connect(south, LATE);
    southRouter.cut();
    set(HistoryAccess.JOINED);
    say(ADA, NewMessage.text("six").withReplyTo(4));
    get(north.asUser(BOB).editMessage(group, 4, MessageEdit.text(SECRET + " edited")));
    say(ADA, NewMessage.text("seven").withReplyTo(6));
    assertThat(late.awaitMessage("six").replyPreview()).isNull();
    assertThat(late.awaitMessage("seven").replyPreview().text()).isEqualTo("six");
    assertThat(late.events().toString()).doesNotContain(SECRET);
  }

  @Test
  void whatAnApplicationCreatesHasTheSettingAtOnce() {
    ConversationId created =
        get(north
                .asApplication()
                .ensureGroup(
                    GroupKey.of("key"),
                    NewGroup.named("orders")
                        .withMember(ADA, Role.OWNER)
                        .withHistory(HistoryAccess.JOINED)))
            .id();
    get(north.asUser(ADA).send(created, NewMessage.text(SECRET)));
    get(south.asApplication().ensureMembers(created, Set.of(LATE)));
    assertThat(get(south.asUser(LATE).history(created, HistoryQuery.newest())).messages())
        .isEmpty();
    assertThat(get(south.asApplication().history(created, HistoryQuery.newest())).messages())
        .hasSize(1);
  }

  @Tag("races")
  @Test
  void joiningBesideSendsNobodyReadsWhatCameBefore() {
    for (int round = 0; round < ROUNDS; round++) {
      CompletableFuture<SendAck> send = north.asUser(BOB).send(group, NewMessage.text("r" + round));
      CompletableFuture<?> joining = south.asUser(ADA).addMembers(group, Set.of(LATE));
      long sent = get(send).seq();
      get(joining);
      long joined =
          get(south.asApplication().members(group, PageQuery.<UserId>first().limit(10)))
              .members()
              .stream()
              .filter(member -> member.user().equals(LATE))
              .findFirst()
              .orElseThrow()
              .joinedSeq();
      List<Long> read = seqs(north, LATE, HistoryQuery.newest());
      assertThat(read).isEqualTo(sent > joined ? List.of(sent) : List.of());
      get(north.asUser(ADA).removeMembers(group, Set.of(LATE)));
    }
  }

  @Test
  void aGroupIsCreatedWithTheHistoryThatItsCreatorSays() {
    for (@Nullable GroupKey key : Arrays.asList(null, GroupKey.ofClient("one"))) {
      Conversation created =
          get(north.asUser(ADA).createGroup(key, "new", Set.of(BOB), HistoryAccess.JOINED));
      assertThat(created.history()).isEqualTo(HistoryAccess.JOINED);
      group = created.id();
      say(BOB, NewMessage.text(SECRET));
      join();
      assertThat(seqs(south, LATE, HistoryQuery.newest())).isEmpty();
      assertThat(seqs(south, ADA, HistoryQuery.newest())).containsExactly(1L);
    }
    Conversation again =
        get(
            south
                .asUser(ADA)
                .createGroup(GroupKey.ofClient("one"), "new", Set.of(), HistoryAccess.ALL));
    assertThat(again.id()).isEqualTo(group);
    assertThat(again.history()).as("as it was created").isEqualTo(HistoryAccess.JOINED);
  }
}
