package chat.server.admin.cli;

import chat.server.json.ApiException;
import java.io.IOException;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Commands about what is said to all users. */
@Command(name = "chat-server admin")
final class AnnouncementCommands extends AdminCommands {
  private static final Pattern TIME = Pattern.compile("([1-9][0-9]{0,5})([mhd])");

  AnnouncementCommands(AdminCommandLine line) {
    super(line);
  }

  @Command(
      name = "announce",
      description =
          "Shows a text above the conversations of every signed-in user, within two seconds on all"
              + " nodes, until it ends, is withdrawn, or the user dismisses it. Three at a time. Needs a --reason.")
  int announce(
      @Option(
              names = "--text",
              required = true,
              paramLabel = "TEXT",
              description = "Plain text of at most 1000 characters.")
          String text,
      @Option(
              names = "--kind",
              paramLabel = "KIND",
              defaultValue = "info",
              description = "info or warning. Default: ${DEFAULT-VALUE}")
          String kind,
      @Option(
              names = "--for",
              paramLabel = "TIME",
              defaultValue = "24h",
              description = "Such as 30m, 2h or 7d, at most 90d. Default: ${DEFAULT-VALUE}")
          String time)
      throws IOException {
    Duration length = duration(time);
    return show((admin, who) -> admin.announceFor(who, text, kind, length));
  }

  private static Duration duration(String text) {
    Matcher matcher = TIME.matcher(text);
    if (!matcher.matches()) {
      throw ApiException.badRequest("--for must be a time such as 30m, 2h or 7d, not " + text);
    }
    long count = Long.parseLong(matcher.group(1));
    return switch (matcher.group(2)) {
      case "m" -> Duration.ofMinutes(count);
      case "h" -> Duration.ofHours(count);
      default -> Duration.ofDays(count);
    };
  }

  @Command(
      name = "announcements",
      description = "Lists what was announced, the newest first, also what is over.")
  int announcements(@Mixin Paging.BeforeId page) throws IOException {
    return show((admin, who) -> admin.announcements(who, page.before(), page.limit()));
  }

  @Command(
      name = "withdraw-announcement",
      description = "Takes an announcement from all screens before its end.")
  int withdrawAnnouncement(@Parameters(paramLabel = "ID") long id) throws IOException {
    return show((admin, who) -> admin.withdrawAnnouncement(who, id));
  }
}
