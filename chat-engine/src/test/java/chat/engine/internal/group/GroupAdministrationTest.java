package chat.engine.internal.group;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import chat.engine.ChatException;
import chat.engine.Conversation;
import chat.engine.ConversationChange;
import chat.engine.ConversationId;
import chat.engine.ErrorCode;
import chat.engine.HistoryAccess;
import chat.engine.Member;
import chat.engine.Role;
import chat.engine.UserId;
import chat.engine.event.ReceiptMoved;
import chat.engine.internal.conversation.Announcer;
import chat.engine.internal.conversation.ConversationDirectory;
import chat.engine.internal.session.Session;
import chat.engine.memory.InMemoryMessageStore;
import chat.engine.sonyflake.SonyflakeIdGenerator;
import chat.engine.spi.BlockStore;
import chat.engine.spi.ConversationStore;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Who may do what, and what is announced of it. */
final class GroupAdministrationTest {
  private static final UserId OWNER = UserId.of("owner");
  private static final UserId ADMIN = UserId.of("admin");
  private static final UserId OTHER_ADMIN = UserId.of("other admin");
  private static final UserId MEMBER = UserId.of("member");
  private static final UserId OTHER = UserId.of("other member");
  private static final UserId STRANGER = UserId.of("stranger");
  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00.123456789Z");

  private final SonyflakeIdGenerator ids = SonyflakeIdGenerator.fixed(1);
  private final InMemoryMessageStore messages = new InMemoryMessageStore();
  private final ConversationStore store = messages.conversations();
  private final BlockStore blocks = messages.blocks();
  private final List<String> announced = new ArrayList<>();

  /** What announcing comes to. */
  private Runnable announcing = () -> {};

  private final Announcer announcer =
      new Announcer() {
        @Override
        public void created(Conversation conversation, Collection<UserId> members) {
          announced.add("created for " + members.size());
          announcing.run();
        }

        @Override
        public void changed(Conversation conversation, List<ConversationChange> changes) {
          announced.add(
              conversation.name()
                  + ": "
                  + changes.stream()
                      .map(change -> change.kind() + " " + change.subjects())
                      .collect(Collectors.joining(", ")));
          announcing.run();
        }

        @Override
        public void receiptMoved(
            Conversation conversation,
            long membersRev,
            ReceiptMoved moved,
            @Nullable Session except) {}

        @Override
        public void ownRead(
            Conversation conversation,
            long membersRev,
            ReceiptMoved read,
            @Nullable Session except) {}

        @Override
        public void preferencesChanged(
            Conversation conversation,
            long membersRev,
            ConversationStore.Receipt member,
            @Nullable Session except) {}
      };
  private final GroupAdministration groups = administration(store, 6);
  private final ConversationId group = group();

  @AfterEach
  void close() {
    ids.close();
  }

  private GroupAdministration administration(ConversationStore over, int maxMembers) {
    return new GroupAdministration(
        over,
        ids,
        new ConversationDirectory(over),
        announcer,
        () -> NOW,
        maxMembers,
        1_000,
        MemberGuard.NONE,
        blocks);
  }

  private ConversationId group() {
    ConversationId id =
        groups
            .createGroup(
                OWNER, null, "group", Set.of(ADMIN, OTHER_ADMIN, MEMBER, OTHER), HistoryAccess.ALL)
            .id();
    groups.setRole(OWNER, id, ADMIN, Role.ADMIN);
    groups.setRole(OWNER, id, OTHER_ADMIN, Role.ADMIN);
    announced.clear();
    return id;
  }

  private Map<UserId, Role> roles() {
    return store.members(group).orElseThrow().members().stream()
        .collect(Collectors.toMap(Member::user, Member::role));
  }

  private void refused(ErrorCode code, Runnable call) {
    Map<UserId, Role> before = roles();
    assertThatThrownBy(call::run)
        .isInstanceOfSatisfying(
            ChatException.class, fault -> assertThat(fault.code()).isEqualTo(code));
    assertThat(roles()).isEqualTo(before);
    assertThat(announced).isEmpty();
  }

  // ---- the table of roles

