package chat.engine.examples.local;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Signals to processes that this program started. */
public final class Signals {
  private Signals() {}

  public static void stop(Stream<ProcessHandle> processes) {
    send("-STOP", processes);
  }

  public static void resume(Stream<ProcessHandle> processes) {
    send("-CONT", processes);
  }

  public static void kill(Stream<ProcessHandle> processes) {
    send("-KILL", processes);
  }

  private static void send(String signal, Stream<ProcessHandle> processes) {
    List<String> command = new ArrayList<>(List.of("kill", signal));
    processes.map(process -> Long.toString(process.pid())).forEach(command::add);
    if (command.size() == 2) {
      return;
    }
    try {
      new ProcessBuilder(command)
          .redirectErrorStream(true)
          .redirectOutput(ProcessBuilder.Redirect.DISCARD)
          .start()
          .waitFor();
    } catch (IOException fault) {
      throw new UncheckedIOException(fault);
    } catch (InterruptedException end) {
      Thread.currentThread().interrupt();
    }
  }
}
