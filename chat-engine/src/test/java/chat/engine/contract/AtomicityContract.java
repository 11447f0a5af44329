package chat.engine.contract;

import static org.assertj.core.api.Assertions.assertThat;

import chat.engine.ConversationChange;
import chat.engine.ConversationId;
import chat.engine.UserId;
import chat.engine.spi.AppendOutcome;
import chat.engine.spi.ConversationStore;
import chat.engine.spi.ConversationStore.Change;
import chat.engine.spi.Draft;
import chat.engine.spi.MessageStore;
import chat.engine.spi.StoredMessage;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * A call is stored as a whole or not at all, and calls on one conversation happen one after the
 * other: what a store without transactions cannot give.
 */
interface AtomicityContract extends StoreTests {

  /** A text that PostgreSQL cannot store. */
  String POISON = "\0";

  /** A store that reads changes by pages must not take the last of a page for the last of all. */
  int MORE_CHANGES_THAN_A_PAGE = 300;

  @Test
  @Tag(Together.TAG)
  default void aBatchBecomesVisibleAllAtOnce() throws Exception {
    UserId ada = chat().user("ada");
    List<ConversationId> groups = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      groups.add(chat().group(ada));
    }
    MessageStore reader = chat().anotherNode();
    AtomicInteger atWork = new AtomicInteger(1);
    Together.run(
        2,
        task ->
            () -> {
              if (task == 0) {
                try {
                  for (int round = 0; round < 300; round++) {
                    List<Draft> batch = new ArrayList<>();
                    groups.forEach(
                        group ->
                            batch.add(chat().drafts().draft(group, ada).verifiedRev(0).build()));
                    StoreFixture.appendWaiting(chat().store(), batch);
                  }
                } finally {
                  atWork.decrementAndGet();
                }
              } else {
                do {
                  Map<ConversationId, Long> seqs = reader.lastSeqs(groups);
                  assertThat(new HashSet<>(seqs.values()))
                      .as("the last seqs of the conversations of each batch")
                      .hasSize(1);
                } while (atWork.get() > 0);
              }
              return true;
            });
  }

  @Test
  default void aBatchThatFailsStoresNothing() {
    UserId ada = chat().user("ada");
    ConversationId group = chat().group(ada);
    ConversationId other = chat().group(ada);
    List<Draft> batch =
        List.of(
            chat().drafts().text(group, ada, "good"),
            chat().drafts().text(other, ada, POISON),
            chat().drafts().text(group, ada, "good"));
    boolean stored;
    try {
      stored = chat().append(batch).stream().allMatch(AppendOutcome.Stored.class::isInstance);
    } catch (RuntimeException refused) {
      stored = false;
    }
    assertThat(chat().anotherNode().lastSeqs(List.of(group, other)))
        .containsEntry(group, stored ? 2L : 0L)
        .containsEntry(other, stored ? 1L : 0L);
    long next = stored ? 3 : 1;
    assertThat(chat().append(chat().drafts().text(group, ada, "next")))
        .isEqualTo(new AppendOutcome.Stored(next, 0));
  }

  @Test
  default void aChangeThatFailsChangesNothing() {
    UserId ada = chat().user("ada");
    UserId bob = chat().user("bob");
    ConversationId group = chat().group(ada);
    List<Change> changes =
        List.of(StoreFixture.renamed("half way"), StoreFixture.added(bob), StoreFixture.added(ada));
    boolean changed;
    try {
      changed =
          chat().conversations().change(group, 0, changes, ada, chat().drafts().now()).isPresent();
    } catch (RuntimeException refused) {
      changed = false;
    }
    assertThat(changed).as("a member can be added again").isFalse();
    MessageStore other = chat().anotherNode();
    assertThat(other.conversations().members(group).orElseThrow().users()).containsExactly(ada);
    assertThat(other.conversations().changes(group, 0, 10)).isEmpty();
    assertThat(other.conversations().find(List.of(group)).get(group).conversation().name())
        .isEqualTo("a group");
  }

  @Test
  @Tag(Together.TAG)
  default void everyMessageHasTheRevOfTheLastChangeBeforeItWhileBothHappenTogether()
      throws Exception {
    UserId ada = chat().user("ada");
    ConversationId group = chat().group(ada);
    List<MessageStore> nodes = List.of(chat().store(), chat().anotherNode());
    int changers = 2;
    Together.run(
        5,
        task ->
            () -> {
              MessageStore node = nodes.get(task % 2);
              for (int round = 0; round < 40; round++) {
                if (task < changers) {
                  long rev = node.conversations().members(group).orElseThrow().rev();
                  node.conversations()
                      .change(
                          group,
                          rev,
                          List.of(StoreFixture.added(chat().user("u" + task + "-" + round))),
                          ada,
                          chat().drafts().now());
                } else {
                  StoreFixture.appendWaiting(
                      node, List.of(chat().drafts().text(group, ada, "message " + round)));
                }
              }
              return true;
            });
    changeUntil(group, ada, MORE_CHANGES_THAN_A_PAGE);
    StoreFixture.appendWaiting(
        chat().store(), List.of(chat().drafts().text(group, ada, "after all changes")));

    List<ConversationChange> changes =
        chat().store().conversations().changes(group, 0, Integer.MAX_VALUE);
    assertThat(changes).hasSizeGreaterThanOrEqualTo(MORE_CHANGES_THAN_A_PAGE);
    List<StoredMessage> messages = chat().store().after(group, 0, Integer.MAX_VALUE);
    assertThat(messages).hasSize(121);
    for (StoredMessage stored : messages) {
      long rev =
          changes.stream()
              .filter(change -> change.atSeq() < stored.message().seq())
              .mapToLong(ConversationChange::rev)
              .max()
              .orElse(0);
      assertThat(stored.membersRev()).as("rev of " + stored.message().seq()).isEqualTo(rev);
    }
  }

  private void changeUntil(ConversationId group, UserId actor, long end) {
    ConversationStore conversations = chat().store().conversations();
    for (long rev = conversations.members(group).orElseThrow().rev(); rev < end; rev++) {
      UserId added = chat().user("later-" + rev);
      conversations.change(
          group, rev, List.of(StoreFixture.added(added)), actor, chat().drafts().now());
    }
  }

  @Test
  @Tag(Together.TAG)
  default void ofOneConversationAllDraftsOfABatchAreLockedOrNone() throws Exception {
    UserId ada = chat().user("ada");
    ConversationId contended = chat().group(ada);
    ConversationId own = chat().group(ada);
    Together.run(
        4,
        task ->
            () -> {
              MessageStore node = task % 2 == 0 ? chat().store() : chat().anotherNode();
              for (int round = 0; round < 25; round++) {
                List<Draft> batch = new ArrayList<>();
                for (int i = 0; i < 6; i++) {
                  batch.add(chat().drafts().text(i % 2 == 0 ? contended : own, ada, "text"));
                }
                Map<ConversationId, Set<Class<?>>> kinds = new HashMap<>();
                List<AppendOutcome> outcomes = node.append(batch, Duration.ZERO);
                for (int i = 0; i < batch.size(); i++) {
                  kinds
                      .computeIfAbsent(batch.get(i).conversation(), none -> new HashSet<>())
                      .add(outcomes.get(i).getClass());
                }
                assertThat(kinds.values()).allSatisfy(kind -> assertThat(kind).hasSize(1));
              }
              return true;
            });
  }
}
