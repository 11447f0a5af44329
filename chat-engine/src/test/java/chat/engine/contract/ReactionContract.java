package chat.engine.contract;

import static org.assertj.core.api.Assertions.assertThat;

import chat.engine.ConversationChange;
import chat.engine.ConversationChange.Kind;
import chat.engine.ConversationId;
import chat.engine.Emoji;
import chat.engine.Message;
import chat.engine.ReactionChange;
import chat.engine.ReactionCount;
import chat.engine.Role;
import chat.engine.UserId;
import chat.engine.UserReactions;
import chat.engine.spi.AppendOutcome;
import chat.engine.spi.AppendOutcome.Changed;
import chat.engine.spi.AppendOutcome.Duplicate;
import chat.engine.spi.AppendOutcome.NotMember;
import chat.engine.spi.AppendOutcome.TooManyReactions;
import chat.engine.spi.AppendOutcome.UnchangedReaction;
import chat.engine.spi.AppendOutcome.WasDeleted;
import chat.engine.spi.Draft;
import chat.engine.spi.MessageStore;
import chat.engine.spi.MessageStore.ChangedAfter;
import chat.engine.spi.MessageStore.MessagePlace;
import chat.engine.spi.MessageStore.Range;
import chat.engine.spi.Reaction;
import chat.engine.spi.StoredMessage;
import chat.engine.spi.Write;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Members react to messages: the counts, who it was, and in which order. */
interface ReactionContract extends StoreTests {
  Emoji THUMB = Emoji.of("\uD83D\uDC4D");
  Emoji HEART = Emoji.of("\u2764\uFE0F");
  Emoji FAMILY = Emoji.of("\uD83D\uDC68\u200D\uD83D\uDC69\u200D\uD83D\uDC67\u200D\uD83D\uDC66");

  private Reaction on(ConversationId group, long seq, UserId actor, Emoji emoji) {
    return chat().drafts().reaction(group, seq, actor, emoji);
  }

  private Reaction off(ConversationId group, long seq, UserId actor, Emoji emoji) {
    return chat().drafts().takenBack(group, seq, actor, emoji);
  }

  private ConversationChange changed(Write write) {
    AppendOutcome outcome = chat().append(write);
    assertThat(outcome).isInstanceOf(Changed.class);
    return ((Changed) outcome).change();
  }

  private Message read(ConversationId group, long seq) {
    return StoreFixture.after(chat().anotherNode(), group, seq - 1, 1).get(0);
  }

  private static ReactionCount count(Emoji emoji, long count) {
    return new ReactionCount(emoji, count, null);
  }

  private List<UserReactions> who(ConversationId group, long seq, @Nullable Emoji emoji) {
    return chat().anotherNode().reactions(new MessagePlace(group, seq), emoji, null, 1_000);
  }

  private static List<Emoji> differentEmoji(int count) {
    return IntStream.range(0, count)
        .mapToObj(i -> Emoji.of(Character.toString(0x1F600 + i)))
        .toList();
  }

  @Test
  default void aReactionShowsInEveryReadAndInTheLog() {
    UserId ada = chat().user("ada");
    UserId bob = chat().user("bob");
    ConversationId group = chat().group(ada, bob);
    Message sent = chat().send(group, ada, 2).get(0);
    Reaction reaction = on(group, 1, bob, HEART);

    ConversationChange change = changed(reaction);

    assertThat(change)
        .isEqualTo(
            ConversationChange.ofReaction(
                group, 1, 2, bob, new ReactionChange(1, HEART, true, 1), reaction.at()));
    Message after = sent.withReactions(List.of(count(HEART, 1)), 1);
    MessageStore other = chat().anotherNode();
    assertThat(other.after(group, 0, 1)).containsExactly(new StoredMessage(after, 0));
    assertThat(other.before(group, 2, 1)).containsExactly(after);
    assertThat(other.ranges(List.of(new Range(group, 0, 1, 9))).get(group)).containsExactly(after);
    assertThat(other.changed(List.of(new ChangedAfter(group, 0, 9, 9))).get(group))
        .containsExactly(after);
    assertThat(other.conversations().changes(group, 0, 9)).containsExactly(change);
    assertThat(who(group, 1, null)).containsExactly(new UserReactions(bob, List.of(HEART)));
    assertThat(who(group, 2, null)).isEmpty();
  }

