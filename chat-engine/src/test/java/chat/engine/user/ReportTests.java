package chat.engine.user;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import chat.engine.ChatEngine;
import chat.engine.ChatException;
import chat.engine.ConversationId;
import chat.engine.ErrorCode;
import chat.engine.MessageEdit;
import chat.engine.NewMessage;
import chat.engine.PageQuery;
import chat.engine.Report;
import chat.engine.UserId;
import chat.engine.event.ConversationChanged;
import chat.engine.event.MessageChanged;
import chat.engine.hook.ActionHook;
import chat.engine.hook.UserAction;
import chat.engine.running.TwoNodeTest;
import chat.engine.testkit.RecordingListener;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Reports of messages, on two nodes of a store. */
@Timeout(300)
abstract class ReportTests extends TwoNodeTest {
  private static final UserId EVE = UserId.of("eve");
  private static final Duration LONG = Duration.ofSeconds(60);

  private static List<Report> reports(ChatEngine node, Report.Order order) {
    return get(node.asApplication().reports(order, PageQuery.first())).items();
  }

  @Test
  void moderatorsGetTheMessageAsItWasAndNobodyElseNotices() {
    ConversationId talk = get(north.asUser(ADA).openDirect(BOB)).id();
    RecordingListener ada = connect(south, ADA);
    long seq = get(north.asUser(ADA).send(talk, NewMessage.text("rude"))).seq();
    get(north.asUser(BOB).block(ADA));

    get(south.asUser(BOB).report(talk, seq, "insults"));
    get(north.asApplication().editMessage(talk, seq, MessageEdit.text("kind")));
    get(north.asUser(BOB).report(talk, seq, "again"));
    Report report = reports(north, Report.Order.OLDEST_OPEN_FIRST).get(0);
    assertThat(reports(south, Report.Order.NEWEST_FIRST)).containsExactly(report);
    assertThat(report.text()).isEqualTo("rude");
    assertThat(report.reason()).isEqualTo("insults");
    assertThat(report.author()).isEqualTo(ADA);
    assertThat(report.reporter()).isEqualTo(BOB);
    assertThat(report.reportedAt()).isAfterOrEqualTo(report.sentAt());

    Report decided =
        get(
            south
                .asApplication()
                .decideReport(report.id(), Report.Status.ACTIONED, "she was warned"));
    assertThat(decided.status()).isEqualTo(Report.Status.ACTIONED);
    assertThat(reports(north, Report.Order.OLDEST_OPEN_FIRST)).isEmpty();
    assertThat(reports(north, Report.Order.NEWEST_FIRST)).containsExactly(decided);
    await().atMost(LONG).until(() -> !ada.events(MessageChanged.class).isEmpty());
    assertThat(ada.events(ConversationChanged.class)).isEmpty();

    get(north.asApplication().removeReport(report.id()));
    get(north.asApplication().removeReport(report.id()));
    assertThat(reports(south, Report.Order.NEWEST_FIRST)).isEmpty();
    assertRefused(
        north.asApplication().decideReport(report.id(), Report.Status.DISMISSED, null),
        ErrorCode.NOT_FOUND);
  }

  @Test
  void whatCannotBeReportedIsRefused() {
    List<UserAction> asked = new CopyOnWriteArrayList<>();
    ChatEngine node =
        node(
            network.join(),
            settings ->
                settings
                    .maxOpenReports(1)
                    .actionHook(
                        ActionHook.blocking(
                            action -> {
                              asked.add(action);
                              if (action instanceof UserAction.ReportMessage report
                                  && report.reason().equals("no")) {
                                throw ChatException.forbidden("not now");
                              }
                            })));
    ConversationId group = get(node.asUser(ADA).createGroup("hikers", Set.of(BOB))).id();
    get(node.asUser(ADA).send(group, NewMessage.text("one")));
    get(node.asUser(ADA).send(group, NewMessage.text("two")));
    get(node.asUser(ADA).send(group, NewMessage.text("three")));
    get(node.asUser(ADA).deleteMessage(group, 3));
    assertRefused(node.asUser(ADA).report(group, 1, "mine"), ErrorCode.BAD_REQUEST);
    assertRefused(node.asUser(EVE).report(group, 1, "stranger"), ErrorCode.NOT_FOUND);
    assertRefused(node.asUser(BOB).report(group, 4, "none"), ErrorCode.NOT_FOUND);
    assertRefused(node.asUser(BOB).report(group, 3, "deleted"), ErrorCode.CONFLICT);
    for (String wrong : List.of("", " ", "x".repeat(1_001), "\u0000")) {
      assertRefused(node.asUser(BOB).report(group, 1, wrong), ErrorCode.BAD_REQUEST);
    }
    assertRefused(node.asUser(BOB).report(group, 1, "no"), ErrorCode.FORBIDDEN);
    get(node.asUser(BOB).report(group, 1, "x".repeat(1_000)));
    assertRefused(node.asUser(BOB).report(group, 2, "too many"), ErrorCode.TOO_LARGE);
    assertThat(asked)
        .filteredOn(UserAction.ReportMessage.class::isInstance)
        .noneMatch(action -> action.actor().equals(EVE));
  }
}
