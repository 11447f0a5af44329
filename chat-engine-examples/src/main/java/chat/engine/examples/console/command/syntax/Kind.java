package chat.engine.examples.console.command.syntax;

import java.util.List;

/** What an argument names. That decides how it is read, and what completes it. */
public enum Kind {
  PERSON("NAME", false),
  MEMBER("MEMBER", false),
  CONVERSATION("NAME or #GROUP", true),
  MESSAGE("N", false),
  EMOJI("EMOJI", false),
  FILE("FILE", false),
  FOLDER("FOLDER", false),
  GROUP_NAME("GROUP", false),
  NEW_NAME("NAME", true),
  COMMAND("COMMAND", false),
  ITEM("N", false),
  TIME("TIME", false, "10m 1h 8h 1d 1w ever"),
  USES("USES", false, "1 10 100"),
  LINK("LINK", false),
  URL("URL", false),
  AUDIENCE("WHO", false, "everyone contacts nobody"),
  SWITCH("on|off", false, "on off"),
  WORDS("WORDS", true),
  TEXT("TEXT", true);

  private final String label;
  private final boolean wholeRest;
  private final String choices;

  Kind(String label, boolean wholeRest) {
    this(label, wholeRest, "");
  }

  Kind(String label, boolean wholeRest, String choices) {
    this.label = label;
    this.wholeRest = wholeRest;
    this.choices = choices;
  }

  /** Completions that do not depend on what the program knows; empty for most kinds. */
  List<String> choices() {
    return choices.isEmpty() ? List.of() : List.of(choices.split(" "));
  }

  /** How usage names it. */
  String label() {
    return label;
  }

  /** Whether it reaches to the end of the line, with its spaces and line breaks. */
  boolean isWholeRest() {
    return wholeRest;
  }
}