  @Test
  default void reactionsAreCountedByEmojiTheFirstInFront() {
    UserId ada = chat().user("ada");
    UserId bob = chat().user("bob");
    ConversationId group = chat().group(ada, bob);
    chat().send(group, ada, 1);

    changed(on(group, 1, ada, THUMB));
    changed(on(group, 1, bob, FAMILY));
    changed(on(group, 1, ada, FAMILY));
    assertThat(read(group, 1).reactions()).containsExactly(count(THUMB, 1), count(FAMILY, 2));
    assertThat(changed(off(group, 1, ada, THUMB)).reaction())
        .isEqualTo(new ReactionChange(1, THUMB, false, 0));
    assertThat(read(group, 1).reactions()).containsExactly(count(FAMILY, 2));
    changed(on(group, 1, ada, THUMB));

    Message message = read(group, 1);
    assertThat(message.reactions()).containsExactly(count(FAMILY, 2), count(THUMB, 1));
    assertThat(message.rev()).isEqualTo(5);
    assertThat(message.editedAt()).isNull();
    assertThat(who(group, 1, null))
        .containsExactly(
            new UserReactions(ada, List.of(FAMILY, THUMB)),
            new UserReactions(bob, List.of(FAMILY)));
    assertThat(who(group, 1, THUMB)).containsExactly(new UserReactions(ada, List.of(THUMB)));
  }

  @Test
  default void repeatingAReactionStoresNothing() {
    UserId ada = chat().user("ada");
    ConversationId group = chat().group(ada);
    Message sent = chat().send(group, ada, 1).get(0);
    UserId bob = chat().user("bob");
    chat().change(group, StoreFixture.added(bob));

    assertThat(chat().append(off(group, 1, ada, THUMB))).isEqualTo(new UnchangedReaction(0, 0));
    changed(on(group, 1, ada, THUMB));
    changed(on(group, 1, bob, THUMB));
    assertThat(chat().append(on(group, 1, ada, THUMB))).isEqualTo(new UnchangedReaction(2, 2));
    changed(off(group, 1, ada, THUMB));
    changed(off(group, 1, bob, THUMB));
    assertThat(read(group, 1)).isEqualTo(sent.withReactions(List.of(), 5));
    assertThat(chat().append(off(group, 1, ada, THUMB))).isEqualTo(new UnchangedReaction(4, 0));
    assertThat(chat().conversations().changes(group, 0, 9)).hasSize(5);
  }

  @Test
  default void onlyMembersReactAndOnlyToWhatIsThere() {
    UserId ada = chat().user("ada");
    UserId bob = chat().user("bob");
    ConversationId group = chat().group(ada, bob);
    chat().send(group, ada, 1);
    ConversationId none = chat().drafts().conversationId();

    assertThat(chat().append(on(group, 1, chat().user("eve"), THUMB))).isEqualTo(new NotMember());
    assertThat(chat().append(on(none, 1, ada, THUMB)))
        .isEqualTo(new AppendOutcome.NoSuchConversation());
    for (long seq : new long[] {Long.MIN_VALUE, -1, 0, 2, Long.MAX_VALUE}) {
      assertThat(chat().append(on(group, seq, ada, THUMB)))
          .as("seq " + seq)
          .isEqualTo(new AppendOutcome.NoSuchMessage());
    }
    changed(on(group, 1, bob, THUMB));
    chat().change(group, StoreFixture.removed(bob));
    assertThat(chat().append(off(group, 1, bob, THUMB))).isEqualTo(new NotMember());
    assertThat(read(group, 1).reactions()).as("who goes leaves them").hasSize(1);
    chat().change(group, StoreFixture.added(bob));
    assertThat(changed(off(group, 1, bob, THUMB)).rev()).isEqualTo(4);
  }

