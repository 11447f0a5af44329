package chat.engine.examples.faultcheck;

import chat.engine.examples.faultcheck.check.evidence.Violation;
import chat.engine.examples.faultcheck.check.smallest.SmallestHistory;
import chat.engine.examples.faultcheck.fault.FaultKind;
import chat.engine.examples.faultcheck.fault.FaultPlan;
import chat.engine.examples.faultcheck.history.History;
import java.io.PrintStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Prints results as they come, and a table at the end. Thread-safe. */
public final class Report {
  private static final int MOST_SHOWN_OF_A_PROMISE = 2;

  /** What finding the smallest history of a violation may take, and those of all of a run. */
  private static final Duration REDUCTION = Duration.ofSeconds(20);

  private static final Duration REDUCTIONS = Duration.ofMinutes(2);

  private final PrintStream out;
  private final Function<History, List<Violation>> check;
  private final List<Verdict> verdicts = new ArrayList<>();

  /**
   * What the table at the end needs of a result; histories would not fit into memory in hours.
   *
   * @param promises that were broken
   */
  private record Verdict(Set<FaultKind> faults, Set<Integer> promises) {
    static Verdict of(SeedResult result) {
      return new Verdict(
          result.plan().steps().stream().map(FaultPlan.Step::kind).collect(Collectors.toSet()),
          result.violations().stream().map(Violation::promise).collect(Collectors.toSet()));
    }

    boolean passed() {
      return promises.isEmpty();
    }
  }

  /**
   * @param check finds what a history breaks
   */
  public Report(PrintStream out, Function<History, List<Violation>> check) {
    this.out = out;
    this.check = check;
  }

  synchronized void add(SeedResult result) {
    verdicts.add(Verdict.of(result));
    out.println(result.line());
    violations(result.history(), result.violations());
  }

  /** Prints violations, some of each promise with their smallest histories. */
  public synchronized void violations(History history, List<Violation> violations) {
    Map<Integer, Integer> shown = new HashMap<>();
    long end = System.nanoTime() + REDUCTIONS.toNanos();
    for (Violation violation : violations) {
      if (shown.merge(violation.promise(), 1, Integer::sum) <= MOST_SHOWN_OF_A_PROMISE) {
        out.println("  promise " + violation.promise() + ": " + violation.what());
        long now = System.nanoTime();
        long time = Math.min(REDUCTION.toNanos(), end - now);
        SmallestHistory.of(history, violation, check, () -> System.nanoTime() - now > time)
            .forEach(line -> out.println("    " + line));
      }
    }
    shown.forEach(
        (promise, count) -> out.println("  promise " + promise + " broken " + count + " times"));
  }

  synchronized boolean allPassed() {
    return verdicts.stream().allMatch(Verdict::passed);
  }

  synchronized boolean allBroken() {
    return verdicts.stream().noneMatch(Verdict::passed);
  }

  /** Prints how often which fault broke which promise. */
  synchronized void summary() {
    Map<FaultKind, List<Verdict>> byFault = new EnumMap<>(FaultKind.class);
    for (Verdict verdict : verdicts) {
      for (FaultKind kind : verdict.faults()) {
        byFault.computeIfAbsent(kind, unused -> new ArrayList<>()).add(verdict);
      }
    }
    out.println();
    out.println("| fault | runs | broken | promises |");
    out.println("|---|---|---|---|");
    byFault.forEach((kind, runs) -> row(kind.label(), runs));
    row("all", verdicts);
  }

  private void row(String label, List<Verdict> runs) {
    Map<Integer, Long> promises =
        runs.stream()
            .flatMap(run -> run.promises().stream())
            .collect(Collectors.groupingBy(it -> it, TreeMap::new, Collectors.counting()));
    String text =
        new LinkedHashMap<>(promises)
            .entrySet().stream()
                .map(entry -> entry.getKey() + " (" + entry.getValue() + "x)")
                .collect(Collectors.joining(", "));
    out.println(
        String.format(
            Locale.ROOT,
            "| %s | %d | %d | %s |",
            label,
            runs.size(),
            runs.stream().filter(run -> !run.passed()).count(),
            text));
  }
}
