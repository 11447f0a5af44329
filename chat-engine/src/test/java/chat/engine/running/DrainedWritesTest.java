package chat.engine.running;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import chat.engine.ChatEngine;
import chat.engine.ChatException;
import chat.engine.ChatUser;
import chat.engine.ConversationId;
import chat.engine.ErrorCode;
import chat.engine.GroupKey;
import chat.engine.GroupUpdate;
import chat.engine.InviteCode;
import chat.engine.NewGroup;
import chat.engine.NewInvite;
import chat.engine.NewMessage;
import chat.engine.PreferencesEdit;
import chat.engine.PrivacyEdit;
import chat.engine.ProfileUpdate;
import chat.engine.Role;
import chat.engine.UserId;
import chat.engine.testkit.ActiveFault;
import chat.engine.testkit.Fault;
import chat.engine.testkit.TestChat;
import chat.engine.testkit.TestNode;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.function.BiFunction;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A drain that says true has left no write under way, whatever its kind, and a close loses none.
 */
@Timeout(60)
final class DrainedWritesTest {
  private static final UserId ADA = UserId.of("ada");
  private static final UserId BOB = UserId.of("bob");
  private static final UserId EVE = UserId.of("eve");
  private static final Duration SHORT = Duration.ofMillis(200);
  private static final Duration LONG = Duration.ofSeconds(20);

  private record World(ConversationId talk, ConversationId group, InviteCode code) {}

  enum Write {
    DIRECT((engine, world) -> engine.asUser(ADA).openDirect(EVE)),
    CREATED((engine, world) -> engine.asUser(ADA).createGroup("new", Set.of(BOB))),
    RENAMED((engine, world) -> engine.asUser(ADA).renameGroup(world.group(), "renamed")),
    UPDATED(
        (engine, world) ->
            engine
                .asUser(ADA)
                .updateGroup(world.group(), GroupUpdate.of().withDescription("about"))),
    ADDED((engine, world) -> engine.asUser(ADA).addMembers(world.group(), Set.of(EVE))),
    REMOVED((engine, world) -> engine.asUser(ADA).removeMembers(world.group(), Set.of(BOB))),
    LEFT((engine, world) -> engine.asUser(BOB).leave(world.group())),
    JOINED((engine, world) -> engine.asUser(EVE).join(world.code())),
    READ((engine, world) -> engine.asUser(BOB).markRead(world.talk(), 1)),
    RECEIVED((engine, world) -> engine.asUser(BOB).markReceived(world.talk(), 1)),
    PREFERENCES(
        (engine, world) ->
            engine
                .asUser(BOB)
                .setPreferences(world.talk(), PreferencesEdit.NOTHING.archived(true))),
    BLOCKED((engine, world) -> engine.asUser(ADA).block(EVE)),
    PRIVACY(
        (engine, world) -> engine.asUser(ADA).setPrivacy(PrivacyEdit.NOTHING.readReceipts(false))),
    BY_APPLICATION(
        (engine, world) -> engine.asApplication().ensureMembers(world.group(), Set.of(EVE))),
    GROUP_OF_APPLICATION(
        (engine, world) ->
            engine
                .asApplication()
                .ensureGroup(
                    GroupKey.of("order-7"), NewGroup.named("order").withMember(BOB, Role.MEMBER))),
    DELETED((engine, world) -> engine.asApplication().delete(world.group())),
    INVITE(
        (engine, world) -> engine.asUser(ADA).createInvite(world.group(), NewInvite.unlimited())),
    REPORT((engine, world) -> engine.asUser(BOB).report(world.talk(), 1, "spam")),
    PROFILE(
        (engine, world) ->
            engine.asUser(ADA).updateProfile(ProfileUpdate.NOTHING.withDisplayName("Ada")));

    /** Other nodes hear of these when they ask the store. */
    static final Set<Write> UNPUBLISHED = EnumSet.of(INVITE, REPORT, PROFILE);

    private final BiFunction<ChatEngine, World, CompletableFuture<?>> call;

    Write(BiFunction<ChatEngine, World, CompletableFuture<?>> call) {
      this.call = call;
    }
  }

  private final TestChat chat = TestChat.open();
  private TestNode node;
  private World world;

  @BeforeEach
  void prepare() {
    ChatUser ada = chat.engine().asUser(ADA);
    ConversationId talk = ada.openDirect(BOB).join().id();
    ada.send(talk, NewMessage.text("first")).join();
    ConversationId group = ada.createGroup("friends", Set.of(BOB)).join().id();
    InviteCode code = ada.createInvite(group, NewInvite.unlimited()).join().code();
    world = new World(talk, group, code);
    node = chat.addNode();
  }

  @AfterEach
  void close() {
    chat.clearFaults();
    chat.close();
  }

  private long published() {
    return node.engine().counters().get("envelopes_published");
  }

  private CompletableFuture<?> begin(Write write, ActiveFault held) {
    CompletableFuture<?> begun = write.call.apply(node.engine(), world);
    held.awaitHits(1);
    return begun;
  }

  @ParameterizedTest
  @EnumSource
  void aDrainWaitsForWhatWasAccepted(Write write) {
    ActiveFault held = node.inject(Fault.held().onWrites());
    CompletableFuture<?> accepted = begin(write, held);
    long before = published();
    assertThat(node.engine().drain(SHORT)).as("it is under way").isFalse();
    held.close();
    assertThat(node.engine().drain(LONG)).isTrue();
    requireHandedOver(write, before);
    assertThat(accepted).succeedsWithin(LONG);
  }

  @Test
  void aDrainWaitsForAReceiptThatIsCommittedAndNotYetAnnounced() {
    ActiveFault held = node.inject(Fault.held().onReads());
    assertThat(node.engine().asUser(BOB).markRead(world.talk(), 1)).succeedsWithin(LONG);
    held.awaitHits(1);
    assertThat(node.engine().drain(SHORT)).isFalse();
    held.close();
    assertThat(node.engine().drain(LONG)).isTrue();
    assertThat(published()).isPositive();
  }

  @ParameterizedTest
  @EnumSource
  void aDrainRefusesWhatComesLater(Write write) {
    assertThat(node.engine().drain(LONG)).isTrue();
    assertThat(write.call.apply(node.engine(), world))
        .failsWithin(LONG)
        .withThrowableOfType(ExecutionException.class)
        .havingCause()
        .isInstanceOfSatisfying(
            ChatException.class,
            refusal -> assertThat(refusal.code()).isEqualTo(ErrorCode.UNAVAILABLE));
  }

  @ParameterizedTest
  @EnumSource
  void aCloseHandsOverWhatIsCommittedMeanwhile(Write write) {
    ActiveFault held = node.inject(Fault.held().onWrites());
    CompletableFuture<?> accepted = begin(write, held);
    long before = published();
    node.engine().drain(SHORT);
    CompletableFuture<Void> closed = CompletableFuture.runAsync(() -> node.engine().close());
    await().pollDelay(SHORT).until(() -> true); // so that the close is well under way
    held.close();
    assertThat(closed).succeedsWithin(LONG);
    if (write != Write.DELETED) { // which is answered when its texts are gone, by whichever node
      assertThat(accepted).succeedsWithin(LONG);
    }
    requireHandedOver(write, before);
  }

  private void requireHandedOver(Write write, long before) {
    if (!Write.UNPUBLISHED.contains(write)) {
      assertThat(published()).as("envelopes that the router took").isGreaterThan(before);
    }
  }
}
