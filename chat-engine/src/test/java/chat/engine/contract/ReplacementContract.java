package chat.engine.contract;

import static org.assertj.core.api.Assertions.assertThat;

import chat.engine.ConversationChange;
import chat.engine.ConversationChange.Kind;
import chat.engine.ConversationId;
import chat.engine.Emoji;
import chat.engine.Member;
import chat.engine.Message;
import chat.engine.ReceiptKind;
import chat.engine.Role;
import chat.engine.UserId;
import chat.engine.UserReactions;
import chat.engine.spi.AppendOutcome;
import chat.engine.spi.ConversationStore.Changed;
import chat.engine.spi.ConversationStore.ReceiptMove;
import chat.engine.spi.Draft;
import chat.engine.spi.MessageStore.MessagePlace;
import chat.engine.spi.Reattribution;
import chat.engine.spi.UserReplacements;
import chat.engine.spi.UserReplacements.Job;
import chat.engine.spi.UserReplacements.Place;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Users are replaced, a step at a time. */
interface ReplacementContract extends StoreTests {
  private UserReplacements replacements() {
    return chat().store().replacements();
  }

  private Job begun(UserReplacements.Kind kind, UserId user, UserId replacement) {
    return replacements().begin(kind, user, replacement, chat().drafts().now());
  }

  private Reattribution reattribution(Job job, ConversationId id, long seq) {
    return new Reattribution(
        id, seq, job.user(), job.replacement(), job.erases(), chat().drafts().now());
  }

  @Test
  default void theFirstReplacementIsKeptUntilItIsFinished() {
    UserId ada = chat().user("ada");
    UserId first = chat().user("first");
    Job job = begun(UserReplacements.Kind.ERASE, ada, first);
    assertThat(begun(UserReplacements.Kind.ERASE, ada, chat().user("second"))).isEqualTo(job);
    assertThat(replacements().find(UserReplacements.Kind.ERASE, ada)).contains(job);
    assertThat(replacements().find(UserReplacements.Kind.RENAME, ada)).isEmpty();
    assertThat(replacements().isInUse(ada)).isTrue();
    assertThat(replacements().isInUse(first)).isTrue();
    assertThat(replacements().isDone(UserReplacements.Kind.ERASE, ada)).isFalse();
    assertThat(replacements().recent(Set.of(ada, first))).containsExactly(ada);

    replacements().finish(job, chat().drafts().now());

    assertThat(replacements().isDone(UserReplacements.Kind.ERASE, ada)).isTrue();
    assertThat(replacements().find(UserReplacements.Kind.ERASE, ada)).isEmpty();
    assertThat(replacements().isInUse(ada)).isFalse();
    assertThat(replacements().recent(Set.of(ada, first))).containsExactly(ada);
    Job again = begun(UserReplacements.Kind.ERASE, ada, chat().user("third"));
    assertThat(again.replacement()).isEqualTo(chat().user("third"));
    replacements().finish(again, chat().drafts().now());
  }

  @Test
  default void oneNodeGoesOnWithWhatNobodyWorksOn() {
    UserId ada = chat().user("ada");
    Job job = begun(UserReplacements.Kind.RENAME, ada, chat().user("new"));
    assertThat(replacements().claim(Duration.ofHours(1), 100)).doesNotContain(job);
    replacements().reached(job, new Place(7, 3));
    List<Job> claimed =
        chat().anotherNode().replacements().claim(Duration.ZERO, 100).stream()
            .filter(one -> one.user().equals(ada))
            .toList();
    assertThat(claimed)
        .containsExactly(
            new Job(UserReplacements.Kind.RENAME, ada, chat().user("new"), new Place(7, 3)));
    assertThat(replacements().claim(Duration.ofHours(1), 100)).doesNotContainAnyElementsOf(claimed);
    replacements().finish(job, chat().drafts().now());
    assertThat(replacements().claim(Duration.ZERO, 100)).doesNotContainAnyElementsOf(claimed);
  }

