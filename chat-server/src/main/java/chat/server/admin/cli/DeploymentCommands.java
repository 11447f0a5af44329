package chat.server.admin.cli;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Commands about the deployment itself. */
@Command(name = "chat-server admin")
final class DeploymentCommands extends AdminCommands {
  private final AdminCommandLine line;

  DeploymentCommands(AdminCommandLine line) {
    super(line);
    this.line = line;
  }

  @Command(name = "connections", description = "Shows the nodes, and who is connected to which.")
  int connections(
      @Parameters(paramLabel = "USERNAME", arity = "0..1", description = "Default: all users")
          @Nullable String name)
      throws IOException {
    return show((admin, who) -> admin.connections(who, name));
  }

  @Command(name = "audit", description = "Shows what operators did, the newest first.")
  int audit(
      @Option(
              names = "--before",
              paramLabel = "ID",
              description = "The last one of the page before.")
          @Nullable Long before,
      @Option(names = "--limit", paramLabel = "N", defaultValue = LIMIT) int limit)
      throws IOException {
    return show((admin, who) -> admin.audit(Optional.ofNullable(before), limit));
  }

  @Command(
      name = "check",
      description =
          "Looks whether everything that a node needs is there. Exit code 1 if something failed.")
  int check() {
    List<Check.Finding> findings =
        new Check(line.settings(), line.environment(), line.version()).run();
    findings.forEach(
        finding ->
            printer()
                .out()
                .printf(
                    "%-8s %-14s %s%n", finding.grade().word(), finding.subject(), finding.words()));
    return findings.stream().anyMatch(one -> one.grade() == Check.Grade.FAILED) ? FAILED : 0;
  }
}
