package chat.engine.examples.faultcheck.check.outside;

import static chat.engine.examples.faultcheck.check.outside.OutsideNames.AUDIT;
import static chat.engine.examples.faultcheck.check.outside.OutsideNames.DESK;
import static chat.engine.examples.faultcheck.check.outside.OutsideNames.HELPER;
import static chat.engine.examples.faultcheck.check.outside.OutsideNames.MESSAGES;
import static org.assertj.core.api.Assertions.assertThat;

import chat.engine.examples.faultcheck.check.evidence.Violation;
import chat.engine.examples.faultcheck.check.smallest.SmallestHistory;
import chat.engine.examples.faultcheck.history.Event;
import chat.engine.examples.faultcheck.history.Event.Outcome;
import chat.engine.examples.faultcheck.history.Event.Verb;
import chat.engine.examples.faultcheck.history.Fact;
import chat.engine.examples.faultcheck.history.History;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongFunction;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/**
 * In the direct conversation 100 of ada with the helper: her question 1, the answer 2, and the
 * change 1, by which it got its text; in the group 200: the question 1, which mentions the desk,
 * and the answer 2.
 */
final class OutsideChecksTest {
  private static final long DIRECT = 100;
  private static final long GROUP = 200;

  private final List<Event> events = new ArrayList<>();
  private final List<Fact> facts = new ArrayList<>();
  private long now;

  OutsideChecksTest() {
    facts.add(new Fact.Conversation(DIRECT, false, "-", 2, 1));
    member(DIRECT, "ada");
    member(DIRECT, HELPER);
    facts.add(new Fact.Conversation(GROUP, true, "friends", 2, 0));
    List.of("ada", HELPER, DESK).forEach(name -> member(GROUP, name));
    message(DIRECT, 1, "ada", "a1", "a1 please");
    message(DIRECT, 2, HELPER, "bot:1:0", OutsideNames.answer(HELPER, "a1"));
    facts.add(new Fact.Attributes(DIRECT, 2, "{\"bot\":{\"answer_to\":1}}"));
    facts.add(new Fact.Change(DIRECT, 1, 2, Fact.Kind.MESSAGE_EDITED, List.of(), HELPER, 2));
    message(GROUP, 1, "ada", "a2", "a2 please");
    facts.add(new Fact.Mentions(GROUP, 1, List.of(DESK)));
    message(GROUP, 2, DESK, "bot:1:0", OutsideNames.answer(DESK, "a2"));

    sent(DIRECT, "a1", 1);
    post(AUDIT, DIRECT, "m1", 1, "a1");
    post(MESSAGES, DIRECT, "m1", 1, "a1");
    asked(HELPER, "a1", 0, true);
    post(AUDIT, DIRECT, "m2", 2, "bot:1:0");
    post(AUDIT, DIRECT, "c1", 2, "");
    post(MESSAGES, DIRECT, "m2", 2, "bot:1:0");
    sent(GROUP, "a2", 1);
    asked(DESK, "a2", 1, true);
    List.of(AUDIT, MESSAGES)
        .forEach(
            hook -> {
              post(hook, GROUP, "m1", 1, "a2");
              post(hook, GROUP, "m2", 2, "bot:1:0");
            });
  }

  private void member(long conversation, String user) {
    facts.add(new Fact.Member(conversation, user, "M", 0, 0));
  }

  private void message(long conversation, long seq, String from, String clientId, String text) {
    facts.add(new Fact.Message(conversation, seq, 1_000 + seq, from, clientId, 0));
    facts.add(new Fact.State(conversation, seq, 0, text, "-"));
  }

  private void add(LongFunction<Event> event) {
    now += 100_000;
    events.add(event.apply(now));
  }

  private void sent(long conversation, String clientId, long seq) {
    long op = now + 1;
    add(
        at ->
            new Event.Called(
                at, op, "ada#1", "ada", Verb.SEND, conversation, 0, List.of(), clientId));
    add(at -> new Event.Answered(at, op, "ada#1", Outcome.OK, seq, 1_000 + seq, false, ""));
  }

