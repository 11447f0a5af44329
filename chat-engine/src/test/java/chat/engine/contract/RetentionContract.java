package chat.engine.contract;

import static org.assertj.core.api.Assertions.assertThat;

import chat.engine.ConversationChange;
import chat.engine.ConversationChange.Kind;
import chat.engine.ConversationId;
import chat.engine.Emoji;
import chat.engine.Message;
import chat.engine.UserId;
import chat.engine.spi.AppendOutcome;
import chat.engine.spi.AppendOutcome.Changed;
import chat.engine.spi.AppendOutcome.NoSuchMessage;
import chat.engine.spi.AppendOutcome.Stored;
import chat.engine.spi.ConversationStore.Membership;
import chat.engine.spi.ConversationStore.Unread;
import chat.engine.spi.ConversationStore.UnreadRange;
import chat.engine.spi.Draft;
import chat.engine.spi.MessageStore;
import chat.engine.spi.MessageStore.ChangedAfter;
import chat.engine.spi.MessageStore.MessagePlace;
import chat.engine.spi.MessageStore.Range;
import chat.engine.spi.RetentionStore;
import chat.engine.spi.RetentionStore.Expiry;
import chat.engine.spi.RetentionStore.OldestMessage;
import chat.engine.spi.Write;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Messages expire from the first one on, and nothing of them is left. */
interface RetentionContract extends StoreTests {
  int EXPIRY_RACES = 200;
  int ALL = 1_000;

  private RetentionStore retention() {
    return chat().store().retention();
  }

  private Optional<Expiry> expire(ConversationId id, Instant before, int limit) {
    return retention().expire(id, before, limit, chat().drafts().now());
  }

  /** Sends messages a minute apart, the first of them at the given time. */
  private List<Draft> sendFrom(ConversationId group, UserId sender, Instant first, int count) {
    List<Draft> drafts =
        IntStream.range(0, count)
            .mapToObj(
                i ->
                    chat()
                        .drafts()
                        .draft(group, sender)
                        .createdAt(first.plus(Duration.ofMinutes(i)))
                        .build())
            .toList();
    assertThat(chat().append(drafts)).allMatch(Stored.class::isInstance);
    return drafts;
  }

  private Instant start() {
    return chat().drafts().now().minus(Duration.ofDays(30));
  }

  private static Instant minute(Instant start, int minutes) {
    return start.plus(Duration.ofMinutes(minutes));
  }

  private Membership membership(UserId user, ConversationId id) {
    return chat().conversations().memberships(user, List.of(id)).get(0);
  }

  @Test
  default void messagesExpireFromTheFirstOneOnAndTheOthersKeepTheirSeqs() {
    UserId ada = chat().user("ada");
    UserId bob = chat().user("bob");
    ConversationId group = chat().group(ada, bob);
    Instant start = start();
    sendFrom(group, ada, start, 10);
    List<Message> before = chat().messages(group);

    assertThat(expire(group, start, ALL)).as("none is older").isEmpty();
    Expiry first = expire(group, minute(start, 4), 3).orElseThrow();
    assertThat(first.messages()).isEqualTo(3);
    ConversationChange change = first.changed().changes().get(0);
    assertThat(change.kind()).isEqualTo(Kind.EXPIRED);
    assertThat(change.firstSeq()).isEqualTo(4);
    assertThat(change.rev()).isEqualTo(1);
    assertThat(change.atSeq()).isEqualTo(10);
    assertThat(expire(group, minute(start, 4), 3).orElseThrow().messages()).isEqualTo(1);
    assertThat(expire(group, minute(start, 4), 3)).isEmpty();

    MessageStore other = chat().anotherNode();
    assertThat(other.before(group, Long.MAX_VALUE, ALL)).isEqualTo(before.subList(4, 10));
    assertThat(StoreFixture.after(other, group, 0, 2)).isEqualTo(before.subList(4, 6));
    assertThat(StoreFixture.after(other, group, 4, 2)).isEqualTo(before.subList(4, 6));
    assertThat(other.ranges(List.of(new Range(group, 2, 6, ALL))).get(group))
        .isEqualTo(before.subList(4, 6));
    assertThat(other.lastSeqs(List.of(group))).containsEntry(group, 10L);
    assertThat(other.retention().firstSeqs(List.of(group))).containsEntry(group, 5L);
    assertThat(other.conversations().changes(group, 0, ALL))
        .hasSize(2)
        .startsWith(change)
        .allMatch(made -> made.kind() == Kind.EXPIRED);
    assertThat(membership(bob, group).firstSeq()).isEqualTo(5);
    assertThat(chat().conversations().unread(bob, List.of(new UnreadRange(group, 0, 10, ALL))))
        .containsEntry(group, new Unread(6, 0));
    assertThat(chat().conversations().members(group).orElseThrow().rev())
        .as("the members are as before")
        .isZero();
    assertThat(((Stored) chat().append(chat().drafts().text(group, ada, "on"))).seq())
        .isEqualTo(11);
  }

