package chat.engine.contract;

import static org.assertj.core.api.Assertions.assertThat;

import chat.engine.ConversationId;
import chat.engine.UserId;
import chat.engine.spi.AppendOutcome;
import chat.engine.spi.Draft;
import chat.engine.spi.MessageStore;
import chat.engine.spi.PublicationOutbox;
import chat.engine.spi.PublicationOutbox.Note;
import chat.engine.spi.StoreTransaction;
import chat.engine.spi.TransactionalStore;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * What all {@link PublicationOutbox}es must do. Extend it and implement {@link #openStore} and
 * {@link #begin}.
 */
@Timeout(120)
public abstract class PublicationOutboxContract {
  private static final Duration LIMIT = Duration.ofSeconds(5);
  private static final int ALL = 10_000;

  private StoreFixture chat;
  private UserId ada;
  private ConversationId group;

  /**
   * Opens the store as a node does; all of them on the same data. Is also a {@link
   * TransactionalStore} and a {@link PublicationOutbox}. The test closes it.
   */
  protected abstract MessageStore openStore();

  /** A connection with a transaction of the application, on the database of the store. */
  protected abstract Connection begin() throws SQLException;

  @BeforeEach
  final void open() {
    chat = new StoreFixture(this::openStore);
    ada = chat.user("ada");
    group = chat.group(ada, chat.user("bob"));
  }

  @AfterEach
  final void close() {
    chat.close();
  }

  /** Of the group of this test: others may have left notes too. */
  private List<Note> notes(Duration olderThan) {
    return outbox().unpublished(olderThan, ALL).stream()
        .filter(note -> note.conversation().equals(group))
        .toList();
  }

  private PublicationOutbox outbox() {
    return (PublicationOutbox) chat.anotherNode();
  }

  /** Sends in one transaction of the application. */
  private List<Note> send(boolean commits, String... texts) throws SQLException {
    List<Note> expected = new ArrayList<>();
    try (Connection connection = begin()) {
      StoreTransaction transaction = ((TransactionalStore) chat.store()).join(connection, LIMIT);
      for (String text : texts) {
        Draft draft = chat.drafts().text(group, ada, text);
        AppendOutcome.Stored stored = (AppendOutcome.Stored) transaction.append(draft);
        expected.add(new Note(group, stored.seq(), draft.id()));
      }
      assertThat(notes(Duration.ZERO)).as("before the commit").isEmpty();
      if (commits) {
        connection.commit();
        assertThat(transaction.committed()).hasSize(texts.length);
      } else {
        connection.rollback();
      }
    }
    return expected;
  }

  @Test
  final void whatIsCommittedIsNotedUntilItIsPublished() throws SQLException {
    List<Note> expected = send(true, "one", "two");
    assertThat(notes(Duration.ZERO)).containsExactlyInAnyOrderElementsOf(expected);
    assertThat(outbox().published(expected.get(0))).isTrue();
    assertThat(notes(Duration.ZERO)).containsExactly(expected.get(1));
    assertThat(outbox().published(expected.get(1))).isTrue();
    assertThat(notes(Duration.ZERO)).isEmpty();
  }

  @Test
  final void whatIsRolledBackOrSentOutsideOfATransactionIsNotNoted() throws SQLException {
    send(false, "never");
    chat.send(group, ada, 1);
    assertThat(notes(Duration.ZERO)).isEmpty();
  }

  @Test
  final void aNoteIsRemovedByOneCallerOnly() throws Exception {
    Note note = send(true, "one").get(0);
    List<PublicationOutbox> nodes = List.of(outbox(), outbox(), outbox(), outbox());
    List<Boolean> removed = Together.run(nodes.size(), i -> () -> nodes.get(i).published(note));
    assertThat(removed).containsOnlyOnce(true);
    assertThat(outbox().published(note)).isFalse();
  }

  @Test
  final void youngNotesAreLeftToThoseWhoWroteThem() throws SQLException {
    send(true, "young");
    assertThat(notes(Duration.ofHours(1))).isEmpty();
    assertThat(notes(Duration.ZERO)).hasSize(1);
  }

  @Test
  final void theOldestComeFirstUpToTheLimit() throws SQLException {
    List<Note> expected = new ArrayList<>(send(true, "one"));
    outbox().unpublished(Duration.ZERO, ALL).stream()
        .filter(note -> !note.conversation().equals(group))
        .forEach(note -> outbox().published(note));
    expected.addAll(sendMore("two"));
    expected.addAll(sendMore("three"));
    assertThat(outbox().unpublished(Duration.ZERO, 2)).isEqualTo(expected.subList(0, 2));
    assertThat(notes(Duration.ZERO)).isEqualTo(expected);
  }

  private List<Note> sendMore(String text) throws SQLException {
    try (Connection connection = begin()) {
      StoreTransaction transaction = ((TransactionalStore) chat.store()).join(connection, LIMIT);
      Draft draft = chat.drafts().text(group, ada, text);
      AppendOutcome.Stored stored = (AppendOutcome.Stored) transaction.append(draft);
      connection.commit();
      return List.of(new Note(group, stored.seq(), draft.id()));
    }
  }
}
