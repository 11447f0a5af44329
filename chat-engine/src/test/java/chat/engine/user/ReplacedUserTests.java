package chat.engine.user;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;
import static org.awaitility.Awaitility.await;

import chat.engine.ChatException;
import chat.engine.ChatSession;
import chat.engine.ClientMessageId;
import chat.engine.Conversation;
import chat.engine.ConversationChange;
import chat.engine.ConversationChange.Kind;
import chat.engine.ConversationId;
import chat.engine.ConversationState;
import chat.engine.DeviceId;
import chat.engine.Emoji;
import chat.engine.EngineBuilder;
import chat.engine.ErrorCode;
import chat.engine.GroupKey;
import chat.engine.HistoryQuery;
import chat.engine.Member;
import chat.engine.Message;
import chat.engine.MessageEdit;
import chat.engine.NewInvite;
import chat.engine.NewMessage;
import chat.engine.PageQuery;
import chat.engine.PreferencesEdit;
import chat.engine.Privacy;
import chat.engine.PrivacyEdit;
import chat.engine.ProfileUpdate;
import chat.engine.ReactionCount;
import chat.engine.Role;
import chat.engine.SendAck;
import chat.engine.SyncCursor;
import chat.engine.UserId;
import chat.engine.UserReactions;
import chat.engine.UserRecord;
import chat.engine.event.MessageChanged;
import chat.engine.event.SessionEnded;
import chat.engine.protocol.UserRecordJson;
import chat.engine.running.TwoNodeTest;
import chat.engine.spi.MessageStore;
import chat.engine.spi.UserReplacements;
import chat.engine.testing.Logged;
import chat.engine.testkit.RecordingListener;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Users are erased and renamed, and what they wrote is deleted; on two nodes of a store. */
@Timeout(300)
abstract class ReplacedUserTests extends TwoNodeTest {
  /** An id that is part of nothing else that the store keeps. */
  static final UserId ADA = UserId.of("ada-of-old");

  static final UserId ERIN = UserId.of("erin");
  static final UserId GONE = UserId.of("gone-1");
  static final UserId NEW = UserId.of("lovelace");

  /** In all that Ada writes. */
  static final String WROTE = "zebrafinch";

  private static final Emoji THUMB = Emoji.of("👍");
  private static final Duration LONG = Duration.ofSeconds(60);

  /** Of the races. */
  abstract int rounds();

  @Override
  protected EngineBuilder settings(EngineBuilder settings) {
    return settings.search(true).editHistory(true);
  }

  private long send(UserId from, ConversationId to, String text) {
    return get(north.asUser(from).send(to, NewMessage.text(text))).seq();
  }

  private List<Message> history(UserId user, ConversationId id) {
    return get(south.asUser(user).history(id, HistoryQuery.after(0))).messages();
  }

  private Map<UserId, Role> members(ConversationId id) {
    return get(north.asApplication().members(id, PageQuery.first())).members().stream()
        .collect(Collectors.toMap(Member::user, Member::role));
  }

  /** The last state of each message of which a listener was told a change. */
  private static Map<Long, Message> changed(RecordingListener listener, ConversationId id) {
    return listener.events(MessageChanged.class).stream()
        .map(MessageChanged::message)
        .filter(message -> message.conversation().equals(id))
        .collect(Collectors.toMap(Message::seq, one -> one, (before, after) -> after));
  }

  /** What Ada did. */
  record World(
      ConversationId talk,
      ConversationId owned,
      ConversationId left,
      ConversationId adminOf,
      ConversationId deleted,
      ConversationId quiet) {}