  @Test
  default void aDeletionTakesTheReactionsAway() {
    UserId ada = chat().user("ada");
    UserId bob = chat().user("bob");
    ConversationId group = chat().group(ada, bob);
    chat().send(group, ada, 2);
    changed(on(group, 1, bob, THUMB));
    changed(on(group, 1, ada, HEART));
    changed(off(group, 1, ada, HEART));
    changed(on(group, 2, ada, HEART));

    changed(chat().drafts().deletion(group, 1, ada));

    assertThat(read(group, 1).reactions()).isEmpty();
    assertThat(who(group, 1, null)).isEmpty();
    assertThat(who(group, 2, null)).hasSize(1);
    assertThat(chat().append(on(group, 1, bob, HEART))).isEqualTo(new WasDeleted());
    assertThat(chat().append(off(group, 1, bob, THUMB))).isEqualTo(new WasDeleted());
    assertThat(chat().conversations().changes(group, 0, 9))
        .extracting(ConversationChange::reaction)
        .as("the log has forgotten what they were")
        .containsExactly(null, null, null, new ReactionChange(2, HEART, true, 1), null);
    assertThat(chat().conversations().changes(group, 0, 9))
        .extracting(ConversationChange::kind)
        .endsWith(Kind.MESSAGE_REACTED, Kind.MESSAGE_DELETED);
  }

  @Test
  default void theLogTellsTheLastChangeOfEachReactionAndTheCountsOfNow() {
    UserId ada = chat().user("ada");
    UserId bob = chat().user("bob");
    ConversationId group = chat().group(ada, bob);
    chat().send(group, ada, 1);
    changed(on(group, 1, ada, THUMB));
    changed(off(group, 1, ada, THUMB));
    changed(on(group, 1, bob, THUMB));
    changed(on(group, 1, ada, HEART));
    changed(on(group, 1, ada, THUMB));

    assertThat(chat().conversations().changes(group, 0, 9))
        .extracting(ConversationChange::reaction)
        .containsExactly(
            null,
            null,
            new ReactionChange(1, THUMB, true, 2),
            new ReactionChange(1, HEART, true, 1),
            new ReactionChange(1, THUMB, true, 2));
    changed(off(group, 1, bob, THUMB));
    assertThat(chat().conversations().changes(group, 2, 2))
        .extracting(ConversationChange::reaction)
        .containsExactly(null, new ReactionChange(1, HEART, true, 1));
    assertThat(chat().conversations().changes(group, 5, 9))
        .extracting(ConversationChange::reaction)
        .containsExactly(new ReactionChange(1, THUMB, false, 1));
  }

  @Test
  default void anEditKeepsTheReactionsAndARetryOfTheSendShowsThem() {
    UserId ada = chat().user("ada");
    ConversationId group = chat().group(ada);
    Draft draft = chat().drafts().text(group, ada, "first");
    chat().append(draft);
    changed(on(group, 1, ada, THUMB));
    changed(chat().drafts().edit(group, 1, ada, "second"));

    Message message = read(group, 1);
    assertThat(message.text()).isEqualTo("second");
    assertThat(message.reactions()).containsExactly(count(THUMB, 1));
    assertThat(message.rev()).isEqualTo(2);
    assertThat(chat().append(chat().drafts().retryOf(draft))).isEqualTo(new Duplicate(message, 0));
  }

