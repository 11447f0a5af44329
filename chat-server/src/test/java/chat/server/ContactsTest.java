package chat.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import chat.engine.ChatApplication;
import chat.engine.ChatEngine;
import chat.engine.memory.InMemoryMessageStore;
import chat.server.accounts.Account;
import chat.server.accounts.Accounts;
import chat.server.accounts.Passwords;
import chat.server.contacts.ContactPolicy;
import chat.server.contacts.ContactRequests;
import chat.server.contacts.Contacts;
import chat.server.conversations.Blocks;
import chat.server.database.ServerDatabase;
import chat.server.json.ApiError;
import chat.server.json.ApiException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
final class ContactsTest {
  private static final int ROUNDS = 300;
  private static final Duration MINUTE = Duration.ofMinutes(1);

  private static Contacts contacts(
      ServerDatabase database, Accounts accounts, ContactPolicy policy) {
    return new Contacts(database.jdbi(), accounts, new ContactRequests(database.jdbi()), policy);
  }

  @Test
  void whereTheOtherOneHasToAcceptARequestComesFirst() throws Exception {
    ExecutorService two = Executors.newFixedThreadPool(2);
    try (ServerDatabase database = TestServer.openDatabase()) {
      Accounts accounts = new Accounts(database.jdbi(), new Passwords(1, TestServer.CHEAP), true);
      ContactRequests requests = new ContactRequests(database.jdbi());
      Contacts contacts = contacts(database, accounts, ContactPolicy.REQUEST);
      Account ada = accounts.register("ada", "ada@example.org", "correct horse");
      Account bob = accounts.register("bob", "bob@example.org", "correct horse");
      List<Set<Contacts.Sight>> seen = new ArrayList<>();
      for (int i = 0; i < 2; i++) {
        Contacts.Change asked = contacts.add(ada, "BOB");
        assertThat(asked.requested()).isTrue();
        assertThat(asked.at()).isNull();
        seen.add(contacts.changedWithin(MINUTE));
      }
      assertThat(seen.get(0))
          .as("both are told")
          .extracting(Contacts.Sight::account)
          .containsExactlyInAnyOrder(ada, bob);
      assertThat(seen.get(1)).as("it was so before").isEqualTo(seen.get(0));
      assertThat(contacts.of(ada)).isEmpty();
      assertThat(requests.sent(ada))
          .extracting(ContactRequests.Request::other)
          .containsExactly(bob);
      assertThat(requests.received(bob))
          .extracting(ContactRequests.Request::other)
          .containsExactly(ada);
      assertThat(requests.received(ada)).isEmpty();
      contacts.remove(bob, "ada");
      assertThat(requests.sent(ada)).as("declined").isEmpty();
      assertThat(contacts.changedWithin(MINUTE))
          .as("both are told again")
          .hasSize(2)
          .doesNotContainAnyElementsOf(seen.get(0));
      contacts.add(ada, "bob");
      contacts.remove(ada, "bob");
      assertThat(requests.received(bob)).as("taken back").isEmpty();
      contacts.add(ada, "bob");
      try (ChatEngine engine = ChatEngine.builder().store(new InMemoryMessageStore()).build()) {
        Blocks blocks = new Blocks(engine, accounts, contacts);
        blocks.set(bob, "ada", true);
        assertThat(requests.received(bob)).as("ended by the block").isEmpty();
        blocks.set(bob, "ada", false);
        assertThat(requests.received(bob)).isEmpty();
      }
      contacts.add(ada, "bob");
      Contacts.Change accepted = contacts.add(bob, "ada");
      assertThat(accepted.requested()).isFalse();
      assertThat(accepted.at()).isNotNull();
      assertThat(contacts.add(ada, "bob").requested()).as("they are contacts").isFalse();
      assertThat(contacts.of(ada)).containsExactly(bob);
      assertThat(contacts.of(bob)).containsExactly(ada);
      assertThat(requests.sent(ada)).isEmpty();

      CyclicBarrier together = new CyclicBarrier(2);
      for (int round = 0; round < ROUNDS; round++) {
        contacts.remove(ada, "bob");
        Future<Contacts.Change> one =
            two.submit(
                () -> {
                  together.await();
                  return contacts.add(ada, "bob");
                });
        Future<Contacts.Change> other =
            two.submit(
                () -> {
                  together.await();
                  return contacts.add(bob, "ada");
                });
        assertThat(List.of(one.get().requested(), other.get().requested()))
            .as("one asks, the other accepts")
            .containsExactlyInAnyOrder(true, false);
        assertThat(contacts.of(ada)).containsExactly(bob);
        assertThat(requests.received(ada)).isEmpty();
        assertThat(requests.received(bob)).isEmpty();
      }
    } finally {
      two.shutdownNow();
    }
  }

