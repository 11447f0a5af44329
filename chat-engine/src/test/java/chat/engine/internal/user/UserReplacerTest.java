package chat.engine.internal.user;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;
import static org.awaitility.Awaitility.await;

import chat.engine.ChatException;
import chat.engine.ClientMessageId;
import chat.engine.Conversation;
import chat.engine.ConversationChange;
import chat.engine.ConversationId;
import chat.engine.ErrorCode;
import chat.engine.Member;
import chat.engine.Message;
import chat.engine.MessageId;
import chat.engine.Role;
import chat.engine.UserId;
import chat.engine.UserRecord;
import chat.engine.event.ReceiptMoved;
import chat.engine.internal.conversation.Announcer;
import chat.engine.internal.conversation.ConversationDirectory;
import chat.engine.internal.runtime.StoreThreads;
import chat.engine.internal.session.Session;
import chat.engine.internal.session.SessionRegistry;
import chat.engine.memory.InMemoryMessageStore;
import chat.engine.spi.ConversationStore;
import chat.engine.spi.ConversationStore.Change;
import chat.engine.spi.ConversationStore.Receipt;
import chat.engine.spi.Draft;
import chat.engine.spi.MessageStore;
import chat.engine.spi.StoreUnavailableException;
import chat.engine.spi.UserReplacements;
import chat.engine.spi.UserReplacements.Kind;
import chat.engine.spi.UserReplacements.Naming;
import chat.engine.spi.UserReplacements.Place;
import chat.engine.testing.Wrapped;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
final class UserReplacerTest {
  private static final UserId ADA = UserId.of("ada");
  private static final UserId BOB = UserId.of("bob");
  private static final UserId GONE = UserId.of("gone");
  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
  private static final ConversationId TALK = ConversationId.of(7);

  private final InMemoryMessageStore store = new InMemoryMessageStore();
  private final StoreThreads threads = new StoreThreads(2, 100);
  private final List<ConversationChange> announced = new CopyOnWriteArrayList<>();
  private final List<UserId> ended = new CopyOnWriteArrayList<>();
  private final UserReplacer replacer = replacer(store);

  private UserReplacer replacer(MessageStore of) {
    return new UserReplacer(
        of,
        new ConversationDirectory(store.conversations()),
        new Announced(),
        InstantSource.fixed(NOW),
        threads,
        new SessionRegistry(Duration.ofSeconds(1), user -> CompletableFuture.completedFuture(null)),
        ended::add);
  }

  /** The store, of which one call of its parts is answered otherwise. */
  private MessageStore storeWith(String call, Wrapped.Interceptor instead) {
    Wrapped.Interceptor part =
        (method, arguments, real) ->
            method.equals(call) ? instead.instead(method, arguments, real) : real.call();
    return Wrapped.of(
        MessageStore.class,
        store,
        (method, arguments, real) ->
            switch (method) {
              case "replacements" -> Wrapped.of(UserReplacements.class, store.replacements(), part);
              case "conversations" ->
                  Wrapped.of(ConversationStore.class, store.conversations(), part);
              default -> real.call();
            });
  }

  private final class Announced implements Announcer {
    @Override
    public void created(Conversation conversation, Collection<UserId> members) {}

    @Override
    public void changed(Conversation conversation, List<ConversationChange> changes) {
      announced.addAll(changes);
    }

    @Override
    public void receiptMoved(
        Conversation conversation, long membersRev, ReceiptMoved moved, @Nullable Session except) {}

    @Override
    public void ownRead(
        Conversation conversation, long membersRev, ReceiptMoved read, @Nullable Session except) {}

    @Override
    public void preferencesChanged(
        Conversation conversation, long membersRev, Receipt member, @Nullable Session except) {}
  }

  @AfterEach
  void close() {
    threads.close();
  }

  @Test
  void whatNobodyWorksOnIsTakenOverWithoutACall() {
    Conversation talk = store.conversations().openDirect(TALK, ADA, BOB, NOW);
    store.append(
        List.of(
            new Draft(
                MessageId.of(9),
                talk.id(),
                ADA,
                ClientMessageId.of("c"),
                1,
                "text",
                null,
                List.of(),
                null,
                NOW,
                Draft.UNVERIFIED)),
        Duration.ZERO);
    var unused = store.replacements().begin(Kind.ERASE, ADA, GONE, NOW);

    replacer.takeOver(Duration.ofHours(1));
    assertThat(ended).as("somebody works on it").isEmpty();
    replacer.takeOver(Duration.ZERO);

    await().until(() -> store.replacements().isDone(Kind.ERASE, ADA));
    assertThat(store.before(TALK, 2, 1)).extracting(Message::from).containsExactly(GONE);
    assertThat(announced)
        .extracting(ConversationChange::kind)
        .containsExactly(
            ConversationChange.Kind.PEER_REPLACED, ConversationChange.Kind.MESSAGE_DELETED);
    await().until(() -> ended.size() == 2); // in front, and at the end
    replacer.takeOver(Duration.ZERO);
    assertThat(ended).hasSize(2);
  }

