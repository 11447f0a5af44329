package chat.engine.contract;

import static org.assertj.core.api.Assertions.assertThat;

import chat.engine.UserId;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The times at which users were last seen only ever move forward. */
interface LastSeenContract extends StoreTests {

  @Test
  default void aTimeIsFoundOnEveryNodeAndNobodyElsesIs() {
    UserId ada = chat().user("ada");
    UserId bob = chat().user("bob");
    UserId eve = chat().user("eve");
    Instant now = chat().drafts().now();
    chat().lastSeen().record(Map.of(ada, now, bob, now.plusMillis(7)));

    assertThat(chat().anotherNode().lastSeen().find(List.of(eve, bob, ada, bob)))
        .containsExactlyInAnyOrderEntriesOf(Map.of(ada, now, bob, now.plusMillis(7)));
    assertThat(chat().lastSeen().find(List.of(ada))).containsOnlyKeys(ada);
    assertThat(chat().lastSeen().find(List.of(eve, chat().user("Ada")))).isEmpty();
    assertThat(chat().lastSeen().find(List.of())).isEmpty();
  }

  @Test
  default void anEarlierTimeChangesNothingAndALaterOneDoes() {
    UserId ada = chat().user("ada");
    UserId bob = chat().user("bob");
    Instant now = chat().drafts().now();
    chat().lastSeen().record(Map.of(ada, now, bob, now));
    chat().lastSeen().record(Map.of(ada, now.minusMillis(1), bob, now.plusMillis(1)));
    chat().lastSeen().record(Map.of());

    assertThat(chat().lastSeen().find(List.of(ada, bob)))
        .containsExactlyInAnyOrderEntriesOf(Map.of(ada, now, bob, now.plusMillis(1)));
  }

  @Test
  default void timesAreInMilliseconds() {
    UserId ada = chat().user("ada");
    Instant precise = chat().drafts().now().plusNanos(999_999);
    chat().lastSeen().record(Map.of(ada, precise));

    assertThat(chat().lastSeen().find(List.of(ada)))
        .containsEntry(ada, precise.truncatedTo(ChronoUnit.MILLIS));
  }

  @Test
  @Tag(Together.TAG)
  default void timesThatManyNodesRecordAtOnceEndAtTheLatest() throws Exception {
    List<UserId> users = IntStream.range(0, 200).mapToObj(i -> chat().user("u" + i)).toList();
    Instant start = chat().drafts().now();
    Together.run(
        4,
        task ->
            () -> {
              Random random = new Random(task);
              for (int round = 0; round < 10; round++) {
                Map<UserId, Instant> seen = new HashMap<>();
                for (UserId user : users) {
                  int later = round == 5 && task == 2 ? 1000 : random.nextInt(1000);
                  seen.put(user, start.plusMillis(later));
                }
                chat().lastSeen().record(seen);
              }
              return true;
            });

    assertThat(chat().lastSeen().find(users).values())
        .hasSize(200)
        .containsOnly(start.plusMillis(1000));
  }
}
