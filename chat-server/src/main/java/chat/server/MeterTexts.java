package chat.server;

import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.config.MeterFilter;
import io.micrometer.core.instrument.config.MeterFilterReply;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.Properties;

/**
 * Gives each meter the text that stands in {@code metrics.properties}, unless it has one, and names
 * that Prometheus' own linter takes. Thread-safe.
 */
final class MeterTexts implements MeterFilter {
  /** In nanoseconds, which Prometheus does not count in; {@code process_cpu_usage} says as much. */
  private static final String PROCESSOR_NANOS = "process.cpu.time";

  private static final String PROCESSORS =
      "system.cpu.count"; // what ends in count is a histogram's

  private final Properties texts = read();

  private static Properties read() {
    Properties texts = new Properties();
    try (InputStream in = MeterTexts.class.getResourceAsStream("metrics.properties")) {
      texts.load(new InputStreamReader(Objects.requireNonNull(in), StandardCharsets.UTF_8));
      return texts;
    } catch (IOException fault) {
      throw new UncheckedIOException(fault);
    }
  }

  @Override
  public MeterFilterReply accept(Meter.Id id) {
    return id.getName().equals(PROCESSOR_NANOS) ? MeterFilterReply.DENY : MeterFilterReply.NEUTRAL;
  }

  @Override
  public Meter.Id map(Meter.Id id) {
    if (id.getName().equals(PROCESSORS)) {
      return id.withName("system.cpus");
    }
    String text = texts.getProperty(id.getName());
    return text == null || id.getDescription() != null
        ? id
        : new Meter.Id(id.getName(), Tags.of(id.getTags()), id.getBaseUnit(), text, id.getType());
  }
}