  /** Ada does everything that leaves a trace. */
  World everything() {
    ConversationId talk = get(north.asUser(ADA).openDirect(BOB)).id();
    ConversationId owned =
        get(north.asUser(ADA).createGroup(GroupKey.of("key-1"), "owned", Set.of(BOB, CLEO, DAN)))
            .id();
    ConversationId left = get(north.asUser(BOB).createGroup("left", Set.of(ADA, CLEO))).id();
    ConversationId adminOf = get(north.asUser(BOB).createGroup("admin", Set.of(ADA, CLEO))).id();
    ConversationId deleted = get(north.asUser(BOB).createGroup("deleted", Set.of(ADA))).id();
    get(north.asUser(BOB).setRole(adminOf, ADA, Role.ADMIN));
    for (ConversationId id : List.of(talk, owned, left, adminOf)) {
      get(
          north
              .asUser(ADA)
              .send(
                  id,
                  NewMessage.text(ClientMessageId.of("of-ada-of-old"), WROTE + " one")
                      .withAttributes("{\"a\":\"" + WROTE + "\"}"))); // 1
      send(BOB, id, "an answer"); // 2
      get(north.asUser(BOB).send(id, NewMessage.text("hello you").withMentions(List.of(ADA)))); // 3
      get(
          north
              .asUser(ADA)
              .send(
                  id,
                  NewMessage.text(WROTE + " two")
                      .withReplyTo(2)
                      .withMentions(List.of(BOB, ADA)))); // 4
      get(north.asUser(BOB).send(id, NewMessage.text("re").withReplyTo(1))); // 5
      send(ADA, id, WROTE + " three"); // 6
      get(north.asUser(ADA).editMessage(id, 6, MessageEdit.text(WROTE + " edited")));
      send(ADA, id, WROTE + " deleted"); // 7
      get(north.asUser(ADA).deleteMessage(id, 7));
      get(north.asUser(ADA).react(id, 2, THUMB, true));
      get(north.asUser(BOB).react(id, 2, THUMB, true));
      get(north.asUser(ADA).react(id, 3, THUMB, true));
      get(north.asUser(ADA).react(id, 3, THUMB, false));
      get(north.asUser(BOB).react(id, 1, THUMB, true));
      get(north.asUser(ADA).markRead(id, 5));
      get(
          north
              .asUser(ADA)
              .setPreferences(
                  id, PreferencesEdit.NOTHING.mutedUntil(PreferencesEdit.FOR_GOOD).pinned(true)));
    }
    send(ADA, deleted, WROTE + " in what is deleted");
    for (ConversationId group : List.of(owned, adminOf)) {
      get(north.asUser(ADA).pin(group, 2));
      get(north.asUser(ADA).pin(group, 1));
      var unused = get(north.asUser(ADA).createInvite(group, NewInvite.unlimited()));
      get(north.asUser(ADA).silence(group, CLEO, Instant.parse("2100-01-01T00:00:00Z")));
    }
    get(north.asUser(ADA).ban(owned, DAN, null));
    get(north.asUser(ADA).leave(left));
    get(north.asUser(BOB).ban(left, ADA, null));
    get(north.asUser(BOB).leave(deleted).handle((done, fault) -> null));
    get(north.asApplication().delete(deleted));
    get(north.asUser(ADA).block(DAN));
    get(north.asUser(CLEO).block(ADA));
    get(north.asUser(ADA).setPrivacy(PrivacyEdit.NOTHING.lastSeen(Privacy.Audience.CONTACTS)));
    get(north.asUser(ADA).updateProfile(ProfileUpdate.NOTHING.withDisplayName(WROTE + " A.")));
    get(north.asUser(ADA).report(owned, 2, WROTE + " of a report"));
    get(north.asUser(BOB).report(owned, 1, "of what she wrote"));
    ConversationId forwards = get(north.asUser(ADA).createGroup("forwards", Set.of(ERIN))).id();
    send(ADA, forwards, WROTE + " to be forwarded");
    get(north.asUser(ADA).send(forwards, NewMessage.forward(forwards, 1)));
    ConversationId quiet = get(north.asUser(ADA).openDirect(ERIN)).id();
    send(ADA, quiet, WROTE + ", and no change ever"); // so the log does not name her
    return new World(talk, owned, left, adminOf, deleted, quiet);
  }

  // ---- erasing

