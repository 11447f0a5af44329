package chat.engine.testing;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.slf4j.LoggerFactory;

/**
 * What was logged below a name, at INFO or above, from its making to its end; each line as {@code
 * LEVEL message}. Thread-safe.
 */
public final class Logged extends AppenderBase<ILoggingEvent> implements AutoCloseable {
  private final Logger logger;
  private final List<String> lines = new CopyOnWriteArrayList<>();

  private Logged(Logger logger) {
    this.logger = logger;
  }

  public static Logged below(String name) {
    Logged logged = new Logged((Logger) LoggerFactory.getLogger(name));
    logged.start();
    logged.logger.addAppender(logged);
    return logged;
  }

  /** Keeps it from the log of the tests, for those that cause hundreds of faults. */
  public Logged quietly() {
    logger.setAdditive(false);
    return this;
  }

  @Override
  protected void append(ILoggingEvent event) {
    if (event.getLevel().isGreaterOrEqual(Level.INFO)) {
      lines.add(event.getLevel() + " " + event.getFormattedMessage());
    }
  }

  public List<String> lines() {
    return List.copyOf(lines);
  }

  /** Those that contain the text. */
  public List<String> lines(String text) {
    return lines.stream().filter(line -> line.contains(text)).toList();
  }

  public List<String> warnings() {
    return lines.stream().filter(line -> !line.startsWith("INFO")).toList();
  }

  @Override
  public void close() {
    logger.detachAppender(this);
    logger.setAdditive(true);
    stop();
  }
}
