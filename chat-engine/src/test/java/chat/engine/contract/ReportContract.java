package chat.engine.contract;

import static org.assertj.core.api.Assertions.assertThat;

import chat.engine.ConversationId;
import chat.engine.Message;
import chat.engine.Report;
import chat.engine.ReportId;
import chat.engine.UserId;
import chat.engine.spi.AppendOutcome.Changed;
import chat.engine.spi.MessageStore;
import chat.engine.spi.ReportStore;
import chat.engine.spi.ReportStore.Outcome;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Reports of messages: what they keep, and how moderators find them. */
interface ReportContract extends StoreTests {
  int MANY_REPORTS = 1_000;
  int REPORT_RACES = 200;

  private ReportStore reports() {
    return chat().store().reports();
  }

  private ReportId reportId() {
    return ReportId.of(chat().drafts().id().value());
  }

  private Outcome report(ConversationId conversation, long seq, UserId reporter) {
    return report(reportId(), conversation, seq, reporter, MANY_REPORTS);
  }

  private Outcome report(
      ReportId id, ConversationId conversation, long seq, UserId reporter, int most) {
    return reports()
        .report(id, conversation, seq, reporter, "it is rude", most, chat().drafts().now());
  }

  /** All reports about a conversation, as another node lists them. */
  private List<Report> about(ConversationId conversation) {
    return chat()
        .anotherNode()
        .reports()
        .page(Report.Order.NEWEST_FIRST, null, Integer.MAX_VALUE)
        .stream()
        .filter(report -> report.conversation().equals(conversation))
        .toList();
  }

  @Test
  default void aReportKeepsTheMessageAsItWas() {
    UserId ada = chat().user("ada");
    UserId bob = chat().user("bob");
    ConversationId group = chat().group(ada, bob);
    Message sent = chat().send(group, ada, 2).get(1);
    assertThat(chat().append(chat().drafts().edit(group, 2, ada, "rude")))
        .isInstanceOf(Changed.class);
    Message edited = chat().messages(group).get(1);
    ReportId id = reportId();
    Instant now = chat().drafts().now();
    long rev = chat().rev(group);

    assertThat(reports().report(id, group, 2, bob, "rude words", MANY_REPORTS, now))
        .isEqualTo(Outcome.REPORTED);
    Report expected =
        new Report(
            id,
            group,
            2,
            sent.id(),
            ada,
            "rude",
            sent.attributes(),
            sent.createdAt(),
            edited.editedAt(),
            bob,
            "rude words",
            now,
            Report.Status.OPEN,
            null,
            null);
    assertThat(about(group)).containsExactly(expected);
    assertThat(chat().rev(group)).as("a report is no change").isEqualTo(rev);

    chat().append(chat().drafts().edit(group, 2, ada, "kind"));
    chat().append(chat().drafts().deletion(group, 2, ada));
    assertThat(about(group)).containsExactly(expected);
    assertThat(report(group, 2, bob))
        .as("again, of what is deleted now")
        .isEqualTo(Outcome.REPEATED);
    assertThat(about(group)).containsExactly(expected);
  }

  @Test
  default void whatCannotBeReportedIsRefused() {
    UserId ada = chat().user("ada");
    UserId bob = chat().user("bob");
    UserId eve = chat().user("eve");
    ConversationId group = chat().group(ada, bob);
    chat().send(group, ada, 3);
    assertThat(report(group, 1, eve)).isEqualTo(Outcome.NOT_MEMBER);
    assertThat(report(chat().drafts().conversationId(), 1, bob)).isEqualTo(Outcome.NOT_MEMBER);
    for (long seq : new long[] {Long.MIN_VALUE, -1, 0, 4, Long.MAX_VALUE}) {
      assertThat(report(group, seq, bob)).as("seq " + seq).isEqualTo(Outcome.NO_SUCH_MESSAGE);
    }
    assertThat(report(group, 1, ada)).isEqualTo(Outcome.OWN);
    chat().append(chat().drafts().deletion(group, 1, ada));
    assertThat(report(group, 1, bob)).isEqualTo(Outcome.WAS_DELETED);
    assertThat(report(reportId(), group, 2, bob, 1)).isEqualTo(Outcome.REPORTED);
    assertThat(report(reportId(), group, 3, bob, 1)).isEqualTo(Outcome.TOO_MANY);
    assertThat(report(reportId(), group, 2, bob, 1)).isEqualTo(Outcome.REPEATED);
    assertThat(about(group)).hasSize(1);
    ReportId first = about(group).get(0).id();
    reports().decide(first, Report.Status.DISMISSED, null, chat().drafts().now());
    assertThat(report(reportId(), group, 3, bob, 1))
        .as("what was decided does not count")
        .isEqualTo(Outcome.REPORTED);
    chat().change(group, StoreFixture.removed(bob));
    assertThat(report(group, 2, bob)).isEqualTo(Outcome.NOT_MEMBER);
  }

