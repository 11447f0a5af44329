package chat.engine.contract;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import chat.engine.ConversationChange;
import chat.engine.ConversationId;
import chat.engine.Message;
import chat.engine.UserId;
import chat.engine.memory.InMemoryMessageStore;
import chat.engine.spi.AppendOutcome;
import chat.engine.spi.ConversationStore;
import chat.engine.spi.ConversationStore.Change;
import chat.engine.spi.ConversationStore.Changed;
import chat.engine.spi.Draft;
import chat.engine.spi.Edit;
import chat.engine.spi.MessageStore;
import chat.engine.spi.MessageStore.ChangedAfter;
import chat.engine.spi.StoredMessage;
import chat.engine.spi.Write;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The contract notices a store without transactions. */
@Timeout(120)
final class BrokenStoresTest {
  private static final Duration HALF_DONE = Duration.ofMillis(2);

  /** Does something else than the store below, or calls it. */
  private interface Instead<T> {
    Object call(T real, String method, Object[] arguments, Below below) throws Throwable;
  }

  private interface Below {
    Object call() throws Throwable;
  }

  private static <T> T broken(Class<T> type, T real, Instead<T> instead) {
    return type.cast(
        Proxy.newProxyInstance(
            type.getClassLoader(),
            new Class<?>[] {type},
            (proxy, method, arguments) ->
                instead.call(
                    real,
                    method.getName(),
                    arguments,
                    () -> {
                      try {
                        return method.invoke(real, arguments);
                      } catch (InvocationTargetException fault) {
                        throw fault.getCause();
                      }
                    })));
  }

  private static AtomicityContract contractOf(MessageStore store) {
    StoreFixture fixture = new StoreFixture(() -> store);
    return () -> fixture;
  }

  /** Stores drafts one by one, and fails in the middle where PostgreSQL would refuse one. */
  private static MessageStore oneByOne() {
    return broken(
        MessageStore.class,
        new InMemoryMessageStore(),
        (real, method, arguments, below) -> {
          if (!method.equals("append")) {
            return below.call();
          }
          List<AppendOutcome> outcomes = new ArrayList<>();
          for (Object draft : (List<?>) arguments[0]) {
            if (((Draft) draft).text().equals(AtomicityContract.POISON)) {
              throw new IllegalStateException("cannot be stored");
            }
            outcomes.addAll(real.append(List.of((Draft) draft), Duration.ZERO));
            LockSupport.parkNanos(HALF_DONE.toNanos()); // for readers to see
          }
          return outcomes;
        });
  }

  @Test
  void batchesThatAreStoredOneByOneAreNoticed() {
    assertThatThrownBy(contractOf(oneByOne())::aBatchBecomesVisibleAllAtOnce)
        .isInstanceOf(AssertionError.class);
  }

  @Test
  void aBatchThatIsHalfStoredIsNoticed() {
    assertThatThrownBy(contractOf(oneByOne())::aBatchThatFailsStoresNothing)
        .isInstanceOf(AssertionError.class);
  }

  @Test
  void aChangeThatIsHalfMadeIsNoticed() {
    MessageStore store =
        broken(
            MessageStore.class,
            new InMemoryMessageStore(),
            (real, method, arguments, below) ->
                method.equals("conversations")
                    ? broken(
                        ConversationStore.class, real.conversations(), BrokenStoresTest::halfWay)
                    : below.call());
    assertThatThrownBy(contractOf(store)::aChangeThatFailsChangesNothing)
        .isInstanceOf(AssertionError.class);
  }

  private static Object halfWay(
      ConversationStore real, String method, Object[] arguments, Below below) throws Throwable {
    if (!method.equals("change")) {
      return below.call();
    }
    Optional<Changed> last = Optional.empty();
    long rev = (Long) arguments[1];
    for (Object change : (List<?>) arguments[2]) {
      last =
          real.change(
              (ConversationId) arguments[0],
              rev++,
              List.of((Change) change),
              (UserId) arguments[3],
              (Instant) arguments[4]);
    }
    return last;
  }

  @Test
  void aRevThatIsGuessedIsNoticed() {
    MessageStore store =
        broken(
            MessageStore.class,
            new InMemoryMessageStore(),
            (real, method, arguments, below) -> {
              Object result = below.call();
              if (!method.equals("after")) {
                return result;
              }
              List<StoredMessage> guessed = new ArrayList<>();
              for (Object stored : (List<?>) result) {
                long seq = ((StoredMessage) stored).message().seq();
                guessed.add(
                    new StoredMessage(
                        ((StoredMessage) stored).message(),
                        real
                            .conversations()
                            .changes(((StoredMessage) stored).message().conversation(), 0, 20)
                            .stream()
                            .filter(change -> change.atSeq() < seq)
                            .mapToLong(ConversationChange::rev)
                            .max()
                            .orElse(0)));
              }
              return guessed;
            });
    assertThatThrownBy(
            contractOf(store)::everyMessageHasTheRevOfTheLastChangeBeforeItWhileBothHappenTogether)
        .isInstanceOf(AssertionError.class);
  }

  @Test
  void lostWritesAreNoticed() {
    MessageStore store =
        broken(
            MessageStore.class,
            new InMemoryMessageStore(),
            (real, method, arguments, below) -> {
              Object result = below.call();
              return method.equals("writesSince")
                  ? withoutOne((MessageStore.Writes) result)
                  : result;
            });
    StoreFixture fixture = new StoreFixture(() -> store);
    WritesContract contract = () -> fixture;
    assertThatThrownBy(contract::manyConversationsOfOneBatchAreAllTold)
        .isInstanceOf(AssertionError.class);
  }

