package chat.engine.examples.faultcheck.check.evidence;

import java.util.function.Consumer;

/** Looks for violations of one promise. */
@FunctionalInterface
public interface Check {
  void run(Evidence evidence, Consumer<Violation> violations);
}
