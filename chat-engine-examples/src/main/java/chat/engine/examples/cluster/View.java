package chat.engine.examples.cluster;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.jline.utils.AttributedString;
import org.jline.utils.AttributedStringBuilder;
import org.jline.utils.AttributedStyle;
import org.jspecify.annotations.Nullable;

/**
 * What is shown of the cluster at one moment: as lines of a screen, or as one line of a log.
 *
 * @param page where the web page is
 * @param now the counts of the last second, but for those that are states
 * @param events what happened last, the newest at the end
 */
record View(
    String page,
    List<Line> lines,
    Ledger.Counts total,
    Ledger.Counts now,
    long online,
    long users,
    long reconnects,
    List<String> events) {
  private static final int FEW_EVENTS = 4;
  private static final AttributedStyle PLAIN = AttributedStyle.DEFAULT;
  private static final AttributedStyle FAINT = AttributedStyle.DEFAULT.faint();
  private static final AttributedStyle GOOD =
      AttributedStyle.DEFAULT.foreground(AttributedStyle.GREEN);
  private static final AttributedStyle BAD =
      AttributedStyle.DEFAULT.foreground(AttributedStyle.RED).bold();

  /**
   * A part of the cluster.
   *
   * @param sockets how many WebSockets it has, -1 for a part that has none
   */
  record Line(String key, String name, String state, boolean good, long sockets) {}

  /**
   * The news at the end are as many as fit, the newest last. Where few would, blank lines make room
   * for more.
   *
   * @param chosen the key of the part that the next key concerns
   * @param rows of the terminal
   */
  List<AttributedString> screen(String chosen, int rows) {
    List<AttributedString> screen = body(chosen);
    if (rows - screen.size() < Math.min(FEW_EVENTS, events.size())) {
      screen.removeIf(line -> line.length() == 0);
    }
    int most = Math.max(0, rows - screen.size());
    events
        .subList(Math.max(0, events.size() - most), events.size())
        .forEach(event -> add(screen, FAINT, " " + event));
    return screen.subList(0, Math.min(rows, screen.size()));
  }

  private List<AttributedString> body(String chosen) {
    List<AttributedString> screen = new ArrayList<>();
    add(screen, PLAIN.bold(), "A chat cluster on this machine: " + page);
    add(screen, FAINT, "Open the page in two windows, sign up twice, talk, and break something.");
    add(screen, PLAIN, "");
    for (Line line : lines) {
      boolean isChosen = line.key().equals(chosen);
      AttributedStringBuilder text = new AttributedStringBuilder();
      text.styled(isChosen ? PLAIN.bold() : FAINT, isChosen ? " > " : "   ");
      text.styled(isChosen ? PLAIN.bold() : PLAIN, format("%s  %-12s ", line.key(), line.name()));
      text.styled(line.good() ? GOOD : BAD, format("%-32s", line.state()));
      if (line.sockets() >= 0) {
        text.styled(FAINT, line.sockets() + " connections");
      }
      screen.add(text.toAttributedString());
    }
    add(screen, PLAIN, "");
    add(screen, FAINT, format("   %-14s %12s %12s", "messages", "last second", "total"));
    count(screen, "sent", now.sent(), total.sent());
    count(screen, "acknowledged", now.acknowledged(), total.acknowledged());
    count(screen, "delivered", now.delivered(), total.delivered());
    add(screen, PLAIN, latency("acknowledged", now.acknowledgement()));
    add(screen, PLAIN, latency("delivered", now.delivery()));
    add(
        screen,
        PLAIN,
        format(
            "   under way: %d unanswered, %d undelivered",
            total.unanswered(), total.undelivered()));
    add(
        screen,
        total.lost() + total.doubled() == 0 ? GOOD : BAD,
        format("   lost %d   doubled %d", total.lost(), total.doubled()));
    add(
        screen,
        online == users ? PLAIN : BAD,
        format("   %d of %d users connected, %d reconnects", online, users, reconnects));
    add(screen, PLAIN, "");
    add(screen, PLAIN, " 1 2 3 p r  choose a part     k  kill -9           s  stop (SIGSTOP)");
    add(screen, PLAIN, " c  continue                  x  cut off or mend   a  start again");
    add(screen, PLAIN, " h  make all whole            q  quit");
    add(screen, PLAIN, "");
    return screen;
  }

  private static void count(List<AttributedString> screen, String name, long now, long total) {
    add(screen, PLAIN, format("   %-14s %12d %12d", name, now, total));
  }

  private static void add(List<AttributedString> screen, AttributedStyle style, String text) {
    screen.add(new AttributedString(text, style));
  }

  private static String latency(String name, Ledger.Latency latency) {
    return format(
        "   %-14s after %.1f ms (median), %.1f ms (p99)", name, latency.median(), latency.p99());
  }

  /** One line without colours. */
  String line() {
    return lines.stream()
            .map(line -> line.name() + " " + line.state())
            .collect(Collectors.joining("; "))
        + format(
            " | %d/s sent, %d/s acknowledged (%.1f ms), %d/s delivered (%.1f ms)"
                + " | %d unanswered, %d undelivered, lost %d, doubled %d"
                + " | %d of %d users connected, %d reconnects",
            now.sent(),
            now.acknowledged(),
            now.acknowledgement().median(),
            now.delivered(),
            now.delivery().median(),
            total.unanswered(),
            total.undelivered(),
            total.lost(),
            total.doubled(),
            online,
            users,
            reconnects);
  }

  private static String format(String pattern, @Nullable Object... values) {
    return String.format(Locale.ROOT, pattern, values);
  }
}
