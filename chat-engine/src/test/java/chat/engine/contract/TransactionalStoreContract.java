package chat.engine.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import chat.engine.Conversation;
import chat.engine.ConversationId;
import chat.engine.GroupKey;
import chat.engine.Member;
import chat.engine.MemberList;
import chat.engine.Message;
import chat.engine.Role;
import chat.engine.UserId;
import chat.engine.spi.AppendOutcome;
import chat.engine.spi.ConversationStore;
import chat.engine.spi.Draft;
import chat.engine.spi.MessageStore;
import chat.engine.spi.MessageStore.Reading;
import chat.engine.spi.StoreTransaction;
import chat.engine.spi.TransactionalStore;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * What all {@link TransactionalStore}s and their {@link StoreTransaction}s must do, beside what
 * {@link MessageStoreContract} says. Extend it and implement {@link #openStore} and {@link #begin}.
 */
@Timeout(120)
public abstract class TransactionalStoreContract {
  private static final Duration LIMIT = Duration.ofSeconds(5);

  private StoreFixture chat;
  private UserId ada;
  private UserId bob;
  private UserId eve;

  /**
   * Opens the store as a node does; all of them on the same data. Is also a {@link
   * TransactionalStore}. The test closes it.
   */
  protected abstract MessageStore openStore();

  /**
   * A connection with a transaction of the application, on the database of the store. A store
   * without a database gives a stand-in that takes {@code commit}, {@code rollback} and {@code
   * close}.
   */
  protected abstract Connection begin() throws SQLException;

  @BeforeEach
  final void open() {
    chat = new StoreFixture(this::openStore);
    ada = chat.user("ada");
    bob = chat.user("bob");
    eve = chat.user("eve");
  }

  @AfterEach
  final void close() {
    chat.close();
  }

  private TransactionalStore transactional() {
    return (TransactionalStore) chat.store();
  }

  private Draft draft(ConversationId conversation, String text) {
    return chat.drafts().text(conversation, ada, text);
  }

  private List<String> texts(ConversationId conversation) {
    return chat.messages(conversation).stream().map(Message::text).toList();
  }

  private Conversation proposed(String name) {
    return Conversation.group(chat.drafts().conversationId(), name, chat.drafts().now());
  }

  private ConversationStore.Key key(String value) {
    return new ConversationStore.Key(chat.user("application"), GroupKey.of(value));
  }

  // ---- transactions of the store

  @Test
  final void workThatReturnsIsStoredAndItsResultReturned() {
    ConversationId group = chat.group(ada, bob);
    AppendOutcome outcome =
        transactional()
            .transact(
                LIMIT,
                (transaction, connection) -> {
                  transaction.change(
                      group, 0, List.of(StoreFixture.added(eve)), ada, chat.drafts().now());
                  return transaction.append(draft(group, "hello"));
                });
    assertThat(outcome).isEqualTo(new AppendOutcome.Stored(1, 1));
    assertThat(texts(group)).containsExactly("hello");
    assertThat(chat.conversations().member(group, eve)).isPresent();
  }

  @Test
  final void workThatThrowsStoresNothing() {
    ConversationId group = chat.group(ada, bob);
    Conversation other = proposed("other");
    assertThatThrownBy(
            () ->
                transactional()
                    .<AppendOutcome>transact(
                        LIMIT,
                        (transaction, connection) -> {
                          transaction.append(draft(group, "never"));
                          transaction.ensureGroup(key("other"), other, Map.of(ada, Role.OWNER));
                          throw new IllegalStateException("thrown on purpose");
                        }))
        .hasMessageContaining("thrown on purpose");
    assertThat(chat.messages(group)).isEmpty();
    assertThat(chat.conversations().find(key("other"))).isEmpty();
    chat.send(group, ada, 1);
    assertThat(chat.messages(group)).extracting(Message::seq).containsExactly(1L);
  }

  @Test
  final void methodsSeeWhatWasDoneBeforeAndNobodyElseDoes() {
    Conversation group = proposed("mine");
    transactional()
        .transact(
            LIMIT,
            (transaction, connection) -> {
              assertThat(transaction.findOrLock(key("mine"))).isEmpty();
              assertThat(transaction.find(group.id())).isEmpty();
              assertThat(transaction.lock(group.id())).isEmpty();
              assertThat(transaction.append(draft(group.id(), "too early")))
                  .isEqualTo(new AppendOutcome.NoSuchConversation());

              assertThat(transaction.ensureGroup(key("mine"), group, Map.of(ada, Role.OWNER)))
                  .isEqualTo(group);
              assertThat(transaction.append(draft(group.id(), "first")))
                  .isEqualTo(new AppendOutcome.Stored(1, 0));
              transaction.change(
                  group.id(), 0, List.of(StoreFixture.added(bob)), ada, chat.drafts().now());

              assertThat(transaction.findOrLock(key("mine"))).contains(group);
              assertThat(transaction.keyOf(group.id())).contains(key("mine"));
              assertThat(transaction.find(group.id())).contains(group);
              assertThat(transaction.member(group.id(), bob)).isPresent();
              assertThat(transaction.member(group.id(), eve)).isEmpty();
              assertThat(transaction.readable(new Reading(ada, group.id(), 1)))
                  .hasValueSatisfying(read -> assertThat(read.text()).isEqualTo("first"));
              MemberList members = transaction.lock(group.id()).orElseThrow();
              assertThat(members.rev()).isEqualTo(1);
              assertThat(members.members()).extracting(Member::user).contains(ada, bob);

              MessageStore elsewhere = chat.anotherNode();
              assertThat(elsewhere.conversations().find(key("mine"))).isEmpty();
              assertThat(elsewhere.after(group.id(), 0, 10)).isEmpty();
              return true;
            });
    assertThat(texts(group.id())).containsExactly("first");
  }

  @Test
  final void aStatementSeesWhatWasCommittedBeforeItBegan() {
    ConversationId group = chat.group(ada, bob);
    transactional()
        .transact(
            LIMIT,
            (transaction, connection) -> {
              assertThat(transaction.readable(new Reading(bob, group, 1))).isEmpty();
              assertThat(chat.anotherNode().append(List.of(draft(group, "outside")), Duration.ZERO))
                  .containsExactly(new AppendOutcome.Stored(1, 0));
              assertThat(transaction.readable(new Reading(bob, group, 1))).isPresent();
              return true;
            });
  }

  @Test
  final void ofSeveralThatCreateAGroupByItsKeyAtOnceOneDoes() throws Exception {
    List<ConversationId> found =
        Together.run(
            4,
            i ->
                () ->
                    ((TransactionalStore) chat.anotherNode())
                        .transact(
                            LIMIT,
                            (transaction, connection) ->
                                transaction
                                    .findOrLock(key("once"))
                                    .orElseGet(
                                        () ->
                                            transaction.ensureGroup(
                                                key("once"), proposed("once"), Map.of()))
                                    .id()));
    assertThat(new HashSet<>(found)).hasSize(1);
    assertThat(chat.conversations().find(key("once")).orElseThrow().id()).isEqualTo(found.get(0));
  }

  @Test
  final void whatIsLockedStaysAsItIsUntilTheTransactionChangesIt() throws Exception {
    ConversationId group = chat.group(ada);
    List<Boolean> changed =
        Together.run(
            4,
            i ->
                () ->
                    ((TransactionalStore) chat.anotherNode())
                        .transact(
                            LIMIT,
                            (transaction, connection) -> {
                              long rev = transaction.lock(group).orElseThrow().rev();
                              return transaction
                                  .change(
                                      group,
                                      rev,
                                      List.of(StoreFixture.added(chat.user("member" + i))),
                                      ada,
                                      chat.drafts().now())
                                  .isPresent();
                            }));
    assertThat(changed).containsOnly(true);
    assertThat(chat.rev(group)).isEqualTo(4);
  }

  /** Another transaction that does the same waits until this one has ended. */
  private void makesOthersWait(Function<StoreTransaction, ?> locking) throws Exception {
    TransactionalStore elsewhere = (TransactionalStore) chat.anotherNode();
    CompletableFuture<?> other =
        transactional()
            .transact(
                LIMIT,
                (transaction, connection) -> {
                  Object unused = locking.apply(transaction);
                  CompletableFuture<?> waiting =
                      CompletableFuture.supplyAsync(
                          () -> elsewhere.transact(LIMIT, (theirs, none) -> locking.apply(theirs)));
                  assertThatThrownBy(() -> waiting.get(200, TimeUnit.MILLISECONDS))
                      .as("the other transaction waits")
                      .isInstanceOf(TimeoutException.class);
                  return waiting;
                });
    assertThat(other.get(30, TimeUnit.SECONDS)).isNotNull();
  }

  @Test
  final void othersWaitForAConversationThatIsLocked() throws Exception {
    ConversationId group = chat.group(ada, bob);
    makesOthersWait(transaction -> transaction.lock(group));
  }

  @Test
  final void othersWaitForAKeyThatIsLocked() throws Exception {
    makesOthersWait(transaction -> transaction.findOrLock(key("locked")));
  }

  // ---- transactions of the application

  private StoreTransaction join(Connection connection) {
    return transactional().join(connection, LIMIT);
  }

  @Test
  final void whatWasDoneIsStoredWithTheCommitOfTheApplication() throws SQLException {
    ConversationId group = chat.group(ada, bob);
    Draft first = draft(group, "first");
    StoreTransaction transaction;
    try (Connection connection = begin()) {
      transaction = join(connection);
      assertThat(transaction.append(first)).isEqualTo(new AppendOutcome.Stored(1, 0));
      assertThat(transaction.append(chat.drafts().retryOf(first)))
          .isInstanceOf(AppendOutcome.Duplicate.class);
      assertThat(transaction.append(draft(group, "second")))
          .isEqualTo(new AppendOutcome.Stored(2, 0));
      assertThat(chat.anotherNode().after(group, 0, 10)).isEmpty();
      connection.commit();
    }
    List<AppendOutcome> outcomes = transaction.committed();
    assertThat(outcomes).hasSize(3);
    assertThat(outcomes.get(0)).isEqualTo(new AppendOutcome.Stored(1, 0));
    assertThat(outcomes.get(1)).isInstanceOf(AppendOutcome.Duplicate.class);
    assertThat(outcomes.get(2)).isEqualTo(new AppendOutcome.Stored(2, 0));
    assertThat(transaction.committed()).as("told again").isEqualTo(outcomes);
    assertThat(texts(group)).containsExactly("first", "second");
  }

  @Test
  final void whatIsRolledBackIsNotStored() throws SQLException {
    ConversationId group = chat.group(ada, bob);
    Conversation direct =
        Conversation.direct(chat.drafts().conversationId(), ada, eve, chat.drafts().now());
    try (Connection connection = begin()) {
      StoreTransaction transaction = join(connection);
      transaction.append(draft(group, "never"));
      assertThat(transaction.openDirect(direct)).isEqualTo(direct);
      assertThat(transaction.openDirect(direct)).isEqualTo(direct);
      connection.rollback();
    }
    assertThat(chat.messages(group)).isEmpty();
    assertThat(chat.conversations().find(List.of(direct.id()))).isEmpty();
  }

  @Test
  final void changesAndDeletionsArePartOfTheTransaction() throws SQLException {
    ConversationId kept = chat.group(ada, bob);
    ConversationId deleted = chat.group(ada, bob);
    StoreTransaction transaction;
    try (Connection connection = begin()) {
      transaction = join(connection);
      assertThat(
              transaction.change(
                  kept, 0, List.of(StoreFixture.renamed("new")), ada, chat.drafts().now()))
          .isPresent();
      assertThat(
              transaction.change(
                  kept, 0, List.of(StoreFixture.renamed("late")), ada, chat.drafts().now()))
          .as("at a rev that is over")
          .isEmpty();
      assertThat(transaction.delete(deleted, ada, chat.drafts().now())).isPresent();
      assertThat(transaction.find(deleted)).isEmpty();
      connection.commit();
    }
    assertThat(transaction.committed()).isEmpty();
    Conversation now =
        Objects.requireNonNull(chat.conversations().find(List.of(kept)).get(kept)).conversation();
    assertThat(now.name()).isEqualTo("new");
    assertThat(chat.conversations().find(List.of(deleted))).isEmpty();
  }
}
