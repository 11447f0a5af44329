package chat.engine.examples.console.command.syntax;

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
  WORDS("WORDS", true),
  TEXT("TEXT", true);

  private final String label;
  private final boolean wholeRest;

  Kind(String label, boolean wholeRest) {
    this.label = label;
    this.wholeRest = wholeRest;
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