  private void post(String hook, long conversation, String entry, long seq, String clientId) {
    add(at -> new Event.Posted(at, hook, conversation, entry, seq, clientId, true, true));
  }

  private void asked(String bot, String question, int attempt, boolean answered) {
    add(at -> new Event.Asked(at, at - 1, bot, question, attempt, true, answered));
  }

  private void fault(boolean begins) {
    add(at -> new Event.Faulted(at, "node-stop", begins, "n0"));
  }

  private <E extends Event> OutsideChecksTest change(
      Class<E> kind, Predicate<E> which, UnaryOperator<E> change) {
    List<Integer> found = new ArrayList<>();
    for (int i = 0; i < events.size(); i++) {
      if (kind.isInstance(events.get(i)) && which.test(kind.cast(events.get(i)))) {
        found.add(i);
      }
    }
    assertThat(found).isNotEmpty();
    events.set(found.get(0), change.apply(kind.cast(events.get(found.get(0)))));
    return this;
  }

  private void remove(Predicate<Object> line) {
    assertThat(events.removeIf(line) | facts.removeIf(line)).isTrue();
  }

  private void says(long conversation, long seq, String text) {
    remove(
        line ->
            line instanceof Fact.State state
                && state.conversation() == conversation
                && state.seq() == seq);
    facts.add(new Fact.State(conversation, seq, 0, text, "-"));
  }

  private static Predicate<Object> postOf(String hook, long conversation, String entry) {
    return line ->
        line instanceof Event.Posted post
            && post.hook().equals(hook)
            && post.conversation() == conversation
            && post.entry().equals(entry);
  }

  private History history() {
    return new History(events, facts);
  }

  private List<String> broken() {
    return OutsideChecks.run(history()).stream()
        .map(violation -> violation.promise() + " " + violation.what())
        .toList();
  }

  @Test
  void whatIsToldAndAnsweredOncePasses() {
    assertThat(broken()).isEmpty();
  }

  @Test
  void repeatsAndRefusedPostsPass() {
    add(at -> new Event.Posted(at, AUDIT, DIRECT, "m1", 1, "a1", true, true));
    add(at -> new Event.Posted(at, AUDIT, DIRECT, "m2", 2, "bot:1:0", true, false));
    assertThat(broken()).isEmpty();
  }

  @Test
  void anAcknowledgedMessageThatIsNotStoredBreaksPromise1() {
    sent(GROUP, "a3", 3);
    assertThat(broken()).containsExactly("1 a3 was acknowledged as message 3, which is null");
  }

  @Test
  void aMessageThatAWebhookWasNotToldBreaksPromise15() {
    remove(postOf(MESSAGES, DIRECT, "m2"));
    assertThat(broken())
        .containsExactly("15 webhook messages: 1 entries were not delivered, from m2 on");
  }

  @Test
  void aMessageThatAWebhookHasOnlyRefusedBreaksPromise15() {
    change(
        Event.Posted.class,
        postOf(AUDIT, GROUP, "m2")::test,
        post -> new Event.Posted(post.at(), AUDIT, GROUP, "m2", 2, "bot:1:0", true, false));
    assertThat(broken())
        .containsExactly("15 webhook audit: 1 entries were not delivered, from m2 on");
  }

  @Test
  void messagesInAnotherOrderBreakPromise15() {
    Event first = events.stream().filter(postOf(AUDIT, GROUP, "m1")).findFirst().orElseThrow();
    remove(first::equals);
    add(at -> new Event.Posted(at, AUDIT, GROUP, "m1", 1, "a2", true, true));
    assertThat(broken()).singleElement().asString().contains("given m2 where m1 was due");
  }

  @Test
  void aChangeThatIsNotToldBreaksPromise15() {
    remove(postOf(AUDIT, DIRECT, "c1"));
    assertThat(broken())
        .containsExactly("15 webhook audit: 1 entries were not delivered, from c1 on");
  }

