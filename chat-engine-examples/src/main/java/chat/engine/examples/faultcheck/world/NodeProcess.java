package chat.engine.examples.faultcheck.world;

import chat.engine.examples.faultcheck.feed.AuditLine;
import chat.engine.examples.faultcheck.history.Event;
import chat.engine.examples.faultcheck.node.FaultNode;
import chat.engine.examples.local.Signals;
import chat.engine.examples.local.Threads;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A node: a process of {@link FaultNode}, begun anew as the next incarnation when it has ended.
 * Thread-safe.
 */
public final class NodeProcess implements AutoCloseable {
  private static final long READY_SECONDS = 180;
  private static final long DRAIN_SECONDS = 20;

  private final String name;
  private final List<String> arguments;
  private final Path log;
  private volatile Consumer<Event> events = event -> {};
  private int incarnation;
  private volatile @Nullable Process process;
  private volatile CountDownLatch ready = new CountDownLatch(1);
  private volatile AtomicBoolean endIsExpected = new AtomicBoolean();

  NodeProcess(String name, List<String> arguments, Path log) {
    this.name = name;
    this.arguments = arguments;
    this.log = log;
  }

  /** Who is told what the node says, and that it died. */
  public void listener(Consumer<Event> changed) {
    events = changed;
  }

  /** Of the present incarnation, such as {@code n1.2}. */
  public synchronized String incarnationName() {
    return name + "." + incarnation;
  }

  public boolean isAlive() {
    Process running = process;
    return running != null && running.isAlive();
  }

  /** Starts an incarnation, without waiting until it is ready. */
  public synchronized void start() {
    incarnation++;
    AtomicBoolean expected = new AtomicBoolean();
    endIsExpected = expected;
    ready = new CountDownLatch(1);
    try {
      Process started =
          new ProcessBuilder(Stream.concat(java(), arguments.stream()).toList())
              .redirectError(ProcessBuilder.Redirect.appendTo(log.toFile()))
              .start();
      process = started;
      String incarnationName = incarnationName();
      CountDownLatch latch = ready;
      Threads.start("output of " + name, () -> listen(started, incarnationName, latch, expected));
    } catch (IOException fault) {
      throw new UncheckedIOException("no process for node " + name, fault);
    }
  }

  private static Stream<String> java() {
    return Stream.of(
        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "-Xmx128m",
        "-Xss512k",
        "-XX:+UseSerialGC",
        "-XX:TieredStopAtLevel=1",
        "-XX:+ExitOnOutOfMemoryError",
        "-cp",
        classPath(),
        FaultNode.class.getName());
  }

  /** Of this program: a build tool may have loaded it with another class loader. */
  private static String classPath() {
    if (NodeProcess.class.getClassLoader() instanceof URLClassLoader loader) {
      return Arrays.stream(loader.getURLs())
          .map(URL::getPath)
          .collect(Collectors.joining(File.pathSeparator));
    }
    return System.getProperty("java.class.path");
  }

  private void listen(
      Process started, String incarnationName, CountDownLatch latch, AtomicBoolean expected) {
    try (BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(started.getInputStream(), StandardCharsets.UTF_8))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        if (line.equals("ready")) {
          latch.countDown();
        } else if (line.startsWith("metrics ")) {
          events.accept(
              new Event.Measured(0, incarnationName, List.of(line.substring(8).split(",", -1))));
        } else if (line.startsWith(AuditLine.WORD)) {
          Event.Delivered delivered = AuditLine.parse(line, incarnationName);
          if (delivered != null) {
            events.accept(delivered);
          }
        }
      }
      int status = started.waitFor();
      if (!expected.get()) {
        events.accept(new Event.Died(0, incarnationName, status));
      }
    } catch (IOException | InterruptedException end) {
      // the process is gone
    }
  }

  /** Once, if two faults end that have ended it. */
  private synchronized void startIfEnded() {
    if (!isAlive()) {
      start();
    }
  }

  /** Starts it if it has ended, and waits until it takes clients, or has ended again. */
  public boolean awaitReady() {
    startIfEnded();
    long giveUp = System.nanoTime() + TimeUnit.SECONDS.toNanos(READY_SECONDS);
    try {
      while (isAlive() && System.nanoTime() < giveUp) {
        if (ready.await(1, TimeUnit.SECONDS)) {
          return true;
        }
      }
    } catch (InterruptedException end) {
      Thread.currentThread().interrupt();
    }
    return false;
  }

  public void kill() {
    Process running = process;
    if (running != null) {
      endIsExpected.set(true);
      running.destroyForcibly();
      await(running, 5);
    }
  }

  public void pause(boolean paused) {
    Process running = process;
    if (running != null && running.isAlive()) {
      if (paused) {
        Signals.stop(Stream.of(running.toHandle()));
      } else {
        Signals.resume(Stream.of(running.toHandle()));
      }
    }
  }

  /** Ends it in order; kills it if that takes too long. */
  public void drain() {
    endIsExpected.set(true);
    command("drain");
    Process running = process;
    if (running != null && !await(running, DRAIN_SECONDS)) {
      running.destroyForcibly();
      await(running, 5);
    }
  }

  /** How far its clock is from this machine's from now on. */
  public void clock(long millis) {
    command("clock " + millis);
  }

  private void command(String line) {
    Process running = process;
    if (running != null && running.isAlive()) {
      try {
        OutputStream in = running.getOutputStream();
        in.write((line + "\n").getBytes(StandardCharsets.UTF_8));
        in.flush();
      } catch (IOException gone) {
        // it has ended meanwhile
      }
    }
  }

  private static boolean await(Process running, long seconds) {
    try {
      return running.waitFor(seconds, TimeUnit.SECONDS);
    } catch (InterruptedException end) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  @Override
  public void close() {
    pause(false);
    kill();
  }
}
