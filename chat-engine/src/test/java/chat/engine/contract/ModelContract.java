package chat.engine.contract;

import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;

/**
 * Hundreds of random calls, each of which the store must answer as {@link ScanningModel} does.
 *
 * <p>The seed of a run is printed with the failure; {@code -Dchat.contract.seed=<number>} repeats
 * it.
 */
interface ModelContract extends StoreTests {

  @RepeatedTest(4)
  default void everyAnswerOfARandomHistoryIsThatOfASimpleModel(RepetitionInfo repetition) {
    Long given = Long.getLong("chat.contract.seed");
    long seed = given != null ? given : System.nanoTime() + repetition.getCurrentRepetition();
    System.out.println("chat.contract.seed=" + seed);
    RandomHistory history = new RandomHistory(chat(), seed);
    for (int step = 0; step < 150; step++) {
      try {
        history.step();
      } catch (AssertionError | RuntimeException failure) {
        throw new AssertionError("at step " + step + " of -Dchat.contract.seed=" + seed, failure);
      }
    }
  }
}
