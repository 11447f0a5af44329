package chat.server;

import static org.assertj.core.api.Assertions.assertThat;

import chat.server.accounts.Account;
import chat.server.accounts.Accounts;
import chat.server.accounts.Contacts;
import chat.server.accounts.Passwords;
import chat.server.database.EmbeddedDatabase;
import chat.server.database.ServerDatabase;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
final class ContactsTest {
  private static final int ROUNDS = 300;

  @TempDir Path directory;

  @Test
  void twoWhoRemoveAndAddEachOtherAtOnceEndInOneOfTheTwoStates() throws Exception {
    ExecutorService two = Executors.newFixedThreadPool(2);
    try (EmbeddedDatabase postgres = EmbeddedDatabase.start(directory);
        ServerDatabase database =
            ServerDatabase.open(postgres.address(), 4, new SimpleMeterRegistry())) {
      Accounts accounts = new Accounts(database.jdbi(), new Passwords(1), true);
      Contacts contacts = new Contacts(database.jdbi(), accounts);
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
    try (EmbeddedDatabase postgres = EmbeddedDatabase.start(directory);
        ServerDatabase database =
            ServerDatabase.open(postgres.address(), 4, new SimpleMeterRegistry())) {
      Accounts accounts = new Accounts(database.jdbi(), new Passwords(1), true);
      Contacts contacts = new Contacts(database.jdbi(), accounts);
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
