package chat.engine.examples.console.screen;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Times as people say them: with the day unless it is today's. Immutable. */
public final class Times {
  private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("HH:mm", Locale.ROOT);
  private static final DateTimeFormatter DAY =
      DateTimeFormatter.ofPattern("d MMM HH:mm", Locale.ENGLISH);
  private static final DateTimeFormatter YEAR =
      DateTimeFormatter.ofPattern("d MMM yyyy HH:mm", Locale.ENGLISH);

  private static final Pattern INSTANT =
      Pattern.compile("\\b\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(\\.\\d+)?Z\\b");
  private static final String FOR_GOOD = "9999-12-31T23:59:59.999Z";

  private final Clock clock;

  /**
   * @param clock its zone is that of the person
   */
  public Times(Clock clock) {
    this.clock = clock;
  }

  /**
   * @param instant as the server writes it (RFC 3339)
   */
  public String of(String instant) {
    ZonedDateTime time = Instant.parse(instant).atZone(clock.getZone());
    LocalDate today = LocalDate.now(clock);
    if (time.toLocalDate().equals(today)) {
      return TIME.format(time);
    }
    return (time.getYear() == today.getYear() ? DAY : YEAR).format(time);
  }

  public Instant now() {
    return clock.instant();
  }

  /**
   * As the server reads it.
   *
   * @param time null for good
   */
  public String after(@Nullable Duration time) {
    return time == null ? FOR_GOOD : now().plus(time).truncatedTo(ChronoUnit.MILLIS).toString();
  }

  public boolean isOver(String instant) {
    return !Instant.parse(instant).isAfter(now());
  }

  /** A text of the server, with its instants as people say them. */
  String inText(String text) {
    return INSTANT.matcher(text).replaceAll(found -> of(found.group()));
  }

  /** " until 12:30" or " for good". */
  public String until(String instant) {
    return instant.isEmpty() || instant.startsWith("9999") ? " for good" : " until " + of(instant);
  }
}
