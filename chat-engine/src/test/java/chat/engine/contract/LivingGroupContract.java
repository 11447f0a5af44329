package chat.engine.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import chat.engine.Ban;
import chat.engine.Conversation;
import chat.engine.ConversationChange;
import chat.engine.ConversationChange.Kind;
import chat.engine.ConversationId;
import chat.engine.GroupUpdate;
import chat.engine.GroupUpdate.Field;
import chat.engine.Member;
import chat.engine.Role;
import chat.engine.UserId;
import chat.engine.spi.AppendOutcome;
import chat.engine.spi.AppendOutcome.Changed;
import chat.engine.spi.AppendOutcome.Duplicate;
import chat.engine.spi.AppendOutcome.NoSuchMessage;
import chat.engine.spi.AppendOutcome.Silenced;
import chat.engine.spi.AppendOutcome.Stored;
import chat.engine.spi.AppendOutcome.TooSoon;
import chat.engine.spi.ConversationStore.Change;
import chat.engine.spi.Draft;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Updates of groups, bans, silences and slow mode. */
interface LivingGroupContract extends StoreTests {
  private Instant now() {
    return chat().drafts().now();
  }

  private Conversation conversation(ConversationId id) {
    return chat().anotherNode().conversations().find(List.of(id)).get(id).conversation();
  }

  private List<ConversationChange> log(ConversationId id) {
    return chat().anotherNode().conversations().changes(id, 0, 100);
  }

  private Draft draft(ConversationId group, UserId sender, Instant at) {
    return chat().drafts().draft(group, sender).createdAt(at).build();
  }

  private AppendOutcome send(ConversationId group, UserId sender, Instant at) {
    return chat().append(draft(group, sender, at));
  }

  private static GroupUpdate everything() {
    return GroupUpdate.of()
        .withName("climbers")
        .withDescription("ropes\nand knots 😀")
        .withAvatarUrl("https://pictures.example/1.png")
        .withAttributes("{\"a\":1}")
        .withSlowMode(Duration.ofSeconds(30));
  }

  // ---- updates

  @Test
  default void anUpdateOfAllFieldsIsOneChange() {
    UserId ada = chat().user("ada");
    ConversationId group = chat().group(ada);
    Conversation before = conversation(group);
    List<ConversationChange> made = chat().change(group, Change.updated(everything()));

    Conversation after = everything().applyTo(before);
    assertThat(after.description()).isEqualTo("ropes\nand knots 😀");
    assertThat(after.avatarUrl()).isEqualTo("https://pictures.example/1.png");
    assertThat(after.attributes()).isEqualTo("{\"a\":1}");
    assertThat(after.name()).isEqualTo("climbers");
    assertThat(after.slowMode()).isEqualTo(Duration.ofSeconds(30));
    assertThat(conversation(group)).isEqualTo(after);
    assertThat(made).hasSize(1);
    assertThat(made.get(0).kind()).isEqualTo(Kind.UPDATED);
    assertThat(made.get(0).update()).isEqualTo(everything());
    assertThat(made.get(0).name()).as("the update has it").isNull();
    assertThat(log(group)).isEqualTo(made);
    assertThat(chat().rev(group)).isOne();
    assertThat(chat().conversations().memberships(ada).stream().map(m -> m.conversation()))
        .contains(after);
  }

  @Test
  default void eachFieldIsChangedAndClearedByItself() {
    ConversationId group = chat().group(chat().user("ada"));
    chat().change(group, Change.updated(everything()));
    for (Field field : Field.values()) {
      GroupUpdate one =
          field == Field.NAME
              ? GroupUpdate.of().withName("other")
              : new GroupUpdate(Set.of(field), null, null, null, null, Duration.ZERO);
      Conversation expected = one.applyTo(conversation(group));
      ConversationChange made = chat().change(group, Change.updated(one)).get(0);
      assertThat(conversation(group)).isEqualTo(expected);
      assertThat(log(group)).endsWith(made);
      assertThat(made.settings().fields()).containsExactly(field);
    }
    Conversation bare = conversation(group);
    assertThat(bare).isEqualTo(bare.withoutDetails());
    assertThat(bare.name()).isEqualTo("other");
  }