  @Test
  void ownersAndAdminsRenameAndMembersAndStrangersDoNot() {
    refused(ErrorCode.FORBIDDEN, () -> groups.rename(MEMBER, group, "mine"));
    refused(ErrorCode.NOT_FOUND, () -> groups.rename(STRANGER, group, "mine"));
    refused(ErrorCode.BAD_REQUEST, () -> groups.rename(OWNER, group, ""));
    refused(ErrorCode.NOT_FOUND, () -> groups.rename(OWNER, ConversationId.of(4711), "mine"));
    groups.rename(ADMIN, group, "admin's");
    groups.rename(OWNER, group, "owner's");
    assertThat(announced).containsExactly("admin's: RENAMED []", "owner's: RENAMED []");
  }

  @Test
  void ownersAndAdminsAddAndMembersAndStrangersDoNot() {
    refused(ErrorCode.FORBIDDEN, () -> groups.add(MEMBER, group, Set.of(STRANGER)));
    refused(ErrorCode.NOT_FOUND, () -> groups.add(STRANGER, group, Set.of(STRANGER)));
    refused(ErrorCode.BAD_REQUEST, () -> groups.add(OWNER, group, Set.of()));
    refused(ErrorCode.BAD_REQUEST, () -> groups.add(OWNER, group, Set.of(UserId.SYSTEM)));
    refused(ErrorCode.CONFLICT, () -> groups.add(OWNER, group, Set.of(MEMBER)));
    refused(
        ErrorCode.TOO_LARGE,
        () -> groups.add(OWNER, group, Set.of(UserId.of("a"), UserId.of("b"))));
    groups.add(ADMIN, group, Set.of(STRANGER));
    assertThat(roles()).containsEntry(STRANGER, Role.MEMBER).hasSize(6);
    assertThat(announced).containsExactly("group: ADDED [stranger]");
  }

  @Test
  void theOwnerRemovesAnyoneAdminsOnlyMembersAndNobodyThemselves() {
    refused(ErrorCode.FORBIDDEN, () -> groups.remove(MEMBER, group, Set.of(OTHER)));
    refused(ErrorCode.NOT_FOUND, () -> groups.remove(STRANGER, group, Set.of(OTHER)));
    refused(ErrorCode.FORBIDDEN, () -> groups.remove(ADMIN, group, Set.of(OTHER_ADMIN)));
    refused(ErrorCode.FORBIDDEN, () -> groups.remove(ADMIN, group, Set.of(OWNER)));
    refused(ErrorCode.FORBIDDEN, () -> groups.remove(ADMIN, group, Set.of(MEMBER, OWNER)));
    refused(ErrorCode.BAD_REQUEST, () -> groups.remove(OWNER, group, Set.of(OWNER)));
    refused(ErrorCode.BAD_REQUEST, () -> groups.remove(ADMIN, group, Set.of(ADMIN)));
    refused(ErrorCode.CONFLICT, () -> groups.remove(OWNER, group, Set.of(STRANGER)));
    refused(ErrorCode.BAD_REQUEST, () -> groups.remove(OWNER, group, Set.of()));
    groups.remove(ADMIN, group, Set.of(MEMBER));
    groups.remove(OWNER, group, Set.of(ADMIN, OTHER));
    assertThat(roles().keySet()).containsExactlyInAnyOrder(OWNER, OTHER_ADMIN);
    assertThat(announced)
        .containsExactly("group: REMOVED [member]", "group: REMOVED [admin, other member]");
  }

  @Test
  void everybodyMayLeaveButTheOwnerOnlyAsTheLast() {
    refused(ErrorCode.CONFLICT, () -> groups.leave(OWNER, group));
    refused(ErrorCode.NOT_FOUND, () -> groups.leave(STRANGER, group));
    groups.leave(MEMBER, group);
    groups.leave(ADMIN, group);
    groups.remove(OWNER, group, Set.of(OTHER, OTHER_ADMIN));
    groups.leave(OWNER, group);
    assertThat(roles()).isEmpty();
    assertThat(announced).hasSize(4).endsWith("group: REMOVED [owner]");
  }

