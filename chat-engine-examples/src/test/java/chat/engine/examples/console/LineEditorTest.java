package chat.engine.examples.console;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jline.reader.EndOfFileException;
import org.jline.reader.UserInterruptException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
final class LineEditorTest {
  private final VirtualScreen glass = new VirtualScreen();
  private final LineEditor editor = new LineEditor(glass.terminal(), true);
  private final AtomicReference<String> status = new AtomicReference<>("");
  private final AtomicInteger typed = new AtomicInteger();

  @BeforeEach
  void begin() {
    editor.begin(status::get, typed::incrementAndGet);
  }

  @AfterEach
  void close() throws IOException {
    glass.close();
  }

  private CompletableFuture<String> reading() {
    CompletableFuture<String> line = CompletableFuture.supplyAsync(() -> editor.readLine("bob> "));
    glass.awaitText("bob>");
    return line;
  }

  private String entered(String keys) throws Exception {
    CompletableFuture<String> line = reading();
    glass.type(keys);
    return line.get(20, TimeUnit.SECONDS);
  }

  @Test
  void severalPastedLinesStayOneLine() throws Exception {
    CompletableFuture<String> line = reading();
    glass.paste("one\n  two \\\nthree\n");
    glass.awaitText("bob> one", "  two \\", "three");
    assertThat(line).isNotDone();
    glass.type("!\r");
    assertThat(line.get(20, TimeUnit.SECONDS)).isEqualTo("one\n  two \\\nthree\n!");
  }

  @Test
  void aBackslashOrAltEnterBeginsANewLine() throws Exception {
    assertThat(entered("one\\\rtwo\u001b\rthree\\\\\r")).isEqualTo("one\ntwo\nthree\\\\");
  }

  @Test
  void aMessageThatArrivesLeavesTheLineAsItIs() throws Exception {
    CompletableFuture<String> line = reading();
    glass.type("half a sen");
    glass.awaitText("half a sen");
    editor.reader().printAbove("eve: look!\nsecond line");
    glass.awaitText("eve: look!\nsecond line\nbob> half a sen");
    glass.type("tence\u001bOD\u001bOD\u007f\r"); // two to the left, one deleted
    assertThat(line.get(20, TimeUnit.SECONDS)).isEqualTo("half a sentece");
  }

  @Test
  void theStatusStandsBesideTheLineAndGoesWithIt() throws Exception {
    CompletableFuture<String> line = reading();
    glass.type("hello");
    glass.awaitText("bob> hello");
    status.set("eve is typing");
    editor.refresh();
    glass.awaitText("eve is typing");
    assertThat(glass.text()).containsPattern("bob> hello +eve is typing");
    glass.type("\r");
    assertThat(line.get(20, TimeUnit.SECONDS)).isEqualTo("hello");
    assertThat(glass.text()).doesNotContain("hello", "eve");
  }

  @Test
  void ctrlCClearsTheLineAndCtrlDEndsTheInput() throws Exception {
    CompletableFuture<String> line = reading();
    glass.type("not this");
    glass.awaitText("not this");
    glass.control('C');
    assertThatThrownBy(() -> line.get(20, TimeUnit.SECONDS))
        .hasCauseInstanceOf(UserInterruptException.class);
    assertThat(glass.text()).doesNotContain("not this");
    CompletableFuture<String> next = reading();
    glass.control('D');
    assertThatThrownBy(() -> next.get(20, TimeUnit.SECONDS))
        .hasCauseInstanceOf(EndOfFileException.class);
  }

  @Test
  void formerLinesComeBackButNotThoseOfTheLogin() throws Exception {
    LineEditor fresh = new LineEditor(glass.terminal(), true);
    CompletableFuture<String> secret =
        CompletableFuture.supplyAsync(() -> fresh.askSecretly("Password: "));
    glass.awaitText("Password:");
    glass.type("hidden\r");
    assertThat(secret.get(20, TimeUnit.SECONDS)).isEqualTo("hidden");
    assertThat(glass.sent()).doesNotContain("hidden");
    fresh.begin(status::get, typed::incrementAndGet);
    CompletableFuture<String> first = CompletableFuture.supplyAsync(() -> fresh.readLine("x> "));
    glass.awaitText("x>");
    glass.type("one\r");
    first.get(20, TimeUnit.SECONDS);
    CompletableFuture<String> again = CompletableFuture.supplyAsync(() -> fresh.readLine("y> "));
    glass.awaitText("y>");
    glass.type("\u001bOA\u001bOA\r");
    assertThat(again.get(20, TimeUnit.SECONDS)).isEqualTo("one");
  }

  @Test
  void aDraftIsTheNextLine() throws Exception {
    editor.draft("/edit 3 he\u009bllo\nbob");
    CompletableFuture<String> line = reading();
    glass.awaitText("bob> /edit 3 he llo", "bob");
    glass.type("!\r");
    assertThat(line.get(20, TimeUnit.SECONDS)).isEqualTo("/edit 3 he llo\nbob!");
  }

  @Test
  void eachCharacterIsTold() throws Exception {
    assertThat(entered("abc\r")).isEqualTo("abc");
    assertThat(typed).hasValue(3);
  }

  @Test
  void aPromptIsShownAsItIs() {
    CompletableFuture.supplyAsync(() -> editor.readLine("#50%B\u001b[2J> "));
    glass.awaitText("#50%B [2J>");
  }

  @Test
  void textIsSentWithoutControlsAndBlankEnds() {
    assertThat(Texts.toSend("  hello ")).isEqualTo("hello");
    assertThat(Texts.toSend("\n\n  if x:\r\n\ty\u001b[A\n\n")).isEqualTo("  if x:\n\ty[A");
    assertThat(Texts.toSend(" \n ")).isEmpty();
  }
}