  @Test
  default void allMessagesMayExpire() {
    UserId ada = chat().user("ada");
    ConversationId group = chat().group(ada);
    Instant start = start();
    List<Draft> sent = sendFrom(group, ada, start, 3);
    Instant activeAt = membership(ada, group).activeAt();
    assertThat(expire(group, minute(start, 9), ALL).orElseThrow().messages()).isEqualTo(3);
    assertThat(expire(group, minute(start, 9), ALL)).isEmpty();
    assertThat(chat().store().before(group, Long.MAX_VALUE, ALL)).isEmpty();
    assertThat(chat().store().after(group, 0, ALL)).isEmpty();
    assertThat(chat().store().ranges(List.of(new Range(group, 2, 3, 1))).get(group)).isEmpty();
    Membership now = membership(ada, group);
    assertThat(now.firstSeq()).isEqualTo(4);
    assertThat(now.lastSeq()).isEqualTo(3);
    assertThat(now.activeAt()).isEqualTo(activeAt);
    assertThat(((Stored) chat().append(chat().drafts().retryOf(sent.get(0)))).seq())
        .as("a retry of what has expired is a new message")
        .isEqualTo(4);
    assertThat(chat().messages(group)).hasSize(1);
    assertThat(expire(chat().drafts().conversationId(), minute(start, 9), ALL)).isEmpty();
  }

  @Test
  default void nothingThatBelongsToAMessageIsLeft() {
    UserId ada = chat().user("ada");
    UserId bob = chat().user("bob");
    ConversationId group = chat().group(ada, bob);
    Instant start = start();
    sendFrom(group, ada, start, 1);
    chat().append(chat().drafts().draft(group, ada).mentions(bob).createdAt(start).build());
    sendFrom(group, ada, minute(start, 60), 1);
    chat()
        .append(chat().drafts().draft(group, ada).replyTo(1).createdAt(minute(start, 61)).build());
    Emoji emoji = Emoji.of("👍");
    changed(chat().drafts().reaction(group, 1, bob, emoji));
    changed(chat().drafts().takenBack(group, 1, bob, emoji));
    changed(chat().drafts().reaction(group, 2, bob, emoji));
    changed(chat().drafts().edit(group, 1, ada, "edited"));
    changed(chat().drafts().pin(group, 2, ada));
    changed(chat().drafts().pin(group, 3, ada));

    assertThat(expire(group, minute(start, 60), ALL).orElseThrow().messages()).isEqualTo(2);
    MessageStore other = chat().anotherNode();
    assertThat(other.pinned(List.of(group))).containsEntry(group, List.of(3L));
    assertThat(membership(bob, group).pins()).isEqualTo(1);
    assertThat(other.pins(group, Long.MAX_VALUE, ALL)).hasSize(1);
    assertThat(other.reactions(new MessagePlace(group, 2), null, null, ALL)).isEmpty();
    assertThat(other.reactionsOf(bob, List.of(new MessagePlace(group, 2)))).isEmpty();
    assertThat(other.conversations().unread(bob, List.of(new UnreadRange(group, 0, 4, ALL))))
        .containsEntry(group, new Unread(2, 0));
    assertThat(other.changed(List.of(new ChangedAfter(group, 0, 4, ALL))).get(group)).isEmpty();
    assertThat(chat().messages(group).get(1).replyTo()).isEqualTo(1);
    assertThat(chat().messages(group).get(1).replyPreview())
        .as("what is answered is gone")
        .isNull();
    for (ConversationChange change : other.conversations().changes(group, 0, ALL)) {
      assertThat(change.message()).as("change " + change.rev()).isNull();
      assertThat(change.reaction()).as("change " + change.rev()).isNull();
    }
    for (Write write :
        List.of(
            chat().drafts().edit(group, 2, ada, "late"),
            chat().drafts().deletion(group, 2, ada),
            chat().drafts().reaction(group, 2, bob, emoji),
            chat().drafts().pin(group, 2, ada))) {
      assertThat(chat().append(write)).isInstanceOf(NoSuchMessage.class);
    }
  }

