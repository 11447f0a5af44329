package chat.engine.examples.faultcheck.check;

import static chat.engine.examples.faultcheck.check.Story.ADA;
import static chat.engine.examples.faultcheck.check.Story.BOB;
import static chat.engine.examples.faultcheck.check.Story.GROUP;
import static org.assertj.core.api.Assertions.assertThat;

import chat.engine.examples.faultcheck.check.evidence.Violation;
import chat.engine.examples.faultcheck.check.smallest.Reduction;
import chat.engine.examples.faultcheck.check.smallest.SmallestHistory;
import chat.engine.examples.faultcheck.history.Event;
import chat.engine.examples.faultcheck.history.Event.How;
import chat.engine.examples.faultcheck.history.Event.Outcome;
import chat.engine.examples.faultcheck.history.Event.Verb;
import chat.engine.examples.faultcheck.history.Fact;
import chat.engine.examples.faultcheck.history.History;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/** Long histories with one falsified place, and what is left of them. */
final class SmallestHistoryTest {
  private static final BooleanSupplier NEVER = () -> false;
  private static final int MESSAGES = 40;

  /** Ada writes, everybody is told, and other things happen. */
  private static Story busy() {
    Story story = new Story().open(ADA, "n0.1").open(BOB, "n1.1").open("cleo#1", "n0.1");
    story.sync(ADA, 0, 0).sync(BOB, 0, 0).syncNothing("cleo#1");
    for (int seq = 1; seq <= MESSAGES; seq++) {
      story.send(ADA, "a" + seq, seq);
      if (seq == MESSAGES / 2) {
        story.fault(true).fault(false);
      }
      tell(story, seq);
      story.presence("cleo#1", How.LIVE, "ada", seq % 2 == 0);
    }
    return story;
  }

  private static void tell(Story story, int seq) {
    story.told(BOB, seq, "ada", "a" + seq);
  }

  private static Story stored(Story story) {
    story.stored(MESSAGES, 0).storedMember("ada", 0).storedMember("bob", 0);
    for (int seq = 1; seq <= MESSAGES; seq++) {
      story.storedMessage(seq, "ada", "a" + seq, 0);
    }
    return story;
  }

  /** Without an event, or without the whole call that it belongs to. */
  private static History without(History history, Event event) {
    List<Event> rest = new ArrayList<>(history.events());
    rest.removeIf(one -> one == event || (op(event) != 0 && op(one) == op(event)));
    return new History(rest, history.facts());
  }

  private static long op(Event event) {
    return event instanceof Event.OfCall part ? part.op() : 0;
  }

  private static Violation only(History history) {
    List<Violation> found = Checks.run(history);
    assertThat(found).hasSize(1);
    return found.get(0);
  }

  private static List<Event> reduced(History history, Violation violation) {
    List<Event> rest = Reduction.of(history, violation, Checks::run, NEVER);
    assertThat(Checks.run(new History(rest, history.facts()))).contains(violation);
    assertThat(history.events()).containsSubsequence(rest);
    assertThat(Reduction.of(history, violation, Checks::run, NEVER)).isEqualTo(rest);
    return rest;
  }

  /** No event, and no call, can be taken out any more. */
  private static void isMinimal(History history, List<Event> rest, Violation violation) {
    History small = new History(rest, history.facts());
    for (Event event : rest) {
      assertThat(foundIn(without(small, event))).as("without %s", event).doesNotContain(violation);
    }
  }

  private static List<Violation> foundIn(History history) {
    try {
      return Checks.run(history);
    } catch (RuntimeException senseless) {
      return List.of();
    }
  }

  // ---- what is left

  @Test
  void ofAMessageThatIsToldTwiceTheStreamUpToItIsLeft() {
    Story story = busy();
    story.told(BOB, MESSAGES, "ada", "a" + MESSAGES);
    History history = stored(story.settle()).history();
    Violation violation = only(history);
    List<Event> rest = reduced(history, violation);
    isMinimal(history, rest, violation);
    assertThat(history.events()).hasSizeGreaterThan(150);
    assertThat(rest).hasSizeLessThan(12);
    assertThat(rest.stream().filter(Event.MessageTold.class::isInstance)).hasSize(2);
  }

  @Test
  void ofASendThatIsNotStoredTheCallAndItsAnswerAreLeft() {
    Story story = busy();
    story.send(ADA, "lost", MESSAGES + 1);
    History history = stored(story.settle()).history();
    Violation violation =
        Checks.run(history).stream().filter(one -> one.promise() == 1).findFirst().orElseThrow();
    List<Event> rest = reduced(history, violation);
    isMinimal(history, rest, violation);
    assertThat(rest)
        .hasSize(2)
        .anyMatch(event -> event instanceof Event.Called call && call.text().equals("lost"))
        .anyMatch(
            event -> event instanceof Event.Answered answer && answer.outcome() == Outcome.OK);
  }

  @Test
  void aPageThatLeavesAMessageOutStaysAsItIsAndAFullOneIsNotMadeToLookLikeIt() {
    Story story = busy();
    story.history(BOB, 0, "ada", "a1", 1); // begins as it should
    long op = story.call(BOB, Verb.HISTORY, GROUP, 1, List.of(), "");
    for (long seq : List.of(2, 3, 5)) { // 4 is missing
      story.add(at -> page(at, op, seq));
    }
    story.answer(op, BOB, Outcome.OK, 1, 0, false);
    long full = story.call(BOB, Verb.HISTORY, GROUP, 1, List.of(), "");
    for (long seq : List.of(2, 3, 4, 5)) {
      story.add(at -> page(at, full, seq));
    }
    story.answer(full, BOB, Outcome.OK, 1, 0, false);
    History history = stored(story.settle()).history();
    Violation violation =
        Checks.run(history).stream()
            .filter(one -> one.what().contains("message 4 "))
            .findFirst()
            .orElseThrow();
    List<Event> rest = reduced(history, violation);
    assertThat(rest).noneMatch(event -> op(event) == full);
    assertThat(rest.stream().filter(event -> op(event) == op).count())
        .as("the call, all of its items and its end")
        .isEqualTo(5);
  }