  @Test
  void onlyTheOwnerGivesRolesAndThereIsAlwaysOne() {
    refused(ErrorCode.FORBIDDEN, () -> groups.setRole(ADMIN, group, MEMBER, Role.ADMIN));
    refused(ErrorCode.FORBIDDEN, () -> groups.setRole(MEMBER, group, MEMBER, Role.ADMIN));
    refused(ErrorCode.NOT_FOUND, () -> groups.setRole(STRANGER, group, MEMBER, Role.ADMIN));
    refused(ErrorCode.CONFLICT, () -> groups.setRole(OWNER, group, STRANGER, Role.ADMIN));
    refused(ErrorCode.BAD_REQUEST, () -> groups.setRole(OWNER, group, OWNER, Role.MEMBER));
    groups.setRole(OWNER, group, MEMBER, Role.MEMBER);
    assertThat(announced).as("nothing to do").isEmpty();
    groups.setRole(OWNER, group, MEMBER, Role.OWNER);
    assertThat(roles()).containsEntry(OWNER, Role.ADMIN).containsEntry(MEMBER, Role.OWNER);
    assertThat(announced).containsExactly("group: ROLE_SET [owner], ROLE_SET [member]");
    groups.setRole(MEMBER, group, OWNER, Role.MEMBER);
    assertThat(roles()).containsEntry(OWNER, Role.MEMBER);
  }

  // ---- creating

  @Test
  void aGroupIsCreatedWithItsOwnerAndWithinTheBound() {
    Conversation created =
        groups.createGroup(OWNER, null, "g", Set.of(MEMBER, OWNER), HistoryAccess.ALL);
    assertThat(store.members(created.id()).orElseThrow().members())
        .extracting(member -> member.user() + " " + member.role())
        .containsExactlyInAnyOrder("owner OWNER", "member MEMBER");
    assertThat(created.createdAt()).isEqualTo(Instant.parse("2026-01-01T00:00:00.123Z"));
    assertThat(announced).containsExactly("created for 2");
    announced.clear();
    refused(
        ErrorCode.BAD_REQUEST,
        () -> groups.createGroup(OWNER, null, "", Set.of(), HistoryAccess.ALL));
    refused(
        ErrorCode.BAD_REQUEST,
        () -> groups.createGroup(OWNER, null, "g", Set.of(UserId.SYSTEM), HistoryAccess.ALL));
    assertThatThrownBy(
            () ->
                administration(store, 2)
                    .createGroup(OWNER, null, "g", Set.of(MEMBER, OTHER), HistoryAccess.ALL))
        .hasMessageContaining("at most 2 members");
    assertThat(
            administration(store, 3)
                .createGroup(OWNER, null, "g", Set.of(MEMBER, OTHER), HistoryAccess.ALL))
        .isNotNull();
  }

  @Test
  void aDirectConversationIsOpenedOnceAndNeverWithOneselfOrTheSystem() {
    Conversation talk = groups.openDirect(OWNER, MEMBER);
    assertThat(announced).containsExactly("created for 2");
    assertThat(groups.openDirect(MEMBER, OWNER)).isEqualTo(talk);
    assertThat(announced).hasSize(1);
    announced.clear();
    refused(ErrorCode.BAD_REQUEST, () -> groups.openDirect(OWNER, OWNER));
    refused(ErrorCode.BAD_REQUEST, () -> groups.openDirect(OWNER, UserId.SYSTEM));
    refused(ErrorCode.BAD_REQUEST, () -> groups.openDirect(UserId.SYSTEM, OWNER));
    refused(ErrorCode.BAD_REQUEST, () -> groups.rename(OWNER, talk.id(), "no group"));
    refused(ErrorCode.NOT_FOUND, () -> groups.rename(STRANGER, talk.id(), "no group"));
  }

  @Test
  void whatWasCreatedIsKnownWithoutAskingTheStore() {
    ConversationDirectory directory = new ConversationDirectory(store);
    GroupAdministration administration =
        new GroupAdministration(
            store, ids, directory, announcer, () -> NOW, 6, 1_000, MemberGuard.NONE, blocks);
    Conversation created =
        administration.createGroup(OWNER, null, "g", Set.of(MEMBER), HistoryAccess.ALL);
    assertThat(directory.recall(created.id()).conversation()).isEqualTo(created);
    Conversation talk = administration.openDirect(OWNER, MEMBER);
    assertThat(directory.recall(talk.id()).conversation()).isEqualTo(talk);
  }

  // ---- what is committed