  private void changed(Write write) {
    assertThat(chat().append(write)).isInstanceOf(Changed.class);
  }

  @Test
  default void aSettingIsAChangeThatIsToldOnce() {
    UserId ada = chat().user("ada");
    ConversationId group = chat().group(ada);
    chat().send(group, ada, 2);
    Duration day = Duration.ofDays(1);
    Instant now = chat().drafts().now();
    ConversationChange set =
        retention().set(group, day, UserId.SYSTEM, now).orElseThrow().changes().get(0);
    assertThat(set).isEqualTo(ConversationChange.ofRetention(group, 1, 2, UserId.SYSTEM, day, now));
    assertThat(retention().set(group, day, UserId.SYSTEM, now).orElseThrow().changes()).isEmpty();
    assertThat(membership(ada, group).retention()).isEqualTo(day);
    assertThat(retention().set(group, null, UserId.SYSTEM, now).orElseThrow().changes()).hasSize(1);
    assertThat(membership(ada, group).retention()).isNull();
    assertThat(chat().anotherNode().conversations().changes(group, 0, ALL))
        .containsExactly(
            set, ConversationChange.ofRetention(group, 2, 2, UserId.SYSTEM, null, now));
    assertThat(retention().set(chat().drafts().conversationId(), day, UserId.SYSTEM, now))
        .isEmpty();
  }

  @Test
  default void theOldestMessagesAreFoundInPages() {
    UserId ada = chat().user("ada");
    Instant start = start();
    Map<ConversationId, Instant> expected = new HashMap<>();
    ConversationId set = chat().group(ada);
    for (ConversationId group : List.of(set, chat().group(ada), chat().group(ada))) {
      sendFrom(group, ada, start, 3);
      expire(group, minute(start, 1), ALL);
      expected.put(group, minute(start, 1));
    }
    ConversationId empty = chat().group(ada);
    Duration day = Duration.ofDays(1);
    retention().set(set, day, UserId.SYSTEM, chat().drafts().now());

    Map<ConversationId, Instant> found = new HashMap<>();
    List<OldestMessage> all = oldest(false);
    all.forEach(oldest -> found.put(oldest.conversation(), oldest.createdAt()));
    assertThat(found).containsAllEntriesOf(expected).doesNotContainKey(empty);
    assertThat(all).contains(new OldestMessage(set, minute(start, 1), day));
    assertThat(oldest(true))
        .extracting(OldestMessage::conversation)
        .contains(set)
        .doesNotContainAnyElementsOf(
            expected.keySet().stream().filter(id -> !id.equals(set)).toList());
    retention().set(set, null, UserId.SYSTEM, chat().drafts().now());
  }