  private static Event page(long at, long op, long seq) {
    return new Event.MessageTold(
        at, BOB, op, How.ANSWER, GROUP, seq, Story.id(seq), "ada", "a" + seq);
  }

  @Test
  void whatASessionWasToldLastIsLeftAndNothingOlderInItsPlace() {
    Story story = new Story().open(BOB, "n0.1");
    for (boolean online : List.of(false, true, false)) {
      story.presence(BOB, How.LIVE, "ada", online);
    }
    History history = story.settle().history();
    Violation violation =
        new Violation(12, "bob is wrong", Violation.Scope.of(0).user("ada").session(BOB));
    Function<History, List<Violation>> check =
        checked -> {
          List<Event.PresenceTold> told = checked.events(Event.PresenceTold.class).toList();
          boolean isFound =
              checked.events(Event.Opened.class).findAny().isPresent()
                  && !told.isEmpty()
                  && !told.get(told.size() - 1).online();
          return isFound ? List.of(violation) : List.of();
        };
    assertThat(Reduction.of(history, violation, check, NEVER))
        .containsExactly(history.events().get(0), history.events().get(3));
  }

  @Test
  void whatCanBeTakenOutOnlyWhenSomethingLaterIsGoneIsTakenOut() {
    History history = new Story().open(ADA, "n0.1").close(ADA).settle().history();
    Violation violation = new Violation(3, "any", Violation.Scope.of(0).session(ADA));
    Function<History, List<Violation>> check =
        checked -> {
          boolean isFound =
              checked.events(Event.Settled.class).findAny().isPresent()
                  && (checked.events(Event.Opened.class).findAny().isPresent()
                      || checked.events(Event.Closed.class).findAny().isEmpty());
          return isFound ? List.of(violation) : List.of();
        };
    assertThat(Reduction.of(history, violation, check, NEVER))
        .containsExactly(history.events().get(2));
  }

  @Test
  void anotherViolationOfThePromiseDoesNotTakeThePlaceOfTheOne() {
    Story story = busy();
    story.told(BOB, MESSAGES, "ada", "a" + MESSAGES).told(BOB, 3, "ada", "a3");
    History history = stored(story.settle()).history();
    List<Violation> both = Checks.run(history);
    assertThat(both).hasSize(2).extracting(Violation::promise).containsOnly(both.get(0).promise());
    List<Event> first = reduced(history, both.get(0));
    List<Event> second = reduced(history, both.get(1));
    isMinimal(history, first, both.get(0));
    isMinimal(history, second, both.get(1));
    assertThat(first).isNotEqualTo(second);
  }

  // ---- the bounds of the reduction

  @Test
  void whenTimeIsOverItIsContentWithWhatItHas() {
    Story story = busy();
    story.told(BOB, MESSAGES, "ada", "a" + MESSAGES);
    History history = stored(story.settle()).history();
    Violation violation = only(history);
    AtomicInteger runs = new AtomicInteger();
    List<Event> none =
        Reduction.of(
            history,
            violation,
            checked -> {
              runs.incrementAndGet();
              return Checks.run(checked);
            },
            () -> true);
    assertThat(none).isEqualTo(history.events());
    assertThat(runs).hasValue(0);
    AtomicInteger asked = new AtomicInteger();
    List<Event> some =
        Reduction.of(history, violation, Checks::run, () -> asked.incrementAndGet() > 3);
    assertThat(some).hasSizeLessThan(history.events().size());
    assertThat(Checks.run(new History(some, history.facts()))).contains(violation);
  }

  @Test
  void aHistoryThatNoRunCouldHaveIsNoneThatShowsAnything() {
    History history = busy().settle().history();
    Violation violation = new Violation(3, "any", Violation.Scope.of(GROUP));
    List<Event> rest =
        Reduction.of(
            history,
            violation,
            checked -> {
              if (checked.events().stream().noneMatch(Event.Settled.class::isInstance)) {
                throw new IllegalStateException("on purpose");
              }
              return List.of(violation);
            },
            NEVER);
    assertThat(rest).singleElement().isInstanceOf(Event.Settled.class);
  }

  // ---- what is printed

  @Test
  void theLinesHaveTheEventsThatAreLeftTheFaultsAndWhatIsStoredOfThem() {
    Story story = busy();
    story.told(BOB, MESSAGES, "ada", "a" + MESSAGES);
    History history = stored(story.settle()).fact(new Fact.Block(0, "x", "y")).history();
    List<String> lines = SmallestHistory.of(history, only(history), Checks::run, NEVER);
    assertThat(lines)
        .hasSizeLessThan(25)
        .anyMatch(line -> line.contains("MessageTold[session=bob#1") && line.contains("seq=40"))
        .anyMatch(line -> line.contains("Faulted"))
        .anyMatch(line -> line.contains("stored  Message") && line.contains("seq=40"))
        .noneMatch(line -> line.contains("cleo"))
        .noneMatch(line -> line.contains("seq=20,"));
  }
}
