package chat.engine.examples.console.screen;

import java.time.Clock;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/** Times as people say them: with the day unless it is today's. Immutable. */
public final class Times {
  private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("HH:mm", Locale.ROOT);
  private static final DateTimeFormatter DAY =
      DateTimeFormatter.ofPattern("d MMM HH:mm", Locale.ENGLISH);
  private static final DateTimeFormatter YEAR =
      DateTimeFormatter.ofPattern("d MMM yyyy HH:mm", Locale.ENGLISH);

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
}