  @Test
  void aWrongSignatureBreaksPromise15AsDoesAnotherMessage() {
    add(at -> new Event.Posted(at, AUDIT, GROUP, "m1", 1, "a2", false, true));
    add(at -> new Event.Posted(at, MESSAGES, GROUP, "m1", 1, "a9", true, true));
    assertThat(broken())
        .containsExactly(
            "15 webhook audit was told m1 with a wrong signature",
            "15 webhook messages was told m1 as what it is not: a9");
  }

  @Test
  void aQuestionWithoutAnAnswerBreaksPromise16() {
    remove(
        line ->
            line instanceof Fact.Message message
                && message.conversation() == GROUP
                && message.seq() == 2);
    assertThat(broken()).contains("16 message 1 of ada has 0 answers of desk");
  }

  @Test
  void aSecondAnswerBreaksPromise16() {
    message(DIRECT, 3, HELPER, "bot:1:1", OutsideNames.answer(HELPER, "a1"));
    List.of(AUDIT, MESSAGES).forEach(hook -> post(hook, DIRECT, "m3", 3, "bot:1:1"));
    assertThat(broken()).containsExactly("16 message 1 of ada has 2 answers of helper");
  }

  @Test
  void anAnswerThatNobodyAskedForBreaksPromise16() {
    message(DIRECT, 3, HELPER, "bot:2:0", "hello");
    List.of(AUDIT, MESSAGES).forEach(hook -> post(hook, DIRECT, "m3", 3, "bot:2:0"));
    assertThat(broken()).singleElement().asString().contains("answers nothing");
  }

  @Test
  void anAnswerThatIsCutOrStillBeingWrittenBreaksPromise16() {
    says(DIRECT, 2, "helper on a1: one");
    assertThat(broken())
        .containsExactly("16 message 1 of ada is answered by helper with: helper on a1: one");
    remove(Fact.Attributes.class::isInstance);
    facts.add(new Fact.Attributes(DIRECT, 2, "{\"bot\":{\"answer_to\":1,\"writing\":true}}"));
    assertThat(broken()).singleElement().asString().contains("writing");
  }

  @Test
  void theSentencePassesAfterThreeAttemptsThatFailed() {
    says(GROUP, 2, OutsideNames.SENTENCE);
    remove(line -> line instanceof Event.Asked ask && ask.bot().equals(DESK));
    asked(DESK, "a2", 1, false);
    asked(DESK, "a2", 2, false);
    assertThat(broken())
        .containsExactly("16 message 1 of ada was given up by desk after 2 attempts");
    asked(DESK, "a2", 3, false);
    assertThat(broken()).isEmpty();
  }

  @Test
  void theSentenceInPlaceOfAnAnswerPassesOnlyIfANodeFailedMeanwhile() {
    says(GROUP, 2, OutsideNames.SENTENCE);
    asked(DESK, "a2", 2, false);
    asked(DESK, "a2", 3, true);
    assertThat(broken())
        .containsExactly("16 message 1 of ada was given up by desk, which had answered");
    events.add(0, new Event.Faulted(1, "node-stop", true, "n0"));
    fault(false);
    assertThat(broken()).isEmpty();
  }

  @Test
  void aFourthAttemptBreaksPromise16AsDoesAWrongKey() {
    asked(DESK, "a2", 4, true);
    add(at -> new Event.Asked(at, at - 1, HELPER, "a1", 0, false, true));
    assertThat(broken())
        .containsExactlyInAnyOrder(
            "16 message 1 of ada was asked of desk as attempt 4",
            "16 message 1 of ada was asked of helper with a wrong signature");
  }

  @Test
  void theSmallestHistoryHasTheCallThatIsWrongAndNoOther() {
    asked(DESK, "a2", 4, true);
    Violation violation = OutsideChecks.run(history()).get(0);
    assertThat(SmallestHistory.of(history(), violation, OutsideChecks::run, () -> false))
        .anyMatch(line -> line.contains("Asked[") && line.contains("attempt=4"))
        .noneMatch(line -> line.contains("a1"))
        .noneMatch(line -> line.contains("Posted["));
  }
}
