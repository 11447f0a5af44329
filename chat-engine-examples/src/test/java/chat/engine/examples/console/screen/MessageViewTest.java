package chat.engine.examples.console.screen;

import static org.assertj.core.api.Assertions.assertThat;

import chat.engine.examples.server.ServerApi;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jline.utils.AttributedString;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.node.ObjectNode;

final class MessageViewTest {
  private static final Times TIMES =
      new Times(Clock.fixed(Instant.parse("2026-03-01T12:00:00Z"), ZoneOffset.UTC));

  private final MessageView view = new MessageView("ada", new Palette(true), TIMES);

  private static ObjectNode message(String from, String text) {
    return ServerApi.object()
        .put("seq", 12)
        .put("from", from)
        .put("text", text)
        .put("created_at", "2026-03-01T09:30:00.000Z");
  }

  private List<String> shown(ObjectNode message) {
    return view.lines(message, "").stream().map(AttributedString::toString).toList();
  }

  private static String ansi(List<AttributedString> lines) {
    return lines.stream().map(AttributedString::toAnsi).collect(Collectors.joining("\n"));
  }

  @Test
  void aMessageHasItsNumberTimeAndAuthor() {
    assertThat(shown(message("bob", "hello"))).containsExactly("  12 09:30 bob: hello");
    assertThat(shown(message("ada", "hello"))).containsExactly("  12 09:30 you: hello");
    assertThat(shown(message("", "hello"))).containsExactly("  12 09:30 the server: hello");
    assertThat(view.lines(message("bob", "hello"), "#walk").get(0).toString())
        .isEqualTo("  12 09:30 [#walk] bob: hello");
  }

  @Test
  void linesStayLinesAndAreIndented() {
    assertThat(shown(message("bob", "one\r\n\ttwo\nthree")))
        .containsExactly("  12 09:30 bob: one", "         two", "     three");
  }

  @Test
  void whatItAnswersAndItsFilesAndReactionsStandAroundIt() {
    ObjectNode message = message("bob", "yes").put("edited_at", "2026-03-01T09:31:00.000Z");
    message
        .putObject("reply_preview")
        .put("seq", 3)
        .put("from", "ada")
        .put("text", "shall we\nmeet?");
    message.putArray("attachments").add("f1").add("f2");
    message.putArray("reactions").addObject().put("emoji", "👍").put("count", 2);
    assertThat(shown(message))
        .containsExactly(
            "     > 3 you: shall we meet?",
            "  12 09:30 bob: yes (edited)",
            "     [2 files: /save 12]",
            "     👍 2");
  }

  @Test
  void aDeletedMessageSaysThatItIs() {
    assertThat(shown(message("bob", "").put("deleted", true)))
        .containsExactly("  12 09:30 bob: (deleted)");
  }

  @Test
  void timesHaveTheirDayUnlessItIsToday() {
    assertThat(TIMES.of("2026-02-28T09:30:00.000Z")).isEqualTo("28 Feb 09:30");
    assertThat(TIMES.of("2025-02-28T09:30:00.000Z")).isEqualTo("28 Feb 2025 09:30");
  }

  @Test
  void instantsInSentencesOfTheServerAreTimesOfThePerson() {
    assertThat(TIMES.inText("not before 2026-03-01T18:39:33.402Z, and 2026-03-02T09:30:00Z."))
        .isEqualTo("not before 18:39, and 2 Mar 09:30.");
    assertThat(TIMES.until("2026-03-01T18:39:33.402Z")).isEqualTo(" until 18:39");
    assertThat(TIMES.until(TIMES.after(null))).isEqualTo(" for good");
  }

  @Test
  void nothingOfAMessageReachesTheTerminalAsAControl() {
    String evil = "x\u001b]0;title\u0007\u009b2J\u202Ey\r\u0008z";
    ObjectNode message = message(evil, evil);
    message.putObject("reply_preview").put("seq", 1).put("from", evil).put("text", evil);
    message.putArray("reactions").addObject().put("emoji", evil).put("count", 1);
    String plain =
        view.lines(message, evil).stream()
            .map(AttributedString::toString)
            .collect(Collectors.joining());
    assertThat(plain).contains("x ]0;title  2J y").doesNotContainPattern("[\\p{Cc}\u202E]");
    assertThat(view.glimpse(message, evil).toString()).doesNotContainPattern("[\\p{Cc}\u202E]");
  }

  @Test
  void wordsThatWereFoundAreMarkedAndWrongHighlightsDoNoHarm() {
    ObjectNode message = message("bob", "a lunch\nfor all");
    message.putArray("highlights").addObject().put("start", 2).put("end", 7);
    assertThat(ansi(view.lines(message, ""))).contains("\u001b[4;1mlunch\u001b[0m");
    message.withArray("highlights").addObject().put("start", -5).put("end", 1_000_000);
    assertThat(shown(message)).containsExactly("  12 09:30 bob: a lunch", "     for all");
  }

  @Test
  void onesOwnNameIsMarkedWhereOneIsMentioned() {
    ObjectNode message = message("bob", "hi @Ada!");
    assertThat(ansi(view.lines(message, ""))).doesNotContain("\u001b[4;1m@Ada\u001b[0m");
    message.putArray("mentions").add("ada");
    assertThat(ansi(view.lines(message, ""))).contains("\u001b[4;1m@Ada\u001b[0m");
  }

  @Test
  void noColourIsUsedIfTheEnvironmentForbidsIt() {
    ObjectNode message = message("bob", "hello");
    assertThat(ansi(view.lines(message, ""))).containsPattern("\u001b\\[3[0-9]");
    MessageView plain = new MessageView("ada", Palette.of(Map.of("NO_COLOR", "1")), TIMES);
    assertThat(ansi(plain.lines(message, ""))).doesNotContainPattern("\u001b\\[[0-9;]*3[0-9]");
    assertThat(Palette.of(Map.of("NO_COLOR", "")).wrong()).isEqualTo(new Palette(true).wrong());
  }
}
