package chat.engine.examples.faultcheck.outside;

import chat.engine.examples.faultcheck.outside.OutsidePlan.Kind;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** What goes wrong at present with calls to the outside. Thread-safe. */
final class Mishaps {
  private final Map<String, Kind> now = new ConcurrentHashMap<>();

  void begin(String target, Kind kind) {
    now.put(target, kind);
  }

  void end(String target) {
    now.remove(target);
  }

  Optional<Kind> of(String target) {
    return Optional.ofNullable(now.get(target));
  }
}
