package chat.engine.examples.faultcheck.check;

import java.util.function.Consumer;

/** Looks for violations of one promise. */
@FunctionalInterface
interface Check {
  void run(Evidence evidence, Consumer<Violation> violations);
}