  @Test
  default void aReattributionIsAChangeOfTheMessage() {
    UserId ada = chat().user("ada");
    UserId bob = chat().user("bob");
    UserId gone = chat().user("gone");
    ConversationId group = chat().group(ada, bob);
    Draft draft = chat().drafts().text(group, ada, "text");
    chat().append(draft);
    chat().append(chat().drafts().draft(group, bob).text("hi").mentions(ada).build());
    Job job = begun(UserReplacements.Kind.ERASE, ada, gone);
    assertThat(replacements().messages(job, group, 0, 2)).containsExactly(1L, 2L);
    assertThat(replacements().messages(job, group, 1, 2)).containsExactly(2L);
    long rev = chat().conversations().find(List.of(group)).get(group).rev();

    List<AppendOutcome> outcomes =
        chat().append(List.of(reattribution(job, group, 1), reattribution(job, group, 2)));

    assertThat(outcomes)
        .extracting(outcome -> ((AppendOutcome.Changed) outcome).change().kind())
        .containsExactly(Kind.MESSAGE_DELETED, Kind.MESSAGE_EDITED);
    List<Message> stored = chat().messages(group);
    assertThat(stored).extracting(Message::from).containsExactly(gone, bob);
    assertThat(stored).extracting(Message::text).containsExactly("", "hi");
    assertThat(stored).extracting(Message::rev).containsExactly(rev + 1, rev + 2);
    assertThat(stored.get(1).mentions()).isEmpty();
    assertThat(stored.get(1).editedAt()).isNull();
    assertThat(chat().conversations().changes(group, rev, 10))
        .extracting(ConversationChange::message)
        .containsExactlyElementsOf(stored);
    assertThat(chat().append(reattribution(job, group, 1)))
        .isInstanceOf(AppendOutcome.Unchanged.class);
    assertThat(replacements().messages(job, group, 0, 2)).isEmpty();
    assertThat(chat().append(draft))
        .as("a retry of what was erased")
        .isNotInstanceOf(AppendOutcome.Duplicate.class);
    replacements().finish(job, chat().drafts().now());
  }

  @Test
  default void anErasedMessageHasNoReactionsAndAnErasedUserGaveNone() {
    UserId ada = chat().user("ada");
    UserId bob = chat().user("bob");
    ConversationId group = chat().group(ada, bob);
    chat().send(group, ada, 1);
    chat().send(group, bob, 2);
    Emoji heart = Emoji.of("❤️");
    for (long seq = 1; seq <= 3; seq++) {
      chat().append(chat().drafts().reaction(group, seq, ada, heart));
    }
    chat().append(chat().drafts().reaction(group, 1, bob, heart));
    chat().append(chat().drafts().reaction(group, 2, bob, heart));
    chat().append(chat().drafts().takenBack(group, 3, ada, heart));
    Job job = begun(UserReplacements.Kind.ERASE, ada, chat().user("gone"));
    assertThat(replacements().messages(job, group, 0, 9)).containsExactly(1L, 2L);
    chat().append(List.of(reattribution(job, group, 1), reattribution(job, group, 2)));
    assertThat(chat().messages(group))
        .extracting(message -> message.reactionsWith(heart))
        .containsExactly(0L, 1L, 0L);
    assertThat(replacements().replaceRows(job, group, 0)).isEqualTo(-1);
    for (long seq = 1; seq <= 3; seq++) {
      assertThat(chat().store().reactions(new MessagePlace(group, seq), null, null, 9))
          .extracting(UserReactions::user)
          .doesNotContain(ada);
    }
    replacements().finish(job, chat().drafts().now());
  }

  @Test
  default void anErasedMessageIsNotPinnedAndHasNoVersions() {
    UserId ada = chat().user("ada");
    UserId bob = chat().user("bob");
    ConversationId group = chat().group(bob, ada);
    chat().send(group, ada, 2);
    chat().append(chat().drafts().keepingEdit(group, 1, ada, "edited"));
    chat().append(chat().drafts().pin(group, 1, bob));
    chat().append(chat().drafts().pin(group, 2, bob));
    Job job = begun(UserReplacements.Kind.ERASE, ada, chat().user("gone"));
    chat().append(reattribution(job, group, 1));
    assertThat(chat().store().pinned(List.of(group))).isEqualTo(Map.of(group, List.of(2L)));
    assertThat(chat().store().versions(new MessagePlace(group, 1), 0, 9)).isEmpty();
    replacements().finish(job, chat().drafts().now());
  }

