package chat.engine.examples.faultcheck.check.view;

import chat.engine.examples.faultcheck.history.Event;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * What a device knows of one message. States and reactions may come in any order: of two the one
 * with the higher rev is the later. Not thread-safe.
 */
final class KnownMessage {
  private static final String NOTHING = "-";
  private static final long NEVER = -1;

  private record Reaction(long rev, boolean mine, boolean on, long count) {}

  private long stateRev = NEVER;
  private String content = "";
  private final Map<String, Long> counts = new HashMap<>();
  private final Map<String, Reaction> later = new HashMap<>();
  private long ownRev = NEVER;
  private final Set<String> own = new HashSet<>();
  private final Map<String, Reaction> laterOwn = new HashMap<>();

  void state(Event.StateTold told) {
    if (told.rev() >= stateRev) {
      stateRev = told.rev();
      content = told.content();
      counts.clear();
      counts.putAll(counts(told.reactions()));
      later.values().removeIf(reaction -> reaction.rev() <= stateRev);
    }
    // events do not say which ones are the reader's
    if (told.rev() >= ownRev && !told.reactions().contains("?")) {
      ownRev = told.rev();
      own.clear();
      own.addAll(own(told.reactions()));
      laterOwn.values().removeIf(reaction -> reaction.rev() <= ownRev);
    }
  }

  void reaction(Event.ReactionTold told, boolean mine) {
    Reaction reaction = new Reaction(told.rev(), mine, told.on(), told.count());
    if (told.rev() > stateRev) {
      later.merge(told.emoji(), reaction, KnownMessage::latest);
    }
    if (mine && told.rev() > ownRev) {
      laterOwn.merge(told.emoji(), reaction, KnownMessage::latest);
    }
  }

  private static Reaction latest(Reaction before, Reaction now) {
    return now.rev() >= before.rev() ? now : before;
  }

  /** Whether more is known than reactions. */
  boolean hasState() {
    return stateRev != NEVER;
  }

  long rev() {
    return later.values().stream().mapToLong(Reaction::rev).reduce(stateRev, Math::max);
  }

  String content() {
    return content;
  }

  /** How many users react with which emoji. */
  Map<String, Long> counts() {
    Map<String, Long> now = new HashMap<>(counts);
    later.forEach((emoji, reaction) -> now.put(emoji, reaction.count()));
    now.values().removeIf(count -> count == 0);
    return now;
  }

  /** Whether anything said what the user reacts with; events do not. */
  boolean hasOwn() {
    return ownRev != NEVER;
  }

  /** What the user reacts with. */
  Set<String> own() {
    Set<String> now = new HashSet<>(own);
    laterOwn.forEach(
        (emoji, reaction) -> {
          if (reaction.on()) {
            now.add(emoji);
          } else {
            now.remove(emoji);
          }
        });
    now.retainAll(counts().keySet());
    return now;
  }

  /** From a text as {@link Event.StateTold} has it. */
  static Map<String, Long> counts(String reactions) {
    Map<String, Long> counts = new HashMap<>();
    if (!reactions.equals(NOTHING)) {
      for (String reaction : reactions.split(";", -1)) {
        String[] parts = reaction.split("=", -1);
        counts.put(parts[0], Long.parseLong(parts[1].replaceFirst("[-+?]$", "")));
      }
    }
    return counts;
  }

  private static Set<String> own(String reactions) {
    Set<String> own = new HashSet<>();
    for (String reaction : reactions.split(";", -1)) {
      if (reaction.endsWith("+")) {
        own.add(reaction.substring(0, reaction.indexOf('=')));
      }
    }
    return own;
  }
}
