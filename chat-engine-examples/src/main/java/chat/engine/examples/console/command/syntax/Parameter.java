package chat.engine.examples.console.command.syntax;

/** An argument that a command takes. */
public record Parameter(Kind kind, Count count) {
  public enum Count {
    ONE,
    OPTIONAL,
    SOME
  }

  public static Parameter one(Kind kind) {
    return new Parameter(kind, Count.ONE);
  }

  public static Parameter optional(Kind kind) {
    return new Parameter(kind, Count.OPTIONAL);
  }

  /** One or more, as the last parameter. */
  public static Parameter some(Kind kind) {
    return new Parameter(kind, Count.SOME);
  }

  String usage() {
    return switch (count) {
      case ONE -> kind.label();
      case OPTIONAL -> "[" + kind.label() + "]";
      case SOME -> kind.label() + " ...";
    };
  }
}
