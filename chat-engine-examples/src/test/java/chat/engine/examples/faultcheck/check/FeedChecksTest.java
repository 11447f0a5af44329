package chat.engine.examples.faultcheck.check;

import static chat.engine.examples.faultcheck.check.Story.ADA;
import static chat.engine.examples.faultcheck.check.Story.GROUP;
import static org.assertj.core.api.Assertions.assertThat;

import chat.engine.examples.faultcheck.history.Event;
import chat.engine.examples.faultcheck.history.Fact;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** Stored are, in this order: message 1, message 2, change 1, message 3. */
final class FeedChecksTest {
  private final Story story = stored();

  private static Story stored() {
    return new Story()
        .add(Event.Followed::new)
        .open(ADA, "n0.1")
        .sync(ADA, 0, 0)
        .send(ADA, "a1", 1)
        .send(ADA, "a2", 2)
        .changed(ADA, 1, 2, Fact.Kind.RENAMED)
        .send(ADA, "a3", 3)
        .settle()
        .stored(3, 1)
        .storedMember("ada", 0)
        .storedMember("bob", 0)
        .storedMessage(1, "ada", "a1", 0)
        .storedMessage(2, "ada", "a2", 0)
        .storedChange(1, 2, Fact.Kind.RENAMED)
        .storedMessage(3, "ada", "a3", 1);
  }

  private FeedChecksTest delivered(long nanos, String... entries) {
    story.add(at -> new Event.Delivered(at, "n0.1", GROUP, nanos, Arrays.asList(entries)));
    return this;
  }

  @Test
  void whatIsDeliveredOnceAndInOrderPasses() {
    delivered(1, "m1").delivered(2, "m2", "c1", "m3");
    assertThat(story.broken()).isEmpty();
  }

  @Test
  void repeatsFromAnyCursorPass() {
    delivered(1, "m1", "m2").delivered(2, "m1").delivered(3, "m1", "m2", "c1");
    delivered(4, "m2", "c1").delivered(5, "m3");
    assertThat(story.broken()).isEmpty();
  }

  @Test
  void batchesAreInTheOrderInWhichTheyWereGivenNotRead() {
    delivered(2, "c1", "m3").delivered(1, "m1", "m2");
    assertThat(story.broken()).isEmpty();
  }

  @Test
  void whatHasExpiredMayBeMissing() {
    Story expired =
        new Story().add(Event.Followed::new).stored(3, 0, 3).storedMessage(3, "ada", "a3", 0);
    expired.add(at -> new Event.Delivered(at, "n0.1", GROUP, 1, Arrays.asList("m1", "m3")));
    assertThat(expired.broken()).isEmpty();
  }

  @Test
  void aMessageThatIsNeverDeliveredBreaksPromise13() {
    delivered(1, "m1").delivered(2, "m2", "c1");
    assertThat(story.broken()).containsExactly(13);
  }

  @Test
  void aChangeThatIsLeftOutOfABatchBreaksPromise13() {
    delivered(1, "m1", "m2", "m3");
    assertThat(story.broken()).containsExactly(13);
  }

  @Test
  void aMessageThatIsPassedOverBetweenBatchesBreaksPromise13() {
    delivered(1, "m1").delivered(2, "c1", "m3").delivered(3, "m2", "c1", "m3");
    assertThat(story.broken()).containsExactly(13);
  }

  @Test
  void aChangeBeforeTheMessageThatItFollowsBreaksPromise13() {
    delivered(1, "m1").delivered(2, "c1", "m2", "m3");
    assertThat(story.broken()).containsExactly(13);
  }

  @Test
  void aBatchThatGoesBackBreaksPromise13() {
    delivered(1, "m1", "m2", "c1", "m3").delivered(2, "m2", "m1");
    assertThat(story.broken()).containsExactly(13);
  }

  @Test
  void theDeletionOfAConversationIsDelivered() {
    Story deleted = new Story().add(Event.Followed::new).storedDeletion(4, 3);
    assertThat(deleted.broken()).containsExactly(13);
    deleted.add(at -> new Event.Delivered(at, "n0.1", GROUP, 1, Arrays.asList("m3", "c4")));
    assertThat(deleted.broken()).isEmpty();
  }
}