  @Test
  void requestsThatWaitAreBounded() throws Exception {
    try (ServerDatabase database = TestServer.openDatabase()) {
      Accounts accounts = new Accounts(database.jdbi(), new Passwords(1, TestServer.CHEAP), true);
      Contacts contacts = contacts(database, accounts, ContactPolicy.REQUEST);
      Account ada = accounts.register("ada", "ada@example.org", "correct horse");
      Account bob = accounts.register("bob", "bob@example.org", "correct horse");
      database
          .jdbi()
          .useHandle(
              handle -> {
                handle.execute(
                    "insert into server_account (username, email, password_hash)"
                        + " select 'user' || n, n || '@example.org', '' from generate_series(1, 200) n");
                handle.execute(
                    "insert into server_contact_request (account_id, friend_id)"
                        + " select ?, account_id from server_account where username like 'user%'",
                    ada.id());
              });
      assertThatThrownBy(() -> contacts.add(ada, "bob"))
          .isInstanceOfSatisfying(
              ApiException.class,
              refusal -> assertThat(refusal.error()).isEqualTo(ApiError.TOO_LARGE));
      assertThat(contacts.add(bob, "ada").requested()).isTrue();
      assertThat(contacts.add(ada, "bob").requested()).as("an answer is no request").isFalse();
    }
  }

  @Tag("races")
  @Test
  void aRequestAndABlockAtOnceLeaveNoRequest() throws Exception {
    ExecutorService two = Executors.newFixedThreadPool(2);
    try (ServerDatabase database = TestServer.openDatabase();
        ChatEngine engine = ChatEngine.builder().store(new InMemoryMessageStore()).build()) {
      Accounts accounts = new Accounts(database.jdbi(), new Passwords(1, TestServer.CHEAP), true);
      ContactRequests requests = new ContactRequests(database.jdbi());
      Account ada = accounts.register("ada", "ada@example.org", "correct horse");
      Account bob = accounts.register("bob", "bob@example.org", "correct horse");
      for (ContactPolicy policy : ContactPolicy.values()) {
        Contacts contacts = contacts(database, accounts, policy);
        Blocks blocks = new Blocks(engine, accounts, contacts);
        CyclicBarrier barrier = new CyclicBarrier(2);
        for (int round = 0; round < ROUNDS / 3; round++) {
          Future<?> adding =
              two.submit(
                  () -> {
                    barrier.await();
                    return blocks.addContact(ada, "bob");
                  });
          barrier.await();
          blocks.set(bob, "ada", true);
          boolean added = isDone(adding);
          assertThat(requests.received(bob)).isEmpty();
          assertThat(added || contacts.of(ada).isEmpty()).as("round %d", round).isTrue();
          blocks.set(bob, "ada", false);
          contacts.remove(ada, "bob");
        }
      }
    } finally {
      two.shutdownNow();
    }
  }

  @Test
  void aBlockBetweenTheLookAndTheAdditionIsSeenAfterwards() throws Exception {
    try (ServerDatabase database = TestServer.openDatabase();
        ChatEngine engine = ChatEngine.builder().store(new InMemoryMessageStore()).build()) {
      Accounts accounts = new Accounts(database.jdbi(), new Passwords(1, TestServer.CHEAP), true);
      ContactRequests requests = new ContactRequests(database.jdbi());
      Account ada = accounts.register("ada", "ada@example.org", "correct horse");
      Account bob = accounts.register("bob", "bob@example.org", "correct horse");
      for (ContactPolicy policy : ContactPolicy.values()) {
        Contacts contacts = contacts(database, accounts, policy);
        Blocks ofBob = new Blocks(engine, accounts, contacts);
        Blocks ofAda =
            new Blocks(
                afterTheFirstLook(engine, () -> ofBob.set(bob, "ada", true)), accounts, contacts);
        assertThatThrownBy(() -> ofAda.addContact(ada, "bob"))
            .isInstanceOfSatisfying(
                ApiException.class,
                refusal -> assertThat(refusal.error()).isEqualTo(ApiError.FORBIDDEN));
        assertThat(requests.received(bob)).as("%s", policy).isEmpty();
        assertThat(contacts.of(ada)).as("%s", policy).isEmpty();
        ofBob.set(bob, "ada", false);
      }
    }
  }