  @Test
  void membersSeeThatAUserIsErased() {
    World world = everything();
    RecordingListener bob = new RecordingListener();
    ChatSession session = connect(south, BOB, bob);
    RecordingListener ada = new RecordingListener();
    connect(south, ADA, ada);

    get(north.asApplication().eraseUser(ADA, GONE));

    assertThat(ada.awaitNext(SessionEnded.class).reason()).isEqualTo(SessionEnded.Reason.GONE);
    for (ConversationId id : List.of(world.talk(), world.owned(), world.adminOf())) {
      List<Message> stored = history(BOB, id);
      assertErased(stored);
      await()
          .atMost(LONG)
          .untilAsserted(
              () -> {
                Map<Long, Message> seen = changed(bob, id);
                assertThat(seen.keySet()).contains(1L, 2L, 3L, 4L, 6L, 7L);
                seen.forEach(
                    (seq, message) ->
                        assertThat(withoutMarks(message))
                            .isEqualTo(withoutMarks(stored.get(seq.intValue() - 1))));
              });
    }
    assertErased(
        get(north.asApplication().history(world.left(), HistoryQuery.after(0))).messages());
    assertThat(members(world.owned())).isEqualTo(Map.of(BOB, Role.OWNER, CLEO, Role.MEMBER));
    assertThat(members(world.adminOf())).isEqualTo(Map.of(BOB, Role.OWNER, CLEO, Role.MEMBER));
    await()
        .atMost(LONG)
        .untilAsserted(
            () ->
                assertThat(changes(bob))
                    .extracting(ConversationChange::conversation, ConversationChange::kind)
                    .contains(
                        tuple(world.talk(), Kind.PEER_REPLACED),
                        tuple(world.owned(), Kind.REMOVED),
                        tuple(world.owned(), Kind.ROLE_SET)));
    assertThat(get(south.asUser(BOB).inbox(world.talk())).conversation().peers())
        .containsExactly(BOB, GONE);
    assertThat(get(session.sync(Map.of())).conversations())
        .extracting(ConversationState::conversation)
        .filteredOn(conversation -> conversation.id().equals(world.talk()))
        .extracting(Conversation::peers)
        .containsExactly(List.of(BOB, GONE));
    assertThat(get(north.asUser(BOB).send(world.talk(), NewMessage.text("still here"))).seq())
        .isEqualTo(8);
    assertRefused(
        north.asUser(ADA).send(world.talk(), NewMessage.text("no more")), ErrorCode.NOT_FOUND);
    assertRefused(
        south.asUser(ADA).send(world.owned(), NewMessage.text("no more")), ErrorCode.NOT_FOUND);
    assertThat(get(north.asUser(ADA).inbox(PageQuery.first())).items()).isEmpty();
  }

  /** An event does not say which reactions are the reader's own. */
  private static Message withoutMarks(Message message) {
    return message.withReactions(
        message.reactions().stream()
            .map(one -> new ReactionCount(one.emoji(), one.count(), null))
            .toList(),
        message.rev());
  }

  /** What is left of the messages of {@link #everything}. */
  private static void assertErased(List<Message> messages) {
    assertThat(messages).extracting(Message::seq).containsExactly(1L, 2L, 3L, 4L, 5L, 6L, 7L);
    for (int seq : new int[] {1, 4, 6, 7}) {
      Message message = messages.get(seq - 1);
      assertThat(message.deleted()).isTrue();
      assertThat(message.from()).isEqualTo(GONE);
      assertThat(message.text()).isEmpty();
      assertThat(message.attributes()).isNull();
      assertThat(message.mentions()).isEmpty();
      assertThat(message.reactions()).isEmpty();
    }
    assertThat(messages.get(1).reactionsWith(THUMB)).isEqualTo(1);
    assertThat(messages.get(1).editedAt()).isNull();
    assertThat(messages.get(2).mentions()).isEmpty();
    assertThat(messages.get(2).text()).isEqualTo("hello you");
    assertThat(Objects.requireNonNull(messages.get(4).replyPreview()).from()).isEqualTo(GONE);
  }

  @Test
  void aClientThatWasAwayConvergesBySync() {
    World world = everything();
    ConversationState before = get(south.asUser(BOB).inbox(world.owned()));
    get(north.asApplication().eraseUser(ADA, GONE));
    RecordingListener bob = new RecordingListener();
    List<Message> changes =
        get(
                south.connect(
                    BOB,
                    DeviceId.of("d"),
                    Map.of(
                        world.owned(),
                        new SyncCursor(before.lastSeq(), before.rev(), before.readSeq())),
                    bob))
            .sync()
            .conversations()
            .stream()
            .filter(state -> state.conversation().id().equals(world.owned()))
            .flatMap(state -> state.changes().stream())
            .toList();
    List<Message> stored = history(BOB, world.owned());
    assertThat(changes).extracting(Message::seq).contains(1L, 2L, 3L, 4L, 6L, 7L);
    assertThat(changes)
        .allSatisfy(
            message ->
                assertThat(message.withReplyPreview(null).from())
                    .isEqualTo(stored.get((int) message.seq() - 1).from()));
  }

