package chat.engine.examples.bench;

import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.Locale;

/** Middles of rounds, and how busy the machine is. */
public final class Medians {
  private Medians() {}

  /** The value in the middle; the upper one of an even number. */
  public static double of(List<Double> values) {
    return values.stream().sorted().skip(values.size() / 2).findFirst().orElseThrow();
  }

  /** The machine and its load, which says how far figures can be trusted. */
  public static String machine() {
    return String.format(
        Locale.ROOT,
        "machine: %d cores, Java %s, %s %s, load average %.1f; all that is measured shares it",
        Runtime.getRuntime().availableProcessors(),
        Runtime.version(),
        System.getProperty("os.name"),
        System.getProperty("os.arch"),
        ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage());
  }
}