  @Test
  default void aNewIdTakesThePlaceOfAMemberOfAGroup() {
    UserId ada = chat().user("ada");
    UserId bob = chat().user("bob");
    UserId fresh = chat().user("fresh");
    ConversationId group = chat().group(ada, bob);
    chat().send(group, bob, 3);
    chat().conversations().moveReceipts(List.of(new ReceiptMove(group, ada, ReceiptKind.READ, 2)));
    Job job = begun(UserReplacements.Kind.RENAME, ada, fresh);

    Changed changed = replacements().replaceMember(job, group, chat().drafts().now()).orElseThrow();

    assertThat(changed.changes())
        .extracting(ConversationChange::kind)
        .containsExactly(Kind.REMOVED, Kind.ADDED);
    Member now = chat().conversations().member(group, fresh).orElseThrow();
    assertThat(now.role()).isEqualTo(Role.OWNER);
    assertThat(now.readSeq()).isEqualTo(2);
    assertThat(now.joinedSeq()).isZero();
    assertThat(chat().conversations().member(group, ada)).isEmpty();
    assertThat(chat().append(chat().drafts().text(group, ada, "old")))
        .isInstanceOf(AppendOutcome.NotMember.class);
    assertThat(chat().append(chat().drafts().text(group, fresh, "new")))
        .isInstanceOf(AppendOutcome.Stored.class);
    assertThat(replacements().replaceMember(job, group, chat().drafts().now())).isEmpty();
    assertThat(replacements().naming(ada, Place.START, 1_000_000).conversations()).contains(group);
    assertThat(replacements().replaceRows(job, group, 0)).isEqualTo(-1);
    assertThat(replacements().naming(ada, Place.START, 1_000_000).conversations())
        .doesNotContain(group);
    replacements().finish(job, chat().drafts().now());
  }

  @Test
  default void anErasedPeerOfADirectConversationIsNoMember() {
    UserId ada = chat().user("ada");
    UserId bob = chat().user("bob");
    UserId gone = chat().user("gone");
    ConversationId talk = chat().direct(ada, bob).id();
    chat().send(talk, ada, 1);
    chat().store().blocks().block(ada, bob, chat().drafts().now());
    assertThat(chat().append(chat().drafts().text(talk, bob, "blocked")))
        .isInstanceOf(AppendOutcome.Blocked.class);
    Job job = begun(UserReplacements.Kind.ERASE, ada, gone);

    Changed changed = replacements().replaceMember(job, talk, chat().drafts().now()).orElseThrow();

    assertThat(changed.conversation().peers()).containsExactlyInAnyOrder(bob, gone);
    ConversationChange change = changed.changes().get(0);
    assertThat(change.kind()).isEqualTo(Kind.PEER_REPLACED);
    assertThat(change.actor()).isEqualTo(ada);
    assertThat(change.subjects()).isEqualTo(changed.conversation().peers());
    assertThat(chat().conversations().changes(talk, 0, 10)).contains(change);
    assertThat(chat().conversations().members(talk).orElseThrow().members())
        .extracting(Member::user)
        .containsExactly(bob);
    replacements().finish(job, chat().drafts().now());
    assertThat(chat().append(chat().drafts().text(talk, ada, "late")))
        .isInstanceOf(AppendOutcome.NotMember.class);
    assertThat(chat().append(chat().drafts().text(talk, bob, "there")))
        .isInstanceOf(AppendOutcome.Stored.class);
    assertThat(chat().conversations().memberships(ada)).isEmpty();
    assertThat(chat().direct(ada, bob).id()).isNotEqualTo(talk);
    assertThat(chat().store().blocks().between(Set.of(ada, bob))).isEmpty();
  }

  @Test
  default void nothingIsRecordedOfWhenAReplacedUserWasLastSeen() {
    UserId ada = chat().user("ada");
    Instant now = chat().drafts().now();
    chat().lastSeen().record(Map.of(ada, now));
    Job job = begun(UserReplacements.Kind.ERASE, ada, chat().user("gone"));
    replacements().finish(job, now);
    chat().lastSeen().record(Map.of(ada, now.plusSeconds(1)));
    assertThat(chat().lastSeen().find(List.of(ada))).isEmpty();
  }

  @Test
  default void whenAUserWasLastSeenFollowsTheNewId() {
    UserId ada = chat().user("ada");
    UserId fresh = chat().user("fresh");
    Instant now = chat().drafts().now();
    chat().lastSeen().record(Map.of(ada, now));
    Job job = begun(UserReplacements.Kind.RENAME, ada, fresh);
    replacements().finish(job, now);
    assertThat(chat().lastSeen().find(List.of(ada, fresh))).isEqualTo(Map.of(fresh, now));
  }
}