  @Test
  void erasingIsIdempotentAndAnsweredAtOnceWhenDone() {
    World world = everything();
    CompletableFuture<Void> one = north.asApplication().eraseUser(ADA, GONE);
    CompletableFuture<Void> other = south.asApplication().eraseUser(ADA, UserId.of("gone-2"));
    get(one);
    get(other);
    long rev = get(south.asUser(BOB).inbox(world.owned())).rev();
    get(south.asApplication().eraseUser(ADA));
    assertThat(get(south.asUser(BOB).inbox(world.owned())).rev()).isEqualTo(rev);
    assertThat(history(BOB, world.owned())).extracting(Message::from).doesNotContain(ADA);
    assertRefused(north.asApplication().eraseUser(CLEO, BOB), ErrorCode.CONFLICT);
    assertRefused(north.asApplication().eraseUser(CLEO, CLEO), ErrorCode.BAD_REQUEST);
    // one name can stand for several
    get(north.asApplication().eraseUser(CLEO, GONE));
    assertThat(members(world.owned())).containsOnlyKeys(BOB);
  }

  @Test
  void theNameCanBeUsedAnewAndFindsNothing() {
    World world = everything();
    get(north.asApplication().eraseUser(ADA, GONE));
    ConversationId fresh = get(north.asUser(ADA).openDirect(BOB)).id();
    assertThat(fresh).isNotEqualTo(world.talk());
    assertThat(send(ADA, fresh, "another Ada")).isEqualTo(1);
    assertThat(get(north.asUser(ADA).inbox(PageQuery.first())).items()).hasSize(1);
    get(north.asApplication().eraseUser(ADA, UserId.of("gone-3")));
    assertThat(history(BOB, fresh)).allMatch(Message::deleted);
  }

  @Test
  void anotherNodeGoesOnWithWhatADeadOneLeft() {
    World world = everything();
    try (MessageStore dead = openStore()) {
      UserReplacements.Job job =
          dead.replacements()
              .begin(UserReplacements.Kind.ERASE, ADA, GONE, Instant.parse("2026-01-01T00:00:00Z"));
      // of what leads to the conversation nothing is left but the entry about this
      assertThat(dead.replacements().replaceMember(job, world.quiet(), Instant.EPOCH)).isPresent();
    }
    get(south.asApplication().eraseUser(ADA, UserId.of("another")));
    assertErased(history(BOB, world.talk()));
    assertErased(history(BOB, world.owned()));
    assertThat(history(ERIN, world.quiet()))
        .singleElement()
        .satisfies(
            message -> {
              assertThat(message.from()).isEqualTo(GONE);
              assertThat(message.text()).isEmpty();
            });
  }

  /** What is committed before the user leaves is erased, and what comes later is refused. */
  @Tag("races")
  @Test
  void everySendBesideAnErasureIsErasedOrRefused() {
    for (int round = 0; round < rounds(); round++) {
      UserId user = UserId.of("user-" + round);
      UserId name = UserId.of("gone-" + round + "-x");
      ConversationId group = get(north.asUser(BOB).createGroup("g", Set.of(user))).id();
      ConversationId talk = get(north.asUser(BOB).openDirect(user)).id();
      List<CompletableFuture<SendAck>> sends = new ArrayList<>();
      CompletableFuture<Void> erased = null;
      for (int i = 0; i < 6; i++) {
        sends.add(south.asUser(user).send(group, NewMessage.text("text " + i)));
        sends.add(north.asUser(user).send(talk, NewMessage.text("text " + i)));
        if (i == round % 6) {
          erased = north.asApplication().eraseUser(user, name);
        }
      }
      get(Objects.requireNonNull(erased));
      long stored =
          sends.stream().filter(send -> send.handle((ack, fault) -> fault == null).join()).count();
      List<Message> messages = new ArrayList<>(history(BOB, group));
      messages.addAll(history(BOB, talk));
      assertThat(messages).hasSize((int) stored);
      assertThat(messages)
          .allSatisfy(
              message -> {
                assertThat(message.from()).isEqualTo(name);
                assertThat(message.deleted()).isTrue();
              });
    }
  }

  /**
   * A sync beside an erasure shows each message as it was or as it is; what follows tells the rest.
   */
  @Tag("races")
  @Test
  void aSyncBesideAnErasureConverges() {
    for (int round = 0; round < rounds(); round++) {
      UserId user = UserId.of("user-" + round);
      UserId name = UserId.of("gone-" + round + "-y");
      UserId reader = UserId.of("reader-" + round);
      ConversationId group = get(north.asUser(reader).createGroup("g", Set.of(user))).id();
      for (int i = 0; i < 3; i++) {
        send(user, group, "text");
      }
      RecordingListener listener = new RecordingListener();
      CompletableFuture<Void> erased = north.asApplication().eraseUser(user, name);
      var connected =
          get(
              south.connect(
                  reader, DeviceId.of("d"), Map.of(group, new SyncCursor(0, 0, 0)), listener));
      get(erased);
      Map<Long, Message> seen =
          connected.sync().conversations().stream()
              .flatMap(state -> state.missed().stream())
              .collect(Collectors.toMap(Message::seq, one -> one));
      await()
          .atMost(LONG)
          .untilAsserted(
              () -> {
                listener
                    .messages(group)
                    .forEach(message -> seen.putIfAbsent(message.seq(), message));
                changed(listener, group).forEach(seen::put);
                assertThat(seen.values()).hasSize(3).allMatch(Message::deleted);
                assertThat(seen.values()).extracting(Message::from).containsOnly(name);
              });
      connected.session().close();
    }
  }