  /** The change was made, no matter what fails while it is announced, so the caller is told so. */
  @Test
  void whatIsCommittedIsNoErrorWhenItCannotBeAnnounced() {
    List<Throwable> faults =
        List.of(new IllegalStateException("on purpose"), new StackOverflowError("on purpose"));
    for (Throwable fault : faults) {
      announcing = () -> sneakyThrow(fault);
      Conversation made =
          groups.createGroup(OWNER, null, "made", Set.of(MEMBER), HistoryAccess.ALL);
      assertThat(store.members(made.id())).isPresent();
      UserId peer = UserId.of("peer " + fault.getClass().getSimpleName());
      assertThat(groups.openDirect(peer, OWNER)).isEqualTo(groups.openDirect(OWNER, peer));
      groups.rename(OWNER, group, "called " + fault.getClass().getSimpleName());
      assertThat(store.find(List.of(group)).get(group).conversation().name())
          .isEqualTo("called " + fault.getClass().getSimpleName());
      groups.add(OWNER, group, Set.of(peer));
      assertThat(roles()).containsKey(peer);
      groups.setRole(OWNER, group, peer, Role.ADMIN);
      assertThat(roles()).containsEntry(peer, Role.ADMIN);
      groups.remove(OWNER, group, Set.of(peer));
      assertThat(roles()).doesNotContainKey(peer);
    }
    announcing = () -> sneakyThrow(faults.get(0));
    groups.leave(MEMBER, group);
    assertThat(roles()).doesNotContainKey(MEMBER);
    assertThat(announced).as("tried each time").hasSize(2 * 6 + 1);
  }

  @Test
  void theApplicationHearsOfALackOfMemoryWhileAChangeIsAnnounced() {
    OutOfMemoryError fault = new OutOfMemoryError("on purpose");
    announcing = () -> sneakyThrow(fault);
    List<Throwable> heard = new ArrayList<>();
    Thread.@Nullable UncaughtExceptionHandler before = Thread.getDefaultUncaughtExceptionHandler();
    Thread.setDefaultUncaughtExceptionHandler((thread, told) -> heard.add(told));
    try {
      groups.rename(OWNER, group, "new");
    } finally {
      Thread.setDefaultUncaughtExceptionHandler(before);
    }
    assertThat(heard).containsExactly(fault);
  }

  @SuppressWarnings("unchecked")
  private static <T extends Throwable> void sneakyThrow(Throwable fault) throws T {
    throw (T) fault;
  }

  // ---- deciding again

  /** The store, in which somebody else is faster as often as told. */
  private ConversationStore contended(Function<Integer, @Nullable Runnable> before) {
    int[] changes = {0};
    return (ConversationStore)
        Proxy.newProxyInstance(
            getClass().getClassLoader(),
            new Class<?>[] {ConversationStore.class},
            (proxy, method, arguments) -> {
              if (method.getName().equals("change")) {
                Runnable faster = before.apply(++changes[0]);
                if (faster != null) {
                  faster.run();
                }
              }
              try {
                return method.invoke(store, arguments);
              } catch (InvocationTargetException fault) {
                throw Objects.requireNonNull(fault.getCause());
              }
            });
  }

  @Test
  void whatWasDecidedOnOldMembersIsDecidedAnew() {
    GroupAdministration slow =
        administration(
            contended(n -> n == 1 ? () -> groups.setRole(OWNER, group, ADMIN, Role.MEMBER) : null),
            6);
    assertThatThrownBy(() -> slow.rename(ADMIN, group, "mine"))
        .isInstanceOfSatisfying(
            ChatException.class, fault -> assertThat(fault.code()).isEqualTo(ErrorCode.FORBIDDEN));
    assertThat(announced).containsExactly("group: ROLE_SET [admin]");
  }

  @Test
  void aGroupThatNeverStandsStillIsBusy() {
    int[] times = {0};
    GroupAdministration slow =
        administration(
            contended(
                n ->
                    () -> {
                      times[0]++;
                      groups.rename(OWNER, group, "name " + n);
                    }),
            6);
    assertThatThrownBy(() -> slow.rename(ADMIN, group, "mine"))
        .isInstanceOfSatisfying(
            ChatException.class, fault -> assertThat(fault.code()).isEqualTo(ErrorCode.BUSY));
    assertThat(times[0]).isEqualTo(16);
  }
}
