package chat.engine.examples.faultcheck.check.rule;

import chat.engine.examples.faultcheck.check.evidence.Check;
import chat.engine.examples.faultcheck.check.evidence.Evidence;
import chat.engine.examples.faultcheck.check.evidence.Op;
import chat.engine.examples.faultcheck.check.evidence.Violation;
import chat.engine.examples.faultcheck.check.evidence.Violation.Scope;
import chat.engine.examples.faultcheck.history.Event;
import chat.engine.examples.faultcheck.history.Event.Outcome;
import chat.engine.examples.faultcheck.history.Event.Verb;
import chat.engine.examples.faultcheck.history.Fact;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Who joins by an invite is a member (promise 1), each joining is counted once (2), and nobody
 * comes in by an invite that is used up or revoked (7). How often an invite was used is known from
 * the log, where members joined by themselves, and from the invites that they tried.
 */
public final class InviteCheck implements Check {
  private record Key(long conversation, String invite) {}

  private record Joiner(long conversation, String user) {}

  /** How often an invite was used, for certain and at most. */
  private record Uses(long certain, long possible) {
    static final Uses NONE = new Uses(0, 0);

    Uses plus(long count, boolean isCertain) {
      return new Uses(certain + (isCertain ? count : 0), possible + count);
    }
  }

  @Override
  public void run(Evidence evidence, Consumer<Violation> violations) {
    for (Op join : evidence.ops(Verb.JOIN)) {
      if (join.ok() && !ErasedUsers.isReplacement(join.call().user())) {
        isMember(evidence, join, violations);
      }
    }
    for (Op revocation : evidence.ops(Verb.REVOKE)) {
      if (revocation.ok()) {
        revoked(evidence, revocation, violations);
      }
    }
    uses(evidence, violations);
  }

  private static void isMember(Evidence evidence, Op join, Consumer<Violation> violations) {
    long group = join.call().conversation();
    String user = join.call().user();
    boolean mayHaveGone =
        evidence.ops(Verb.REMOVE, Verb.LEAVE, Verb.BAN).stream()
            .filter(op -> op.call().conversation() == group)
            .filter(op -> op.call().subjects().contains(user))
            .anyMatch(op -> op.effectEnd() > join.call().at());
    boolean isThere =
        mayHaveGone
            ? evidence.membership(group).everyone().contains(user)
            : evidence.members(group).containsKey(user);
    if (!isThere) {
      violations.accept(
          new Violation(
              1,
              "the joining of %s was acknowledged, but they are no member".formatted(user),
              Scope.of(group).user(user)));
    }
  }

  private static void revoked(Evidence evidence, Op revocation, Consumer<Violation> violations) {
    Event.Called call = revocation.call();
    for (Op join : evidence.ops(Verb.JOIN)) {
      if (join.ok()
          && join.call().conversation() == call.conversation()
          && join.call().text().equals(call.text())
          && join.call().at() > revocation.end()) {
        violations.accept(
            new Violation(
                7,
                "%s joined by an invite that was revoked".formatted(join.call().user()),
                Scope.of(call.conversation()).user(join.call().user())));
      }
    }
  }

  private static void uses(Evidence evidence, Consumer<Violation> violations) {
    Map<Key, Uses> uses = counted(evidence);
    Map<Key, Fact.Invite> stored = new HashMap<>();
    evidence
        .history()
        .facts(Fact.Invite.class)
        .forEach(invite -> stored.put(new Key(invite.conversation(), invite.invite()), invite));
    evidence
        .history()
        .events(Event.InviteMade.class)
        .forEach(
            made -> {
              Key key = new Key(made.conversation(), made.invite());
              Uses used = uses.getOrDefault(key, Uses.NONE);
              if (made.maxUses() > 0 && used.certain() > made.maxUses()) {
                violations.accept(
                    new Violation(
                        7,
                        "%d users joined by an invite for %d"
                            .formatted(used.certain(), made.maxUses()),
                        Scope.of(made.conversation())));
              }
              Fact.Invite invite = stored.get(key);
              if (invite != null
                  && (invite.maxUses() != made.maxUses()
                      || invite.uses() < used.certain()
                      || invite.uses() > used.possible())) {
                violations.accept(
                    new Violation(
                        2,
                        "an invite for %d is stored as %s, but %d to %d users joined by it"
                            .formatted(made.maxUses(), invite, used.certain(), used.possible()),
                        Scope.of(made.conversation())));
              }
            });
  }

  private static Map<Key, Uses> counted(Evidence evidence) {
    Map<Joiner, Set<String>> tried = new HashMap<>();
    Map<Long, Set<String>> invites = new HashMap<>();
    for (Op join : evidence.ops(Verb.JOIN)) {
      if (join.outcome() != Outcome.REFUSED) {
        tried
            .computeIfAbsent(
                new Joiner(join.call().conversation(), join.call().user()), none -> new HashSet<>())
            .add(join.call().text());
      }
    }
    evidence
        .history()
        .events(Event.InviteMade.class)
        .forEach(
            made ->
                invites
                    .computeIfAbsent(made.conversation(), none -> new HashSet<>())
                    .add(made.invite()));
    Map<Key, Uses> uses = new HashMap<>();
    for (Fact.Conversation group : evidence.conversations()) {
      long id = group.conversation();
      for (Fact.Change change : evidence.membership(id).changes()) {
        if (change.kind() == Fact.Kind.ADDED && change.subjects().equals(List.of(change.actor()))) {
          // of users who were erased nobody knows what they tried
          Set<String> by =
              tried.getOrDefault(
                  new Joiner(id, change.actor()), invites.getOrDefault(id, Set.of()));
          boolean isCertain = tried.containsKey(new Joiner(id, change.actor())) && by.size() == 1;
          by.forEach(
              invite ->
                  uses.merge(
                      new Key(id, invite),
                      Uses.NONE.plus(1, isCertain),
                      (before, one) -> before.plus(1, isCertain)));
        }
      }
    }
    return uses;
  }
}
