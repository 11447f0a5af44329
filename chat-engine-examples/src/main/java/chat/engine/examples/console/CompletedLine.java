package chat.engine.examples.console;

import chat.engine.examples.console.command.syntax.Completion;
import java.util.List;
import org.jline.reader.Candidate;
import org.jline.reader.Completer;
import org.jline.reader.CompletingParsedLine;
import org.jline.reader.LineReader;
import org.jline.reader.ParsedLine;
import org.jline.reader.Parser;
import org.jspecify.annotations.Nullable;

/** Lets JLine complete what {@link Completion} says; the program reads lines by itself. */
final class CompletedLine implements Parser, Completer {
  private volatile @Nullable Completion completion;

  void use(Completion used) {
    completion = used;
  }

  @Override
  public ParsedLine parse(String line, int cursor, ParseContext context) {
    Completion used = completion;
    int start =
        used == null || context != ParseContext.COMPLETE
            ? 0
            : used.choices(line.substring(0, cursor)).start();
    return new Typed(line, cursor, start);
  }

  @Override
  public void complete(LineReader reader, ParsedLine line, List<Candidate> candidates) {
    Completion used = completion;
    if (used == null) {
      return;
    }
    List<Completion.Choice> choices = used.choices(line.line().substring(0, line.cursor())).list();
    for (int i = 0; i < choices.size(); i++) {
      Completion.Choice choice = choices.get(i);
      candidates.add(
          new Candidate(choice.value(), choice.shown(), null, null, null, null, choice.whole(), i));
    }
  }

  /**
   * A line of which the part from {@code start} to the cursor is to be completed.
   *
   * @param start where that begins
   */
  private record Typed(String line, int cursor, int start) implements CompletingParsedLine {
    @Override
    public String word() {
      return line.substring(Math.min(start, cursor), cursor);
    }

    @Override
    public int wordCursor() {
      return word().length();
    }

    @Override
    public int wordIndex() {
      return 0;
    }

    @Override
    public List<String> words() {
      return List.of(word());
    }

    @Override
    public CharSequence escape(CharSequence candidate, boolean complete) {
      return candidate;
    }

    @Override
    public int rawWordCursor() {
      return wordCursor();
    }

    @Override
    public int rawWordLength() {
      return wordCursor();
    }
  }
}