  /** All pages, of two conversations each. */
  private List<OldestMessage> oldest(boolean onlySet) {
    List<OldestMessage> found = new ArrayList<>();
    ConversationId after = null;
    do {
      RetentionStore.Oldest page = retention().oldest(after, 2, onlySet);
      found.addAll(page.messages());
      after = page.last();
    } while (after != null);
    return found;
  }

  @Test
  default void oneNodeAtATimeGoesThroughTheConversations() {
    Duration lease = Duration.ofMinutes(1);
    Duration none = Duration.ofMillis(1);
    RetentionStore other = chat().anotherNode().retention();
    String mine = "node-" + chat().drafts().id();
    String another = "node-" + chat().drafts().id();
    ConversationId place = chat().drafts().conversationId();
    awaitRound(mine, lease, none);
    assertThat(other.lease(another, lease, none)).as("held").isEmpty();
    retention().reached(mine, place);
    assertThat(retention().lease(mine, lease, none).orElseThrow().after()).isEqualTo(place);
    other.reached(another, null);
    assertThat(retention().lease(mine, Duration.ofMillis(1), none).orElseThrow().after())
        .as("another node cannot end it")
        .isEqualTo(place);
    Optional<RetentionStore.Round> taken = awaitRound(another, lease, none);
    assertThat(taken.orElseThrow().after()).as("goes on where it stood").isEqualTo(place);
    retention().reached(mine, null);
    assertThat(other.lease(another, lease, none).orElseThrow().after()).isEqualTo(place);
    other.reached(another, null);
    assertThat(retention().lease(mine, lease, Duration.ofDays(1))).as("not due").isEmpty();
    assertThat(awaitRound(mine, lease, none).orElseThrow().after()).isNull();
    retention().reached(mine, null);
  }

  private Optional<RetentionStore.Round> awaitRound(
      String holder, Duration lease, Duration period) {
    return Awaitility.await()
        .atMost(Duration.ofSeconds(60))
        .until(() -> retention().lease(holder, lease, period), Optional::isPresent);
  }

  @Test
  @Tag(Together.TAG)
  default void ofAnExpiryAndAChangeAtTheSameTimeTheChangeIsFirstOrFindsNoMessage()
      throws Exception {
    UserId ada = chat().user("ada");
    UserId bob = chat().user("bob");
    MessageStore other = chat().anotherNode();
    Emoji emoji = Emoji.of("👍");
    for (int round = 0; round < EXPIRY_RACES; round++) {
      ConversationId group = chat().group(ada, bob);
      Instant start = start();
      sendFrom(group, ada, start, 2);
      Write write =
          switch (round % 4) {
            case 0 -> chat().drafts().pin(group, 1, ada);
            case 1 -> chat().drafts().reaction(group, 1, bob, emoji);
            case 2 -> chat().drafts().edit(group, 1, ada, "edited");
            default -> chat().drafts().draft(group, ada).replyTo(1).build();
          };
      List<Object> outcomes =
          Together.run(
              2,
              task ->
                  () ->
                      task == 0
                          ? StoreFixture.appendWaiting(other, List.of(write)).get(0)
                          : expire(group, minute(start, 1), ALL));
      AppendOutcome outcome = (AppendOutcome) outcomes.get(0);
      assertThat(outcomes.get(1)).isNotEqualTo(Optional.empty());
      if (write instanceof Draft) {
        assertThat(outcome).isInstanceOf(Stored.class);
      } else {
        assertThat(outcome).isInstanceOfAny(Changed.class, NoSuchMessage.class);
      }
      assertThat(other.pinned(List.of(group))).as("round " + round).isEmpty();
      assertThat(membership(ada, group).pins()).isZero();
      assertThat(other.reactions(new MessagePlace(group, 1), null, null, ALL)).isEmpty();
      long revs = chat().rev(group);
      assertThat(other.conversations().changes(group, 0, ALL))
          .extracting(ConversationChange::rev)
          .hasSize(outcome instanceof Changed ? 2 : 1);
      assertThat(revs).isZero();
    }
  }
}
