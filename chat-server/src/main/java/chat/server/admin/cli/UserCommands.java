package chat.server.admin.cli;

import chat.engine.protocol.JsonObjects;
import chat.server.json.ApiException;
import chat.server.rest.AccountExport;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Commands about users. */
@Command(name = "chat-server admin")
final class UserCommands extends AdminCommands {
  private static final String NAME = "USERNAME";

  UserCommands(AdminCommandLine line) {
    super(line);
  }

  @Command(name = "users", description = "Lists users in the order of their names.")
  int users(
      @Parameters(paramLabel = "PREFIX", defaultValue = "", description = "Of their names.")
          String prefix,
      @Mixin Paging.AfterName page)
      throws IOException {
    return show((admin, who) -> admin.users(who, prefix, page.name, page.limit()));
  }

  @Command(
      name = "user",
      description = "Shows a user, with logins and the conversations that the user is in.")
  int user(@Parameters(paramLabel = NAME) String name) throws IOException {
    return show((admin, who) -> admin.user(who, name));
  }

  @Command(name = "make-administrator", description = "Lets a user use /v1/admin.")
  int makeAdministrator(@Parameters(paramLabel = NAME) String name) throws IOException {
    return show((admin, who) -> admin.makeAdministrator(who, name));
  }

  @Command(
      name = "unmake-administrator",
      description = "Takes that away; the last administrator stays one.")
  int unmakeAdministrator(@Parameters(paramLabel = NAME) String name) throws IOException {
    return show((admin, who) -> admin.unmakeAdministrator(who, name));
  }

  @Command(
      name = "suspend",
      description =
          "Keeps a user out, for a --reason that only operators see: sockets close with 4403 within two seconds on all nodes, logins and"
              + " tickets end.")
  int suspend(
      @Parameters(paramLabel = NAME) String name,
      @Option(
              names = "--until",
              paramLabel = "TIME",
              description = "As 2030-01-31T12:00:00Z. Default: for good")
          @Nullable String until)
      throws IOException {
    Instant end = until == null ? null : time(until);
    return show((admin, who) -> admin.suspend(who, name, end));
  }

  private static Instant time(String text) {
    try {
      return OffsetDateTime.parse(text).toInstant();
    } catch (DateTimeException malformed) {
      throw ApiException.badRequest("--until must be a time as 2030-01-31T12:00:00Z, not " + text);
    }
  }

  @Command(name = "lift-suspension", description = "Lets a user in again.")
  int liftSuspension(@Parameters(paramLabel = NAME) String name) throws IOException {
    return show((admin, who) -> admin.liftSuspension(who, name));
  }

  @Command(
      name = "reset-password",
      description = "Gives a user another password, and ends all logins.")
  int resetPassword(
      @Parameters(paramLabel = NAME) String name,
      @Option(
              names = "--stdin",
              description =
                  "Reads the password from a line of the standard input. Default: makes one up and"
                      + " shows it")
          boolean given)
      throws IOException {
    String password = given ? line() : null;
    return show((admin, who) -> admin.resetPassword(who, name, password));
  }

  private String line() {
    try {
      String line =
          new BufferedReader(new InputStreamReader(in(), StandardCharsets.UTF_8)).readLine();
      return line == null ? "" : line;
    } catch (IOException fault) {
      throw new UncheckedIOException(fault);
    }
  }

  @Command(name = "end-logins", description = "Logs a user out everywhere.")
  int endLogins(@Parameters(paramLabel = NAME) String name) throws IOException {
    return show((admin, who) -> admin.endLogins(who, name));
  }

  @Command(
      name = "delete-user",
      description =
          "Erases a user, and what the user wrote. The nodes do it in the background; if"
              + " no node runs, when one is started.")
  int deleteUser(
      @Parameters(paramLabel = NAME) String name,
      @Option(names = "--yes", required = true, description = "Needed, for there is no way back.")
          boolean sure)
      throws IOException {
    return show(
        (admin, who) -> {
          admin.deleteUser(who, name);
          return JsonObjects.object().put("message", "erasing");
        });
  }

  @Command(
      name = "export",
      description = "Writes all that there is of a user to the standard output, as JSON Lines.")
  int export(@Parameters(paramLabel = NAME) String name) throws IOException {
    try (AdminSession session = open();
        AccountExport export = session.administration().export(operator(), name)) {
      for (ByteBuffer part = export.next(); part != null; part = export.next()) {
        byte[] bytes = new byte[part.remaining()];
        part.get(bytes);
        printer().out().write(bytes, 0, bytes.length);
      }
      printer().out().flush();
      return printer().out().checkError() ? FAILED : 0;
    }
  }
}
