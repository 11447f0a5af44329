package chat.engine.examples.faultcheck.check.outside;

import chat.engine.examples.faultcheck.check.FeedCheck;
import chat.engine.examples.faultcheck.check.evidence.Check;
import chat.engine.examples.faultcheck.check.evidence.Evidence;
import chat.engine.examples.faultcheck.check.evidence.Violation;
import chat.engine.examples.faultcheck.check.evidence.Violation.Scope;
import chat.engine.examples.faultcheck.history.Event;
import chat.engine.examples.faultcheck.history.Fact;
import chat.engine.examples.faultcheck.history.History;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * Promise 15: every message that is stored, and for a webhook that is told everything also every
 * change, was taken by each outgoing webhook, at least once and in the order of its conversation,
 * and was signed. What a webhook has taken is to it what a batch is to the consumer of a feed.
 */
final class WebhookCheck implements Check {
  private static final int PROMISE = 15;

  @Override
  public void run(Evidence evidence, Consumer<Violation> violations) {
    for (String hook : OutsideNames.HOOKS) {
      new FeedCheck()
          .run(
              new Evidence(taken(evidence.history(), hook)),
              broken -> violations.accept(ofHook(hook, broken)));
      evidence
          .history()
          .events(Event.Posted.class)
          .filter(post -> post.hook().equals(hook))
          .forEach(post -> checkContent(evidence, post, violations));
    }
  }

  private static Violation ofHook(String hook, Violation broken) {
    return new Violation(
        PROMISE, "webhook %s: %s".formatted(hook, broken.what()), broken.scope().user(hook));
  }

  /** What the webhook has taken as if it followed a feed. */
  private static History taken(History history, String hook) {
    List<Event> events = new ArrayList<>(List.of(new Event.Followed(0)));
    history
        .events(Event.Posted.class)
        .filter(post -> post.hook().equals(hook) && post.taken())
        .forEach(
            post ->
                events.add(
                    new Event.Delivered(
                        post.at(), hook, post.conversation(), post.at(), List.of(post.entry()))));
    List<Fact> facts =
        history.facts().stream()
            .filter(fact -> hook.equals(OutsideNames.AUDIT) || !(fact instanceof Fact.Change))
            .toList();
    return new History(events, facts);
  }

  private static void checkContent(
      Evidence evidence, Event.Posted post, Consumer<Violation> violations) {
    Fact.Message stored = evidence.messages(post.conversation()).get(post.seq());
    boolean isMessage = post.entry().startsWith(Event.Delivered.MESSAGE);
    String wrong =
        !post.signed()
            ? "with a wrong signature"
            : isMessage && stored != null && !stored.clientId().equals(post.clientId())
                ? "as what it is not: " + post.clientId()
                : null;
    if (wrong != null) {
      violations.accept(
          new Violation(
              PROMISE,
              "webhook %s was told %s %s".formatted(post.hook(), post.entry(), wrong),
              Scope.of(post.conversation()).seq(Math.max(1, post.seq())).user(post.hook())));
    }
  }
}