  // ---- renaming

  @Test
  void everythingFollowsANewId() {
    World world = everything();
    RecordingListener bob = new RecordingListener();
    connect(south, BOB, bob);
    List<Message> before = history(BOB, world.owned());

    get(north.asApplication().renameUser(ADA, NEW));

    List<Message> after = history(BOB, world.owned());
    assertThat(after).extracting(Message::text).isEqualTo(texts(before));
    assertThat(after).extracting(Message::from).containsExactly(NEW, BOB, BOB, NEW, BOB, NEW, NEW);
    assertThat(after.get(2).mentions()).containsExactly(NEW);
    assertThat(after.get(2).editedAt()).isNull();
    assertThat(after.get(3).mentions()).containsExactly(BOB, NEW);
    await()
        .atMost(LONG)
        .untilAsserted(
            () -> assertThat(changed(bob, world.owned()).keySet()).contains(1L, 3L, 4L, 6L, 7L));
    assertThat(members(world.owned()))
        .isEqualTo(Map.of(NEW, Role.OWNER, BOB, Role.MEMBER, CLEO, Role.MEMBER));
    assertThat(members(world.adminOf())).containsEntry(NEW, Role.ADMIN);
    assertThat(get(north.asUser(NEW).openDirect(BOB)).id()).isEqualTo(world.talk());
    ConversationState state = get(north.asUser(NEW).inbox(world.talk()));
    assertThat(state.readSeq()).isEqualTo(5);
    assertThat(state.preferences().pinned()).isTrue();
    assertThat(get(north.asUser(BOB).reactions(world.owned(), 2, null, PageQuery.first())).items())
        .extracting(UserReactions::user)
        .containsExactly(BOB, NEW);
    assertThat(get(north.asUser(NEW).blocked(PageQuery.first())).items()).containsExactly(DAN);
    assertThat(get(north.asUser(CLEO).blocked(PageQuery.first())).items()).containsExactly(NEW);
    assertThat(get(north.asUser(NEW).createGroup(GroupKey.of("key-1"), "owned", Set.of(BOB))).id())
        .isEqualTo(world.owned());
    SendAck retry =
        get(
            north
                .asUser(NEW)
                .send(
                    world.owned(),
                    NewMessage.text(ClientMessageId.of("of-ada-of-old"), WROTE + " one")
                        .withAttributes("{\"a\":\"" + WROTE + "\"}")));
    assertThat(retry.duplicate()).isTrue();
    assertThat(retry.seq()).isEqualTo(1);
    assertThat(get(north.asUser(BOB).bans(world.left(), PageQuery.first())).items())
        .extracting(ban -> ban.user())
        .containsExactly(NEW);
    assertRefused(
        north.asUser(ADA).send(world.talk(), NewMessage.text("no more")), ErrorCode.NOT_FOUND);
    assertThat(get(north.asUser(NEW).send(world.talk(), NewMessage.text("me again"))).seq())
        .isEqualTo(8);
  }

  private static List<String> texts(List<Message> messages) {
    return messages.stream().map(Message::text).toList();
  }

  @Test
  void aNewIdMustNeverHaveBeenUsed() {
    World world = everything();
    assertRefused(north.asApplication().renameUser(ADA, BOB), ErrorCode.CONFLICT);
    get(north.asApplication().eraseUser(CLEO, GONE));
    assertRefused(north.asApplication().renameUser(ADA, GONE), ErrorCode.CONFLICT);
    get(north.asApplication().renameUser(ADA, NEW));
    get(north.asApplication().renameUser(ADA, NEW)); // again, at once
    assertThat(members(world.owned())).containsKey(NEW);
  }

  // ---- export