  private static void refused(CompletableFuture<?> call, ErrorCode code) {
    assertThatThrownBy(call::join)
        .cause()
        .isInstanceOfSatisfying(
            ChatException.class, fault -> assertThat(fault.code()).isEqualTo(code));
  }

  @Test
  void theSystemAndTheSameIdAreRefused() {
    refused(replacer.replace(Kind.ERASE, UserId.SYSTEM, GONE), ErrorCode.BAD_REQUEST);
    refused(replacer.replace(Kind.ERASE, ADA, UserId.SYSTEM), ErrorCode.BAD_REQUEST);
    refused(replacer.replace(Kind.RENAME, ADA, ADA), ErrorCode.BAD_REQUEST);
    refused(replacer.export(UserId.SYSTEM, page -> null), ErrorCode.BAD_REQUEST);
    replacer.replace(Kind.DELETE_MESSAGES, ADA, ADA).join();
  }

  @RepeatedTest(20) // at once, however the threads meet
  void aStoreThatIsAwayFailsTheCallWhichCanBeRepeated() {
    AtomicInteger calls = new AtomicInteger();
    UserReplacer unlucky =
        replacer(
            storeWith(
                "finish",
                (method, arguments, real) -> {
                  if (calls.incrementAndGet() == 1) {
                    throw new StoreUnavailableException("away on purpose", null);
                  }
                  return real.call();
                }));
    refused(unlucky.replace(Kind.ERASE, ADA, GONE), ErrorCode.UNAVAILABLE);
    assertThat(store.replacements().isDone(Kind.ERASE, ADA)).isFalse();
    unlucky.replace(Kind.ERASE, ADA, GONE).join();
    assertThat(store.replacements().isDone(Kind.ERASE, ADA)).isTrue();
  }

  @Test
  void whatWasFoundInALongLogIsNotedBeforeTheNextPartIsRead() {
    List<Place> asked = new CopyOnWriteArrayList<>();
    List<Place> noted = new CopyOnWriteArrayList<>();
    Wrapped.Interceptor naming =
        (method, arguments, real) -> {
          Place after = (Place) arguments[1];
          asked.add(after);
          long next = after.conversation() + 1;
          return new Naming(Set.of(), next > 2 ? null : new Place(next, 5));
        };
    MessageStore longLog = storeWith("naming", naming);
    MessageStore noting =
        Wrapped.of(
            MessageStore.class,
            longLog,
            (method, arguments, real) ->
                method.equals("replacements")
                    ? Wrapped.of(
                        UserReplacements.class,
                        longLog.replacements(),
                        (of, given, call) -> {
                          if (of.equals("reached")) {
                            noted.add((Place) given[1]);
                          }
                          return call.call();
                        })
                    : real.call());
    replacer(noting).replace(Kind.ERASE, ADA, GONE).join();
    assertThat(asked).containsExactly(Place.START, new Place(1, 5), new Place(2, 5));
    assertThat(noted).containsExactly(new Place(1, 5), new Place(2, 5));
  }

  @Test
  void anOwnerWhoseGroupChangesMeanwhileLeavesItAllTheSame() {
    UserId heir = UserId.of("heir");
    store
        .conversations()
        .createGroup(TALK, "g", Map.of(ADA, Role.OWNER, BOB, Role.MEMBER, heir, Role.ADMIN), NOW);
    AtomicInteger calls = new AtomicInteger();
    replacer(
            storeWith(
                "change",
                (method, arguments, real) ->
                    calls.incrementAndGet() == 1 ? Optional.empty() : real.call()))
        .replace(Kind.ERASE, ADA, GONE)
        .join();
    assertThat(calls).hasValue(2);
    assertThat(store.conversations().members(TALK).orElseThrow().members())
        .extracting(Member::user, Member::role)
        .containsExactlyInAnyOrder(tuple(heir, Role.OWNER), tuple(BOB, Role.MEMBER));
  }

  @Test
  void anExportHasTheNamesOfTheGroupsThatTheUserIsStillIn() {
    ConversationId left = ConversationId.of(8);
    for (ConversationId group : List.of(TALK, left)) {
      store.conversations().createGroup(group, "name of " + group, Map.of(ADA, Role.MEMBER), NOW);
    }
    var unused =
        store
            .conversations()
            .change(left, 0, List.of(Change.removed(List.of(ADA))), UserId.SYSTEM, NOW);
    List<UserRecord.InConversation> found = new CopyOnWriteArrayList<>();
    replacer
        .export(
            ADA,
            page -> {
              page.forEach(
                  one -> {
                    if (one instanceof UserRecord.InConversation in) {
                      found.add(in);
                    }
                  });
              return CompletableFuture.completedFuture(null);
            })
        .join();
    assertThat(found)
        .extracting(
            in -> in.conversation().id(), in -> in.conversation().name(), in -> in.member() == null)
        .containsExactly(tuple(TALK, "name of " + TALK, false), tuple(left, "", true));
  }
}
