package chat.server.admin.cli;

import chat.server.backup.Backup;
import chat.server.files.CheckedFiles;
import chat.server.files.CopiedFiles;
import chat.server.files.storage.S3Bucket;
import chat.server.files.storage.S3Storage;
import chat.server.json.ApiException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.node.ObjectNode;

/** Commands about the deployment itself. */
@Command(name = "chat-server admin")
final class DeploymentCommands extends AdminCommands {
  private static final Logger log = LoggerFactory.getLogger(DeploymentCommands.class);
  private static final String RESTORE = "restore";

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
  int audit(@Mixin Paging.BeforeId page) throws IOException {
    return show((admin, who) -> admin.audit(page.before(), page.limit()));
  }

  @Command(
      name = "dead-letters",
      description = "Shows what bots and webhooks have given up, the last first.")
  int deadLetters(@Mixin Paging.BeforeId page) throws IOException {
    return show((admin, who) -> admin.deadLetters(who, page.before(), page.limit()));
  }

  @Command(
      name = "replay-webhook",
      description = "Posts to an outgoing webhook once more what happened from a time on.")
  int replayWebhook(
      @Parameters(paramLabel = "NAME") String webhook,
      @Option(
              names = "--since",
              required = true,
              paramLabel = "TIME",
              description = "As 2026-03-01T09:30:00Z.")
          Instant since)
      throws IOException {
    return show((admin, who) -> admin.replayWebhook(who, webhook, since));
  }

  @Command(
      name = "backup",
      description =
          "Copies everything into files in a directory, as it is at one moment, while nodes run or"
              + " not.")
  int backup(@Parameters(paramLabel = "DIR") Path directory) throws IOException {
    try (AdminSession session = open()) {
      printer()
          .print(
              recorded(
                  session,
                  "backup",
                  () -> Backup.write(session.databaseAddress(), directory, line.version())));
      return 0;
    }
  }

  @Command(
      name = "restore",
      description =
          "Copies such files into a database without users, on which no node runs. Makes its"
              + " tables, and an embedded database if there is none in --data-dir.")
  int restore(@Parameters(paramLabel = "DIR") Path directory) throws IOException {
    try (AdminSession session = AdminSession.openOrMake(line.settings())) {
      try {
        printer().print(Backup.restore(session.databaseAddress(), directory));
      } catch (IllegalStateException unfit) {
        noteFailure(session, unfit);
        throw new IOException(unfit.getMessage(), unfit);
      } catch (IOException | ApiException fault) {
        noteFailure(session, fault);
        throw fault;
      }
      session.administration().recorded(operator(), RESTORE, () -> directory);
      return 0;
    }
  }

  /** Writes it down, if the database has an audit log of this program. */
  private void noteFailure(AdminSession session, Exception fault) {
    try {
      recorded(
          session,
          RESTORE,
          () -> {
            if (fault instanceof ApiException refusal) {
              throw refusal;
            }
            throw new IOException(fault);
          });
    } catch (IOException | RuntimeException noted) {
      log.debug("a restore failed", noted);
    }
  }

  @Command(
      name = "copy-files",
      description =
          "Copies the files in --files-dir into the bucket of --files-s3-bucket, those that are not"
              + " there yet, and deletes nothing.")
  int copyFiles() throws IOException {
    S3Bucket bucket = line.settings().files().bucket();
    if (bucket == null) {
      throw new IOException("name the bucket with --files-s3-bucket");
    }
    try (AdminSession session = open();
        S3Storage storage = new S3Storage(bucket)) {
      CopiedFiles files =
          new CopiedFiles(session.database().jdbi(), line.settings().filesDir(), storage);
      printer().print(recorded(session, "files.copy", files::copy));
      return 0;
    }
  }

  @Command(
      name = "check-files",
      description =
          "Looks whether each file that the database tells of is in --files-dir or the bucket, as"
              + " after a restore, and counts what lies in --files-dir besides. Exit code 1 if one"
              + " is missing.")
  int checkFiles() throws IOException {
    S3Bucket bucket = line.settings().files().bucket();
    try (AdminSession session = open();
        S3Storage storage = bucket == null ? null : new S3Storage(bucket)) {
      ObjectNode found =
          (storage == null
                  ? CheckedFiles.onDisk(session.database().jdbi(), line.settings().filesDir())
                  : CheckedFiles.inBucket(session.database().jdbi(), storage))
              .check();
      printer().print(found);
      return found.get("missing").asLong() > 0 ? FAILED : 0;
    }
  }

  private interface Work {
    ObjectNode run() throws IOException;
  }

  private ObjectNode recorded(AdminSession session, String action, Work work) throws IOException {
    try {
      return session
          .administration()
          .recorded(
              operator(),
              action,
              () -> {
                try {
                  return work.run();
                } catch (IOException fault) {
                  throw new UncheckedIOException(fault);
                }
              });
    } catch (UncheckedIOException fault) {
      throw fault.getCause();
    }
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
