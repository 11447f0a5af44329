package chat.server;

import chat.server.admin.cli.AdminCommandLine;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/** Runs commands of operators as a shell does, in this process. */
public final class AdminShell {
  private AdminShell() {}

  /** What a command left behind. */
  public record Result(int code, String out, String err) {}

  public static Result run(String... words) {
    return run("", Map.of(), words);
  }

  static Result run(String input, Map<String, String> environment, String... words) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    int code =
        AdminCommandLine.run(
            words,
            environment,
            "chat-server of the tests",
            new ByteArrayInputStream(input.getBytes(StandardCharsets.UTF_8)),
            new PrintStream(out, true, StandardCharsets.UTF_8),
            new PrintStream(err, true, StandardCharsets.UTF_8));
    return new Result(
        code, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
  }
}
