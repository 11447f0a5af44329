package chat.engine.testing;

import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Lets every wait of the tests look at once and then every 20 ms: without it a wait takes at least
 * 100 ms, even for what is true already. And lets it last, unless the test says how long, until it
 * says something about the program and nothing about a busy machine; mutants are not waited for so
 * long. JUnit finds it by META-INF/services.
 */
public final class Waits implements BeforeAllCallback {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  @Override
  public void beforeAll(ExtensionContext context) {
    Awaitility.setDefaultPollDelay(Duration.ZERO);
    Awaitility.setDefaultPollInterval(Duration.ofMillis(20));
    if (!MutantTests.OF_MUTANTS) {
      Awaitility.setDefaultTimeout(PATIENCE);
    }
  }
}