  @Test
  void anExportHasAllThatAUserIsAndWrote() {
    World world = everything();
    Instant until = Instant.parse("2100-01-01T00:00:00Z");
    get(north.asApplication().silence(world.owned(), ADA, until));
    List<String> lines = new ArrayList<>();
    get(
        north
            .asApplication()
            .export(
                ADA,
                page -> {
                  page.forEach(
                      record ->
                          lines.add(
                              new String(
                                  UserRecordJson.line(ADA, record), StandardCharsets.UTF_8)));
                  return CompletableFuture.completedFuture(null);
                }));
    assertThat(lines).allSatisfy(line -> assertThat(line).startsWith("{").endsWith("}\n"));
    assertThat(lines.get(0))
        .contains("\"profile\"", ADA.value(), WROTE + " A.", "\"last_seen\":\"contacts\"");
    assertThat(lines).filteredOn(line -> line.contains("\"blocks\"")).hasSize(1);
    for (ConversationId id : List.of(world.talk(), world.owned(), world.left(), world.adminOf())) {
      List<String> of = lines.stream().filter(line -> line.contains("\"" + id + "\"")).toList();
      assertThat(of.get(0)).contains("\"conversation\"");
      assertThat(of.get(0).contains("\"role\"")).isEqualTo(!id.equals(world.left()));
      assertThat(of.get(0).contains("\"silenced_until\":\"2100-01-01T"))
          .isEqualTo(id.equals(world.owned()));
      assertThat(of).filteredOn(line -> line.contains("\"message\"")).hasSize(3);
      assertThat(of).filteredOn(line -> line.contains("\"reaction\"")).hasSize(1);
      assertThat(of)
          .filteredOn(line -> line.contains("\"message_version\""))
          .singleElement()
          .asString()
          .contains("\"seq\":6", "\"version\":1", WROTE + " three");
    }
    assertThat(lines)
        .filteredOn(line -> line.contains("\"report\""))
        .singleElement()
        .asString()
        .contains("\"" + world.owned() + "\"", "\"seq\":2", WROTE + " of a report", "reported_at");
    assertThat(String.join("", lines)).contains(WROTE + " edited").doesNotContain("an answer");
  }

  @Test
  void whatTheSinkOfAnExportThrowsIsNoFaultOfTheEngine() {
    everything();
    IllegalStateException full = new IllegalStateException("the disk is full");
    ChatException enough = ChatException.tooLarge("on purpose");
    try (Logged logged = Logged.below("chat.engine")) {
      for (UserRecord.Sink sink :
          List.<UserRecord.Sink>of(
              page -> CompletableFuture.failedFuture(full),
              page -> {
                throw full;
              },
              page -> {
                throw new StackOverflowError("on purpose");
              })) {
        assertThatThrownBy(() -> north.asApplication().export(ADA, sink).join())
            .cause()
            .hasFieldOrPropertyWithValue("code", ErrorCode.INTERNAL)
            .hasMessage("the sink of the export failed");
      }
      assertThatThrownBy(
              () ->
                  north
                      .asApplication()
                      .export(ADA, page -> CompletableFuture.failedFuture(enough))
                      .join())
          .hasCause(enough);
      assertThat(logged.warnings()).isEmpty();
    }
  }

  // ---- messages

  @Test
  void allMessagesOfAUserAreDeletedAndTheUserStays() {
    World world = everything();
    RecordingListener bob = new RecordingListener();
    connect(south, BOB, bob);
    get(north.asApplication().deleteMessagesOf(ADA, world.talk()));
    assertThat(history(BOB, world.owned()).get(0).deleted()).isFalse();

    get(north.asApplication().deleteMessagesOf(ADA));
    for (ConversationId id : List.of(world.talk(), world.owned(), world.adminOf())) {
      assertThat(history(BOB, id))
          .allSatisfy(
              message -> assertThat(message.deleted()).isEqualTo(message.from().equals(ADA)));
      await()
          .atMost(LONG)
          .untilAsserted(() -> assertThat(changed(bob, id).keySet()).contains(1L, 4L, 6L));
    }
    assertThat(get(north.asApplication().history(world.left(), HistoryQuery.after(0))).messages())
        .allSatisfy(message -> assertThat(message.deleted()).isEqualTo(message.from().equals(ADA)));
    assertThat(members(world.owned())).containsEntry(ADA, Role.OWNER);
    send(ADA, world.owned(), "again");
    get(south.asApplication().deleteMessagesOf(ADA));
    assertThat(history(BOB, world.owned()).get(7).deleted()).isTrue();
  }
}