  @Test
  default void aUserHasABoundedNumberOfReactionsToAMessage() {
    UserId ada = chat().user("ada");
    UserId bob = chat().user("bob");
    ConversationId group = chat().group(ada, bob);
    chat().send(group, ada, 2);
    List<Emoji> emoji = differentEmoji(UserReactions.MAX_PER_USER + 1);
    Emoji last = emoji.get(UserReactions.MAX_PER_USER);

    List<AppendOutcome> outcomes =
        chat().append(emoji.stream().map(one -> on(group, 1, ada, one)).toList());

    assertThat(outcomes.subList(0, UserReactions.MAX_PER_USER)).allMatch(Changed.class::isInstance);
    assertThat(outcomes).endsWith(new TooManyReactions(UserReactions.MAX_PER_USER, true));
    assertThat(chat().append(on(group, 1, ada, last)))
        .isEqualTo(new TooManyReactions(UserReactions.MAX_PER_USER, true));
    assertThat(chat().append(on(group, 1, ada, emoji.get(0))))
        .isInstanceOf(UnchangedReaction.class);
    changed(on(group, 1, bob, last));
    changed(on(group, 2, ada, last));
    changed(off(group, 1, ada, emoji.get(3)));
    changed(on(group, 1, ada, last));
    assertThat(who(group, 1, null).get(0).emoji()).hasSize(UserReactions.MAX_PER_USER);
  }

  @Test
  default void aMessageHasABoundedNumberOfDifferentReactions() {
    List<UserId> users = IntStream.range(0, 4).mapToObj(i -> chat().user("u" + i)).toList();
    ConversationId group = chat().group(users.get(0), users.subList(1, 4).toArray(UserId[]::new));
    chat().send(group, users.get(0), 1);
    List<Emoji> emoji = differentEmoji(ReactionCount.MAX_PER_MESSAGE + 1);
    List<Write> batch = new ArrayList<>();
    for (int i = 0; i < ReactionCount.MAX_PER_MESSAGE; i++) {
      batch.add(on(group, 1, users.get(i % 3), emoji.get(i)));
    }
    assertThat(chat().append(batch)).allMatch(Changed.class::isInstance);
    Emoji last = emoji.get(ReactionCount.MAX_PER_MESSAGE);

    assertThat(chat().append(on(group, 1, users.get(3), last)))
        .isEqualTo(new TooManyReactions(ReactionCount.MAX_PER_MESSAGE, false));
    changed(on(group, 1, users.get(3), emoji.get(0)));
    changed(off(group, 1, users.get(1), emoji.get(1)));
    changed(on(group, 1, users.get(3), last));
    assertThat(read(group, 1).reactions()).hasSize(ReactionCount.MAX_PER_MESSAGE);
  }

  @Test
  default void reactionsOfABatchTakeEffectInTheirOrderAmongTheOthers() {
    UserId ada = chat().user("ada");
    UserId bob = chat().user("bob");
    ConversationId group = chat().group(ada, bob);

    List<AppendOutcome> outcomes =
        chat()
            .append(
                List.of(
                    on(group, 1, bob, THUMB),
                    chat().drafts().text(group, ada, "one"),
                    on(group, 1, bob, THUMB),
                    on(group, 1, ada, THUMB),
                    on(group, 1, bob, THUMB),
                    off(group, 1, bob, THUMB),
                    chat().drafts().edit(group, 1, ada, "edited"),
                    on(group, 1, bob, HEART),
                    chat().drafts().text(group, ada, "two"),
                    on(group, 2, ada, THUMB),
                    on(group, 2, bob, HEART),
                    chat().drafts().deletion(group, 2, ada),
                    on(group, 2, bob, THUMB)));

    assertThat(outcomes)
        .extracting(outcome -> outcome.getClass().getSimpleName())
        .containsExactly(
            "NoSuchMessage",
            "Stored",
            "Changed",
            "Changed",
            "UnchangedReaction",
            "Changed",
            "Changed",
            "Changed",
            "Stored",
            "Changed",
            "Changed",
            "Changed",
            "WasDeleted");
    assertThat(outcomes.stream().filter(Changed.class::isInstance))
        .extracting(outcome -> ((Changed) outcome).change().rev())
        .isEqualTo(LongStream.rangeClosed(1, 8).boxed().toList());
    assertThat(((Changed) outcomes.get(3)).change().reaction())
        .isEqualTo(new ReactionChange(1, THUMB, true, 2));
    Message one = read(group, 1);
    assertThat(one.text()).isEqualTo("edited");
    assertThat(one.reactions()).containsExactly(count(THUMB, 1), count(HEART, 1));
    assertThat(one.rev()).isEqualTo(5);
    assertThat(read(group, 2).deleted()).isTrue();
    assertThat(read(group, 2).reactions()).isEmpty();
    assertThat(who(group, 2, null)).isEmpty();
    assertThat(who(group, 1, null))
        .containsExactly(
            new UserReactions(ada, List.of(THUMB)), new UserReactions(bob, List.of(HEART)));
  }