  /** An engine that does something when it has told for the first time who has blocked whom. */
  private static ChatEngine afterTheFirstLook(ChatEngine engine, Runnable action) {
    AtomicBoolean looked = new AtomicBoolean();
    ChatApplication application =
        instead(
            ChatApplication.class,
            engine.asApplication(),
            "blockedBetween",
            blocked -> {
              ((CompletableFuture<?>) blocked).join();
              if (looked.compareAndSet(false, true)) {
                action.run();
              }
              return blocked;
            });
    return instead(ChatEngine.class, engine, "asApplication", real -> application);
  }

  private static <T> T instead(Class<T> type, T real, String name, UnaryOperator<Object> ofResult) {
    return type.cast(
        Proxy.newProxyInstance(
            type.getClassLoader(),
            new Class<?>[] {type},
            (proxy, method, arguments) -> {
              Object result = method.invoke(real, arguments);
              return method.getName().equals(name) ? ofResult.apply(result) : result;
            }));
  }

  private static boolean isDone(Future<?> work) throws InterruptedException {
    try {
      work.get();
      return true;
    } catch (ExecutionException refused) {
      assertThat(refused).hasCauseInstanceOf(ApiException.class);
      return false;
    }
  }

  @Test
  void twoWhoRemoveAndAddEachOtherAtOnceEndInOneOfTheTwoStates() throws Exception {
    ExecutorService two = Executors.newFixedThreadPool(2);
    try (ServerDatabase database = TestServer.openDatabase()) {
      Accounts accounts = new Accounts(database.jdbi(), new Passwords(1, TestServer.CHEAP), true);
      Contacts contacts = contacts(database, accounts, ContactPolicy.MUTUAL);
      Account ada = accounts.register("ada", "ada@example.org", "correct horse");
      Account bob = accounts.register("bob", "bob@example.org", "correct horse");
      assertThat(contacts.remove(ada, "bob").at()).isNull();
      contacts.add(ada, "bob");
      assertThat(contacts.remove(bob, "ADA").at()).isNotNull();
      assertThat(contacts.of(ada)).isEmpty();
      assertThat(contacts.of(bob)).isEmpty();
      CyclicBarrier together = new CyclicBarrier(2);
      for (int round = 0; round < ROUNDS; round++) {
        boolean adds = round % 2 == 0;
        Future<Contacts.Change> one =
            two.submit(
                () -> {
                  together.await();
                  return contacts.remove(ada, "bob");
                });
        Future<Contacts.Change> other =
            two.submit(
                () -> {
                  together.await();
                  return adds ? contacts.add(bob, "ada") : contacts.remove(bob, "ada");
                });
        one.get();
        other.get();
        assertThat(contacts.of(ada).contains(bob)).isEqualTo(contacts.of(bob).contains(ada));
      }
    } finally {
      two.shutdownNow();
    }
  }

  @Test
  void twoWhoAddEachOtherAtOnceBothSucceed() throws Exception {
    ExecutorService two = Executors.newFixedThreadPool(2);
    try (ServerDatabase database = TestServer.openDatabase()) {
      Accounts accounts = new Accounts(database.jdbi(), new Passwords(1, TestServer.CHEAP), true);
      Contacts contacts = contacts(database, accounts, ContactPolicy.MUTUAL);
      Account ada = accounts.register("ada", "ada@example.org", "correct horse");
      Account bob = accounts.register("bob", "bob@example.org", "correct horse");
      CyclicBarrier together = new CyclicBarrier(2);
      for (int round = 0; round < ROUNDS; round++) {
        Future<Contacts.Change> one =
            two.submit(
                () -> {
                  together.await();
                  return contacts.add(ada, "bob");
                });
        Future<Contacts.Change> other =
            two.submit(
                () -> {
                  together.await();
                  return contacts.add(bob, "ada");
                });
        assertThat(List.of(one.get().at() != null, other.get().at() != null))
            .containsExactlyInAnyOrder(true, false);
        assertThat(contacts.of(ada)).containsExactly(bob);
        assertThat(contacts.of(bob)).containsExactly(ada);
        database.jdbi().useHandle(handle -> handle.execute("delete from server_contact"));
      }
    } finally {
      two.shutdownNow();
    }
  }
}