  @Test
  default void renamingsAndAttributesGoTheSameWay() {
    ConversationId group = chat().group(chat().user("ada"));
    List<ConversationChange> made =
        chat()
            .change(
                group,
                Change.updated(everything()),
                StoreFixture.renamed("renamed"),
                Change.attributesSet(null));
    assertThat(log(group)).isEqualTo(made);
    assertThat(conversation(group).name()).isEqualTo("renamed");
    assertThat(conversation(group).attributes()).isNull();
    assertThat(conversation(group).description()).isEqualTo(everything().description());
  }

  @Test
  default void aChangeThatSaysNothingOrTooMuchIsNone() {
    assertThatThrownBy(() -> Change.updated(GroupUpdate.of()))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(
            () ->
                new Change(Kind.UNBANNED, List.of(chat().user("a")), null, null, null, null, now()))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new Change(Kind.UPDATED, List.of(), null, null))
        .isInstanceOf(IllegalArgumentException.class);
  }

  // ---- bans

  @Test
  default void aBanIsKeptUntilItsEndOrUntilItIsTakenBack() {
    UserId ada = chat().user("ada");
    UserId bob = chat().user("bob");
    UserId eve = chat().user("eve");
    ConversationId group = chat().group(ada, bob);
    Instant end = now().plusSeconds(60);
    List<ConversationChange> made =
        chat()
            .change(
                group,
                StoreFixture.removed(bob),
                Change.banned(bob, end),
                Change.banned(eve, null));
    assertThat(log(group)).isEqualTo(made);
    assertThat(made.get(1).until()).isEqualTo(end);

    Ban ofBob = new Ban(bob, UserId.SYSTEM, now(), end);
    Ban ofEve = new Ban(eve, UserId.SYSTEM, now(), null);
    List<UserId> all = List.of(ada, bob, eve);
    assertThat(chat().conversations().bans(group, all, now()))
        .containsExactlyInAnyOrder(ofBob, ofEve);
    assertThat(chat().conversations().bans(group, List.of(ada), now())).isEmpty();
    assertThat(chat().conversations().bans(group, List.of(), now())).isEmpty();
    assertThat(chat().conversations().bans(group, all, end.minusMillis(1))).hasSize(2);
    assertThat(chat().conversations().bans(group, all, end)).containsExactly(ofEve);
    assertThat(chat().conversations().bans(group, null, 10, now())).containsExactly(ofBob, ofEve);
    assertThat(chat().conversations().bans(group, null, 1, now())).containsExactly(ofBob);
    assertThat(chat().conversations().bans(group, bob, 10, now())).containsExactly(ofEve);
    assertThat(chat().conversations().bans(chat().drafts().conversationId(), null, 9, now()))
        .isEmpty();

    chat().change(group, Change.banned(bob, null), Change.unbanned(eve), Change.unbanned(ada));
    assertThat(chat().conversations().bans(group, all, end.plusSeconds(9)))
        .containsExactly(new Ban(bob, UserId.SYSTEM, now(), null));
  }

  @Test
  default void bansGoWithTheirConversation() {
    UserId bob = chat().user("bob");
    ConversationId group = chat().group(chat().user("ada"));
    chat().change(group, Change.banned(bob, null));
    chat().conversations().delete(group, UserId.SYSTEM, now());
    assertThat(chat().conversations().bans(group, List.of(bob), now())).isEmpty();
  }

  // ---- silences

  @Test
  default void aSilencedMemberMayReadAndDeleteButNotWriteUntilTheTime() {
    UserId ada = chat().user("ada");
    UserId bob = chat().user("bob");
    ConversationId group = chat().group(ada, bob);
    Draft first = draft(group, bob, now());
    assertThat(chat().append(first)).isEqualTo(new Stored(1, 0));
    chat().send(group, bob, 1);
    Instant end = now().plusSeconds(60);
    List<ConversationChange> made = chat().change(group, Change.silenced(bob, end));
    assertThat(log(group)).isEqualTo(made);
    assertThat(chat().rev(group)).as("so that nobody stays verified").isOne();
    Member silenced = chat().conversations().member(group, bob).orElseThrow();
    assertThat(silenced.silencedUntil()).isEqualTo(end);
    assertThat(chat().conversations().members(group).orElseThrow().members()).contains(silenced);

    assertThat(send(group, bob, now())).isEqualTo(new Silenced(end));
    assertThat(chat().append(chat().drafts().draft(group, bob).verifiedRev(0).build()))
        .as("verified before")
        .isEqualTo(new Silenced(end));
    assertThat(chat().append(chat().drafts().edit(group, 1, bob, "edited")))
        .isEqualTo(new Silenced(end));
    assertThat(chat().append(chat().drafts().reaction(group, 1, bob, ReactionContract.THUMB)))
        .isEqualTo(new Silenced(end));
    assertThat(chat().append(chat().drafts().retryOf(first))).isInstanceOf(Duplicate.class);
    assertThat(send(group, ada, now())).isEqualTo(new Stored(3, 1));
    assertThat(chat().append(chat().drafts().deletion(group, 1, bob))).isInstanceOf(Changed.class);

    assertThat(send(group, bob, end.minusMillis(1))).isEqualTo(new Silenced(end));
    assertThat(send(group, bob, end)).as("its end needs no write").isEqualTo(new Stored(4, 1));
    chat().change(group, Change.silenced(bob, null));
    assertThat(chat().append(chat().drafts().edit(group, 2, bob, "edited")))
        .isInstanceOf(Changed.class);
    assertThat(chat().conversations().member(group, bob).orElseThrow().silencedUntil()).isNull();
  }

  @Test
  default void aSilenceStaysWithReceiptsAndRolesAndEndsWithTheMembership() {
    UserId ada = chat().user("ada");
    UserId bob = chat().user("bob");
    ConversationId group = chat().group(ada, bob);
    chat().send(group, ada, 1);
    Instant end = now().plusSeconds(60);
    chat().change(group, Change.silenced(bob, end), StoreFixture.roleSet(bob, Role.ADMIN));
    chat()
        .conversations()
        .moveReceipts(
            List.of(
                new chat.engine.spi.ConversationStore.ReceiptMove(
                    group, bob, chat.engine.ReceiptKind.READ, 1)));
    Member member = chat().conversations().member(group, bob).orElseThrow();
    assertThat(member.silencedUntil()).isEqualTo(end);
    assertThat(member.readSeq()).isOne();
    chat().change(group, StoreFixture.removed(bob), StoreFixture.added(bob));
    assertThat(chat().conversations().member(group, bob).orElseThrow().silencedUntil()).isNull();
  }

  // ---- slow mode

  private ConversationId slowGroup(UserId owner, UserId... members) {
    ConversationId group = chat().group(owner, members);
    chat().change(group, Change.updated(GroupUpdate.of().withSlowMode(Duration.ofSeconds(30))));
    return group;
  }

  @Test
  default void aPlainMemberWaitsInSlowModeAndOthersDoNot() {
    UserId ada = chat().user("ada");
    UserId bob = chat().user("bob");
    UserId eve = chat().user("eve");
    ConversationId group = slowGroup(ada, bob, eve);
    chat().change(group, StoreFixture.roleSet(eve, Role.ADMIN));
    Draft first = draft(group, bob, now());
    assertThat(chat().append(first)).isEqualTo(new Stored(1, 2, false));
    assertThat(send(group, bob, now().plusSeconds(10)))
        .isEqualTo(new TooSoon(Duration.ofSeconds(20)));
    assertThat(send(group, bob, now().plusMillis(29_999)))
        .as("what was refused does not count")
        .isEqualTo(new TooSoon(Duration.ofMillis(1)));
    assertThat(chat().append(chat().drafts().retryOf(first))).isInstanceOf(Duplicate.class);
    for (UserId exempt : List.of(ada, eve)) {
      assertThat(send(group, exempt, now())).isInstanceOf(Stored.class);
      assertThat(((Stored) send(group, exempt, now())).verifies()).isTrue();
    }
    assertThat(send(group, UserId.SYSTEM, now())).isInstanceOf(Stored.class);
    assertThat(send(group, UserId.SYSTEM, now())).isInstanceOf(Stored.class);
    assertThat(send(group, bob, now().plusSeconds(30))).isEqualTo(new Stored(8, 2, false));
    assertThat(send(group, bob, now().plusSeconds(59)))
        .isEqualTo(new TooSoon(Duration.ofSeconds(1)));
    assertThat(send(group, bob, now().minusSeconds(3_600)))
        .as("a clock that was set back")
        .isEqualTo(new TooSoon(Duration.ofSeconds(30)));
    assertThat(chat().append(chat().drafts().edit(group, 1, bob, "edited")))
        .isInstanceOf(Changed.class);
  }

  @Test
  default void ofABatchTheFirstIsSent() {
    UserId bob = chat().user("bob");
    UserId eve = chat().user("eve");
    ConversationId group = slowGroup(chat().user("ada"), bob, eve);
    ConversationId other = slowGroup(chat().user("ada"), bob);
    Draft first = draft(group, bob, now());
    Draft toNone = chat().drafts().draft(other, bob).replyTo(99).build();
    assertThat(
            chat()
                .append(
                    List.of(
                        first,
                        draft(group, bob, now()),
                        chat().drafts().retryOf(first),
                        draft(group, eve, now()),
                        toNone,
                        draft(other, bob, now()))))
        .satisfiesExactly(
            one -> assertThat(one).isEqualTo(new Stored(1, 1, false)),
            one -> assertThat(one).isEqualTo(new TooSoon(Duration.ofSeconds(30))),
            one -> assertThat(one).isInstanceOf(Duplicate.class),
            one -> assertThat(one).isEqualTo(new Stored(2, 1, false)),
            one -> assertThat(one).isInstanceOf(NoSuchMessage.class),
            one -> assertThat(one).isEqualTo(new Stored(1, 1, false)));
  }

  @Test
  default void slowModeBeginsWithoutAPastAndEndsAtOnce() {
    UserId bob = chat().user("bob");
    ConversationId group = chat().group(chat().user("ada"), bob);
    chat().send(group, bob, 3);
    chat().change(group, Change.updated(GroupUpdate.of().withSlowMode(Duration.ofSeconds(30))));
    assertThat(send(group, bob, now())).isEqualTo(new Stored(4, 1, false));
    assertThat(chat().append(chat().drafts().draft(group, bob).verifiedRev(0).build()))
        .as("verified before")
        .isInstanceOf(TooSoon.class);
    chat().change(group, Change.updated(GroupUpdate.of().withSlowMode(Duration.ofSeconds(1))));
    assertThat(send(group, bob, now().plusSeconds(1))).isInstanceOf(Stored.class);
    chat().change(group, Change.updated(GroupUpdate.of().withSlowMode(Duration.ZERO)));
    assertThat(send(group, bob, now().plusSeconds(1))).isEqualTo(new Stored(6, 3, true));
    chat().change(group, Change.updated(GroupUpdate.of().withSlowMode(Duration.ofSeconds(30))));
    assertThat(send(group, bob, now().plusSeconds(1))).as("anew").isInstanceOf(Stored.class);
  }

  @Test
  default void aNewPaceCountsFromTheLastSend() {
    UserId bob = chat().user("bob");
    ConversationId group = slowGroup(chat().user("ada"), bob);
    assertThat(send(group, bob, now())).isInstanceOf(Stored.class);
    chat().change(group, Change.updated(GroupUpdate.of().withSlowMode(Duration.ofSeconds(60))));
    chat().change(group, Change.updated(GroupUpdate.of().withDescription("slower")));
    assertThat(send(group, bob, now().plusSeconds(40)))
        .isEqualTo(new TooSoon(Duration.ofSeconds(20)));
    chat().change(group, Change.updated(GroupUpdate.of().withSlowMode(Duration.ofSeconds(30))));
    assertThat(send(group, bob, now().plusSeconds(40))).isInstanceOf(Stored.class);
  }
}