  @Test
  default void aBatchForManyMessagesOfManyConversationsIsWhole() {
    UserId ada = chat().user("ada");
    UserId bob = chat().user("bob");
    List<ConversationId> groups =
        IntStream.range(0, 130).mapToObj(i -> chat().group(ada, bob)).toList();
    groups.forEach(group -> chat().send(group, ada, 2));
    MessageStore.Mark mark = chat().store().writesSince(null).mark();
    List<Write> batch = new ArrayList<>();
    for (ConversationId group : groups) {
      batch.add(on(group, 1, ada, THUMB));
      batch.add(chat().drafts().edit(group, 2, ada, "edited"));
      batch.add(on(group, 1, bob, THUMB));
      batch.add(on(group, 2, bob, HEART));
    }

    assertThat(chat().append(batch)).allMatch(Changed.class::isInstance);

    MessageStore.Writes writes = chat().anotherNode().writesSince(mark);
    for (ConversationId group : groups) {
      assertThat(chat().messages(group))
          .extracting(message -> List.of(message.rev(), message.reactions()))
          .containsExactly(
              List.of(3L, List.of(count(THUMB, 2))), List.of(4L, List.of(count(HEART, 1))));
      assertThat(writes.revs()).containsEntry(group, 4L);
    }
    assertThat(writes.lastSeqs()).doesNotContainKeys(groups.toArray(ConversationId[]::new));
  }

  @Test
  default void reactionsDoNotMoveTheMembership() {
    UserId ada = chat().user("ada");
    ConversationId group = chat().group(ada);
    chat().change(group, StoreFixture.renamed("x"));
    chat().send(group, ada, 1);
    changed(on(group, 1, ada, THUMB));

    assertThat(chat().append(chat().drafts().draft(group, ada).verifiedRev(1).build()))
        .isEqualTo(new AppendOutcome.Stored(2, 1));
    assertThat(chat().rev(group)).isEqualTo(1);
    assertThat(chat().change(group, StoreFixture.renamed("y")).get(0).rev()).isEqualTo(3);
  }

  @Test
  default void whoReactedIsReadByPages() {
    List<UserId> users =
        IntStream.range(0, 25).mapToObj(i -> chat().user("u" + (char) ('a' + i))).toList();
    UserId ada = users.get(0);
    ConversationId group = chat().group(ada, users.subList(1, 25).toArray(UserId[]::new));
    chat().send(group, ada, 1);
    List<Write> batch = new ArrayList<>();
    for (int i = 24; i >= 0; i--) {
      batch.add(on(group, 1, users.get(i), THUMB));
      if (i % 3 == 0) {
        batch.add(on(group, 1, users.get(i), HEART));
      }
    }
    chat().append(batch);
    chat().append(off(group, 1, users.get(4), THUMB));

    List<UserId> all = new ArrayList<>(users);
    all.remove(4);
    assertThat(paged(group, null, 7)).isEqualTo(all);
    assertThat(paged(group, THUMB, 24)).isEqualTo(all);
    assertThat(paged(group, HEART, 2))
        .isEqualTo(IntStream.range(0, 25).filter(i -> i % 3 == 0).mapToObj(users::get).toList());
    assertThat(who(group, 1, FAMILY)).isEmpty();
    assertThat(who(chat().drafts().conversationId(), 1, null)).isEmpty();
  }

