package chat.engine.protocol;

import java.util.Map;

/**
 * Verbs that belong together and that a host opens together; those of this library are {@link
 * chat.engine.protocol.verb.StandardVerbs}.
 */
@FunctionalInterface
public interface VerbSet {
  /** The verbs by the type of their requests. */
  Map<String, Verb> verbs();
}
