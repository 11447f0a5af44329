package chat.server.admin.cli;

import chat.server.admin.Administration;
import chat.server.admin.Operator;
import java.io.IOException;
import java.io.InputStream;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;
import tools.jackson.databind.node.ObjectNode;

/** What the commands of all groups share. */
abstract class AdminCommands {
  static final int FAILED = 1;

  private final AdminCommandLine line;

  @Option(
      names = "--json",
      scope = ScopeType.INHERIT,
      description = "Shows what comes back as JSON.")
  private boolean json;

  @Option(
      names = "--reason",
      scope = ScopeType.INHERIT,
      paramLabel = "TEXT",
      description = "Why, in at most 1000 characters: for the audit log.")
  private @Nullable String reason;

  AdminCommands(AdminCommandLine line) {
    this.line = line;
  }

  Printer printer() {
    return new Printer(line.out(), json);
  }

  InputStream in() {
    return line.in();
  }

  AdminSession open() throws IOException {
    return AdminSession.open(line.settings());
  }

  Operator operator() {
    return Operator.commandLine(reason);
  }

  /** Does something and shows what comes back. */
  int show(BiFunction<Administration, Operator, ObjectNode> action) throws IOException {
    try (AdminSession session = open()) {
      printer().print(action.apply(session.administration(), operator()));
      return 0;
    }
  }
}
