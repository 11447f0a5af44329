package chat.engine.examples.console;

import chat.engine.examples.console.command.syntax.Completion;
import chat.engine.examples.console.link.Refusal;
import chat.engine.examples.console.screen.SafeText;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jline.keymap.KeyMap;
import org.jline.reader.Binding;
import org.jline.reader.Buffer;
import org.jline.reader.LineReader;
import org.jline.reader.LineReaderBuilder;
import org.jline.reader.Reference;
import org.jline.reader.impl.LineReaderImpl;
import org.jline.terminal.Terminal;
import org.jline.utils.InfoCmp.Capability;
import org.jspecify.annotations.Nullable;

/**
 * The line that is being typed, which may have several lines itself. {@link #refresh} is
 * thread-safe; the rest is for the terminal's thread.
 */
final class LineEditor {
  private static final char MASK = '*';
  private static final Map<String, String> WITHOUT_COLOURS =
      Map.of(
          LineReader.COMPLETION_STYLE_STARTING, "bold",
          LineReader.COMPLETION_STYLE_LIST_STARTING, "bold",
          LineReader.COMPLETION_STYLE_DESCRIPTION, "faint",
          LineReader.COMPLETION_STYLE_LIST_DESCRIPTION, "faint",
          LineReader.COMPLETION_STYLE_SELECTION, "inverse",
          LineReader.COMPLETION_STYLE_LIST_SELECTION, "inverse");

  private static final String NEW_LINE = "new-line";

  private final Terminal terminal;
  private final LineReader reader;
  private final CompletedLine completed = new CompletedLine();
  private final boolean dumb;
  private Supplier<String> status = () -> "";
  private Runnable typed = () -> {};
  private @Nullable String draft;

  /**
   * @param colours whether the lists of completion have some
   */
  LineEditor(Terminal terminal, boolean colours) {
    this.terminal = terminal;
    this.dumb = terminal.getType().startsWith(Terminal.TYPE_DUMB);
    this.reader =
        LineReaderBuilder.builder()
            .terminal(terminal)
            .parser(completed)
            .completer(completed)
            .option(LineReader.Option.DISABLE_EVENT_EXPANSION, true)
            .option(LineReader.Option.CASE_INSENSITIVE, true)
            .option(LineReader.Option.HISTORY_TIMESTAMPED, false)
            .build();
    reader.setVariable(LineReader.SECONDARY_PROMPT_PATTERN, "");
    reader.setVariable(LineReader.DISABLE_HISTORY, true); // until somebody is logged in
    if (!colours) {
      WITHOUT_COLOURS.forEach(reader::setVariable);
    }
    addWidgets();
  }

  private void addWidgets() {
    reader.getWidgets().put(NEW_LINE, this::newLine);
    reader.getWidgets().put(LineReader.ACCEPT_LINE, this::accept);
    reader.getWidgets().put(LineReader.SELF_INSERT, this::insert);
    KeyMap<Binding> keys = Objects.requireNonNull(reader.getKeyMaps().get(LineReader.MAIN));
    keys.bind(new Reference(NEW_LINE), KeyMap.alt('\r'), KeyMap.alt('\n'));
  }

  private boolean newLine() {
    reader.getBuffer().write('\n');
    return true;
  }

  /** A backslash at the end asks for a new line; two are one backslash less. */
  private boolean accept() {
    Buffer line = reader.getBuffer();
    int end = line.length();
    if (line.cursor() == end && backslashesBefore(line, end) % 2 == 1) {
      line.backspace();
      return newLine();
    }
    reader.callWidget("." + LineReader.ACCEPT_LINE);
    return true;
  }

  private static int backslashesBefore(Buffer line, int end) {
    int count = 0;
    while (count < end && line.atChar(end - 1 - count) == '\\') {
      count++;
    }
    return count;
  }

  private boolean insert() {
    reader.callWidget("." + LineReader.SELF_INSERT);
    typed.run();
    return true;
  }

  LineReader reader() {
    return reader;
  }

  boolean isDumb() {
    return dumb;
  }

  /** What stands in the line now. */
  String begun() {
    return reader.getBuffer().toString();
  }

  String ask(String question) {
    return reader.readLine(question);
  }

  /** A dumb terminal has no way to hide what is typed, and a pipe nothing to hide. */
  String askSecretly(String question) {
    return dumb ? reader.readLine(question) : reader.readLine(question, MASK);
  }

  /** Prints a line while nothing is being typed. */
  void say(String text) {
    terminal.writer().println(SafeText.oneLine(text));
    terminal.flush();
  }

  void complete(Completion completion) {
    completed.use(completion);
  }

  /**
   * From now on lines are kept in the history of this run, and erased when they are entered: what
   * was sent is shown once the server has it.
   *
   * @param status what stands at the right of the line
   * @param typed called after each character
   */
  void begin(Supplier<String> status, Runnable typed) {
    this.status = status;
    this.typed = typed;
    reader.setVariable(LineReader.DISABLE_HISTORY, false);
    reader.option(LineReader.Option.ERASE_LINE_ON_FINISH, true);
  }

  /** Blocks until a line was entered; it begins with the draft, if there is one. */
  String readLine(String prompt) {
    String text = draft;
    draft = null;
    if (dumb) {
      return reader.readLine(""); // what arrives would only break into a prompt
    }
    try {
      return reader.readLine(verbatim(prompt), verbatim(status.get()), (Character) null, text);
    } finally {
      terminal.puts(Capability.clr_eos); // the status stays when the line is erased
    }
  }

  /** {@code %} begins a pattern in a prompt. */
  private static String verbatim(String prompt) {
    return SafeText.oneLine(prompt).replace("%", "%%");
  }

  /**
   * Makes a text the next line, to be changed before it is entered.
   *
   * @throws Refusal if the terminal cannot do that
   */
  void draft(String text) {
    if (dumb) {
      throw new Refusal("This terminal cannot change a text: write the new one behind the number.");
    }
    draft = text.lines().map(SafeText::oneLine).collect(Collectors.joining("\n"));
  }

  /** Shows the present status beside the line. */
  void refresh() {
    if (!dumb && reader.isReading()) {
      try {
        if (reader instanceof LineReaderImpl shown) {
          shown.setRightPrompt(verbatim(status.get()));
        }
        reader.callWidget(LineReader.REDISPLAY);
      } catch (IllegalStateException entered) {
        // just now; the next line has the status
      }
    }
  }
}