  private List<UserId> paged(ConversationId group, @Nullable Emoji emoji, int limit) {
    List<UserId> found = new ArrayList<>();
    UserId after = null;
    List<UserReactions> page;
    do {
      page = chat().store().reactions(new MessagePlace(group, 1), emoji, after, limit);
      assertThat(page).hasSizeLessThanOrEqualTo(limit);
      for (UserReactions one : page) {
        found.add(one.user());
        after = one.user();
      }
    } while (!page.isEmpty());
    return found;
  }

  @Test
  default void whatAUserReactedWithIsReadForManyMessagesAtOnce() {
    UserId ada = chat().user("ada");
    UserId bob = chat().user("bob");
    ConversationId group = chat().group(ada, bob);
    ConversationId direct = chat().direct(ada, bob).id();
    chat().send(group, ada, 3);
    chat().send(direct, ada, 1);
    changed(on(group, 1, ada, THUMB));
    changed(on(group, 1, ada, HEART));
    changed(on(group, 2, bob, THUMB));
    changed(on(group, 3, ada, THUMB));
    changed(off(group, 3, ada, THUMB));
    changed(on(direct, 1, ada, FAMILY));

    Map<MessagePlace, Set<Emoji>> own =
        chat()
            .anotherNode()
            .reactionsOf(
                ada,
                List.of(
                    new MessagePlace(group, 1),
                    new MessagePlace(group, 2),
                    new MessagePlace(group, 3),
                    new MessagePlace(group, 9),
                    new MessagePlace(direct, 1)));

    assertThat(own)
        .isEqualTo(
            Map.of(
                new MessagePlace(group, 1), Set.of(THUMB, HEART),
                new MessagePlace(direct, 1), Set.of(FAMILY)));
    assertThat(chat().store().reactionsOf(ada, List.of())).isEmpty();
  }

  @Test
  default void whatChangedSinceHasTheMessagesThatWereReactedTo() {
    UserId ada = chat().user("ada");
    ConversationId group = chat().group(ada);
    chat().send(group, ada, 5);
    changed(on(group, 4, ada, THUMB));
    changed(on(group, 2, ada, THUMB));
    changed(on(group, 4, ada, HEART));
    changed(off(group, 2, ada, THUMB));
    changed(chat().drafts().edit(group, 3, ada, "edited"));

    MessageStore other = chat().anotherNode();
    assertThat(other.changed(List.of(new ChangedAfter(group, 0, 9, 9))).get(group))
        .containsExactly(read(group, 4), read(group, 2), read(group, 3))
        .extracting(Message::rev)
        .containsExactly(3L, 4L, 5L);
    assertThat(other.changed(List.of(new ChangedAfter(group, 3, 9, 1))).get(group))
        .containsExactly(read(group, 2));
  }

  @Test
  default void reactionsGoWithTheirConversation() {
    UserId ada = chat().user("ada");
    List<UserId> users = IntStream.range(0, 30).mapToObj(i -> chat().user("u" + i)).toList();
    ConversationId group = chat().group(ada, users.toArray(UserId[]::new));
    chat().send(group, ada, 4);
    for (long seq = 1; seq <= 4; seq++) {
      long to = seq;
      chat().append(users.stream().map(user -> on(group, to, user, THUMB)).toList());
    }
    chat().conversations().delete(group, ada, chat().drafts().now());
    int rounds = 0;
    while (chat().conversations().erase(group, 20)) {
      assertThat(++rounds).isLessThan(20);
    }

    for (long seq = 1; seq <= 4; seq++) {
      assertThat(who(group, seq, null)).isEmpty();
    }
    assertThat(chat().messages(group)).isEmpty();
  }

  @Test
  default void everyRoleMayReactToEveryMessage() {
    UserId ada = chat().user("ada");
    UserId bob = chat().user("bob");
    ConversationId group = chat().group(ada, bob);
    chat().change(group, StoreFixture.roleSet(bob, Role.ADMIN));
    chat().send(group, UserId.SYSTEM, 1);

    changed(on(group, 1, ada, THUMB));
    changed(on(group, 1, bob, THUMB));
    assertThat(read(group, 1).reactions()).containsExactly(count(THUMB, 2));
  }
}