  private static MessageChangeContract changesOf(Instead<MessageStore> instead) {
    MessageStore store = broken(MessageStore.class, new InMemoryMessageStore(), instead);
    StoreFixture fixture = new StoreFixture(() -> store);
    return () -> fixture;
  }

  @Test
  void changesThatAreMadeAfterAllSendsAreNoticed() {
    MessageChangeContract contract =
        changesOf(
            (real, method, arguments, below) -> {
              if (!method.equals("append")) {
                return below.call();
              }
              List<?> writes = (List<?>) arguments[0];
              AppendOutcome[] outcomes = new AppendOutcome[writes.size()];
              for (boolean sends : new boolean[] {true, false}) {
                for (int i = 0; i < outcomes.length; i++) {
                  if (writes.get(i) instanceof Draft == sends) {
                    outcomes[i] = real.append(List.of((Write) writes.get(i)), Duration.ZERO).get(0);
                  }
                }
              }
              return List.of(outcomes);
            });
    assertThatThrownBy(contract::theWritesOfABatchTakeEffectInTheirOrder)
        .isInstanceOf(AssertionError.class);
  }

  @Test
  void aLogThatShowsMessagesAsTheyWereIsNoticed() {
    Map<Long, ConversationChange> then = new HashMap<>();
    MessageChangeContract contract =
        changesOf(
            (real, method, arguments, below) -> {
              Object result = below.call();
              if (method.equals("append")) {
                for (Object outcome : (List<?>) result) {
                  if (outcome instanceof AppendOutcome.Changed changed) {
                    then.put(changed.change().rev(), changed.change());
                  }
                }
              }
              return method.equals("conversations")
                  ? broken(
                      ConversationStore.class,
                      real.conversations(),
                      (conversations, called, with, beneath) ->
                          called.equals("changes") ? List.copyOf(then.values()) : beneath.call())
                  : result;
            });
    assertThatThrownBy(contract::theLogShowsMessagesAsTheyAreNow)
        .isInstanceOf(AssertionError.class);
  }

  @Test
  void pagesOfChangedMessagesThatAreCutBySeqAreNoticed() {
    MessageChangeContract contract =
        changesOf(
            (real, method, arguments, below) -> {
              if (!method.equals("changed")) {
                return below.call();
              }
              Map<ConversationId, List<Message>> found = new HashMap<>();
              for (Object each : (List<?>) arguments[0]) {
                ChangedAfter piece = (ChangedAfter) each;
                found.put(
                    piece.conversation(),
                    real.after(piece.conversation(), 0, Integer.MAX_VALUE).stream()
                        .map(StoredMessage::message)
                        .filter(m -> m.rev() > piece.afterRev() && m.seq() <= piece.upToSeq())
                        .limit(piece.limit())
                        .sorted(Comparator.comparing(Message::rev))
                        .toList());
              }
              return found;
            });
    assertThatThrownBy(contract::whatChangedSinceIsReadOnceAndByPages)
        .isInstanceOf(AssertionError.class);
  }

  @Test
  void changesOfMessagesThatAreNotToldAreNoticed() {
    MessageChangeContract contract =
        changesOf(
            (real, method, arguments, below) -> {
              Object result = below.call();
              if (!method.equals("writesSince")) {
                return result;
              }
              MessageStore.Writes writes = (MessageStore.Writes) result;
              return new MessageStore.Writes(
                  writes.mark(), true, writes.lastSeqs(), Map.of(), Map.of(), writes.storeTime());
            });
    assertThatThrownBy(contract::changesOfMessagesAreTold).isInstanceOf(AssertionError.class);
  }

  /** What the author may do is looked up before the edit, and not in its transaction. */
  @Test
  void anEditThatChecksTooEarlyIsNoticed() {
    MessageStore store =
        broken(
            MessageStore.class,
            new InMemoryMessageStore(),
            (real, method, arguments, below) -> {
              Object write = method.equals("append") ? ((List<?>) arguments[0]).get(0) : null;
              if (write instanceof Edit edit
                  && real.conversations().member(edit.conversation(), edit.actor()).isPresent()) {
                LockSupport.parkNanos(HALF_DONE.toNanos());
                return real.append(
                    List.of(
                        new Edit(
                            edit.conversation(),
                            edit.seq(),
                            UserId.SYSTEM,
                            edit.content(),
                            edit.at())),
                    Duration.ZERO);
              }
              return below.call();
            });
    StoreFixture fixture = new StoreFixture(() -> store);
    ConcurrentMessageChangeContract contract = () -> fixture;
    assertThatThrownBy(contract::anEditComesBeforeTheRemovalOfItsAuthorOrNotAtAll)
        .isInstanceOf(AssertionError.class);
  }

  private static MessageStore.Writes withoutOne(MessageStore.Writes writes) {
    var lastSeqs = new HashMap<>(writes.lastSeqs());
    lastSeqs.keySet().stream().findFirst().ifPresent(lastSeqs::remove);
    return new MessageStore.Writes(
        writes.mark(),
        writes.complete(),
        lastSeqs,
        writes.revs(),
        writes.receipts(),
        writes.storeTime());
  }
}