  @Test
  default void moderatorsReadReportsInPagesAndDecide() {
    UserId ada = chat().user("ada");
    UserId bob = chat().user("bob");
    UserId cleo = chat().user("cleo");
    ConversationId group = chat().group(ada, bob, cleo);
    chat().send(group, ada, 3);
    ReportId before = reportId();
    ReportId one = reportId();
    ReportId two = reportId();
    ReportId three = reportId();
    report(one, group, 1, bob, MANY_REPORTS);
    report(two, group, 1, cleo, MANY_REPORTS);
    report(three, group, 3, bob, MANY_REPORTS);
    ReportStore other = chat().anotherNode().reports();

    assertThat(other.page(Report.Order.NEWEST_FIRST, null, 2))
        .extracting(Report::id)
        .containsExactly(three, two);
    assertThat(other.page(Report.Order.NEWEST_FIRST, two, 1))
        .extracting(Report::id)
        .containsExactly(one);
    assertThat(other.page(Report.Order.OLDEST_OPEN_FIRST, before, 9))
        .extracting(Report::id)
        .containsExactly(one, two, three);

    Instant at = chat().drafts().now();
    Report decided = other.decide(two, Report.Status.ACTIONED, "she was warned", at).orElseThrow();
    assertThat(decided.status()).isEqualTo(Report.Status.ACTIONED);
    assertThat(decided.note()).isEqualTo("she was warned");
    assertThat(decided.decidedAt()).isEqualTo(at);
    assertThat(about(group)).contains(decided);
    assertThat(other.page(Report.Order.OLDEST_OPEN_FIRST, before, 9))
        .extracting(Report::id)
        .containsExactly(one, three);
    assertThat(other.page(Report.Order.OLDEST_OPEN_FIRST, two, 9))
        .as("behind one that is not open any more")
        .extracting(Report::id)
        .containsExactly(three);
    assertThat(other.decide(two, Report.Status.OPEN, null, at).orElseThrow().note()).isNull();
    assertThat(other.page(Report.Order.OLDEST_OPEN_FIRST, before, 9)).hasSize(3);
    assertThat(other.decide(reportId(), Report.Status.DISMISSED, null, at)).isEmpty();

    assertThat(other.remove(one)).isTrue();
    assertThat(other.remove(one)).isFalse();
    assertThat(about(group)).extracting(Report::id).containsExactly(three, two);
  }

  @Test
  default void theReportsOfAUserInAConversationAreRead() {
    UserId ada = chat().user("ada");
    UserId bob = chat().user("bob");
    UserId cleo = chat().user("cleo");
    ConversationId group = chat().group(ada, bob, cleo);
    ConversationId another = chat().group(ada, bob);
    chat().send(group, ada, 4);
    chat().send(another, ada, 1);
    for (long seq : new long[] {3, 1, 4}) {
      report(group, seq, bob);
    }
    report(group, 2, cleo);
    report(another, 1, bob);
    ReportStore other = chat().anotherNode().reports();
    reports()
        .decide(
            other.by(bob, group, 0, 1).get(0).id(),
            Report.Status.DISMISSED,
            null,
            chat().drafts().now());
    chat().change(group, StoreFixture.removed(bob));

    assertThat(other.by(bob, group, 0, 2)).extracting(Report::seq).containsExactly(1L, 3L);
    assertThat(other.by(bob, group, 3, 2)).extracting(Report::seq).containsExactly(4L);
    assertThat(other.by(bob, group, 4, 2)).isEmpty();
    assertThat(other.by(bob, another, 0, 2)).containsExactlyElementsOf(about(another)).hasSize(1);
    assertThat(other.by(ada, group, 0, 2)).as("the author has reported nothing").isEmpty();
  }

  @Test
  default void aDeletedConversationLeavesNoReports() {
    UserId ada = chat().user("ada");
    UserId bob = chat().user("bob");
    ConversationId group = chat().group(ada, bob);
    chat().send(group, ada, 1);
    report(group, 1, bob);
    chat().conversations().delete(group, UserId.SYSTEM, chat().drafts().now());
    assertThat(about(group)).isEmpty();
    assertThat(report(group, 1, bob)).isEqualTo(Outcome.NOT_MEMBER);
  }

  @Test
  @Tag(Together.TAG)
  default void ofReportsAtTheSameTimeOneIsKeptAndADeletionTakesItAlong() throws Exception {
    UserId ada = chat().user("ada");
    UserId bob = chat().user("bob");
    MessageStore other = chat().anotherNode();
    for (int round = 0; round < REPORT_RACES; round++) {
      ConversationId group = chat().group(ada, bob);
      chat().send(group, ada, 1);
      boolean deleted = round % 2 == 1;
      Instant now = chat().drafts().now();
      ReportId here = reportId();
      ReportId there = reportId();
      List<Object> outcomes =
          Together.run(
              3,
              task ->
                  () ->
                      switch (task) {
                        case 0 -> reports().report(here, group, 1, bob, "a", MANY_REPORTS, now);
                        case 1 ->
                            other.reports().report(there, group, 1, bob, "b", MANY_REPORTS, now);
                        default ->
                            deleted
                                ? other.conversations().delete(group, UserId.SYSTEM, now)
                                : group;
                      });
      if (deleted) {
        assertThat(about(other, here, there)).as("round " + round).isEmpty();
      } else {
        assertThat(outcomes.subList(0, 2))
            .as("round " + round)
            .containsExactlyInAnyOrder(Outcome.REPORTED, Outcome.REPEATED);
        assertThat(about(other, here, there)).hasSize(1);
      }
    }
  }

  /** Of two reports of which the second has the higher id, those that are there. */
  private static List<Report> about(MessageStore node, ReportId lower, ReportId higher) {
    return node
        .reports()
        .page(Report.Order.OLDEST_OPEN_FIRST, ReportId.of(lower.value() - 1), 9)
        .stream()
        .filter(report -> report.id().equals(lower) || report.id().equals(higher))
        .toList();
  }
}
