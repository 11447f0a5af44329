package chat.engine.examples.faultcheck.check.smallest;

import chat.engine.examples.faultcheck.check.evidence.Violation;
import chat.engine.examples.faultcheck.check.evidence.Violation.Scope;
import chat.engine.examples.faultcheck.history.Event;
import chat.engine.examples.faultcheck.history.Event.Verb;
import chat.engine.examples.faultcheck.history.Fact;
import chat.engine.examples.faultcheck.history.History;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * The part of a history that a violation is about: who, where, and around which message. To be
 * asked about the events in their order. Not thread-safe.
 */
final class ScopeFilter {
  private static final int FEEDS = 13;
  private static final int BOTS = 14;
  private static final Set<Verb> CHANGES =
      Set.of(
          Verb.ADD,
          Verb.REMOVE,
          Verb.LEAVE,
          Verb.RENAME,
          Verb.GROUP,
          Verb.DIRECT,
          Verb.BAN,
          Verb.UNBAN,
          Verb.SILENCE,
          Verb.BLOCK,
          Verb.UNBLOCK,
          Verb.INVITE,
          Verb.REVOKE,
          Verb.JOIN,
          Verb.SLOW,
          Verb.ACCESS);
  private static final Set<Verb> OF_MESSAGES =
      Set.of(Verb.EDIT, Verb.UNSEND, Verb.REACT, Verb.PIN, Verb.UNPIN, Verb.EDITS);

  private final Scope scope;
  private final boolean isAboutFeeds;
  private final boolean isAboutTyping;
  private final Set<Long> ops = new HashSet<>();
  private final Map<String, String> users = new HashMap<>();
  private final Set<Fact.Message> concerned = new HashSet<>();

  ScopeFilter(History history, Violation violation) {
    scope = violation.scope();
    isAboutFeeds = violation.promise() == FEEDS || violation.promise() == BOTS;
    isAboutTyping = violation.what().contains("typing");
    history
        .events(Event.Opened.class)
        .forEach(opened -> users.put(opened.session(), opened.user()));
    history
        .facts(Fact.Message.class)
        .filter(message -> isAround(message.conversation(), message.seq()))
        .forEach(concerned::add);
  }

  boolean belongs(Event event) {
    if (event instanceof Event.Faulted
        || event instanceof Event.Died
        || event instanceof Event.Settled) {
      return true;
    } else if (event instanceof Event.Measured) {
      return false;
    } else if (event instanceof Event.Called call) {
      boolean belongs = belongs(call);
      if (belongs) {
        ops.add(call.op());
      }
      return belongs;
    } else if (event instanceof Event.Answered answer) {
      return ops.contains(answer.op());
    } else if (event instanceof Event.Delivered batch) {
      return isAboutFeeds
          && batch.conversation() == scope.conversation()
          && (scope.lastSeq() == 0
              || batch.seqs().isEmpty()
              || batch.seqs().stream().anyMatch(seq -> isAround(batch.conversation(), seq)));
    } else if (event instanceof Event.Posted post) {
      return scope.users().contains(post.hook()) && isAround(post.conversation(), post.seq());
    } else if (event instanceof Event.Asked asked) {
      return concerned.stream().anyMatch(message -> message.clientId().equals(asked.question()));
    } else if (event instanceof Event.OfSession told) {
      return isConcerned(told.session()) && belongsTold(told);
    }
    return false;
  }

  private boolean belongs(Event.Called call) {
    if (call.verb() == Verb.ERASE) {
      return call.subjects().stream().anyMatch(scope.users()::contains);
    }
    if (call.conversation() == 0 || call.conversation() != scope.conversation()) {
      return false;
    }
    if (call.verb() == Verb.TYPING) {
      return isAboutTyping;
    }
    if (CHANGES.contains(call.verb())) {
      return scope.users().isEmpty()
          || call.subjects().stream().anyMatch(scope.users()::contains)
          || call.subjects().isEmpty();
    }
    if (call.verb() == Verb.SEND) {
      return concerned.stream()
          .anyMatch(
              message ->
                  message.from().equals(call.user()) && message.clientId().equals(call.text()));
    }
    if (OF_MESSAGES.contains(call.verb())) {
      return isAround(call.conversation(), call.number())
          || (scope.lastSeq() == 0 && call.verb() == Verb.PIN);
    }
    if (call.verb() == Verb.READ
        || call.verb() == Verb.RECEIVED
        || call.verb() == Verb.PREFERENCES) {
      return scope.lastSeq() == 0 && scope.users().contains(call.user());
    }
    boolean isStream = !scope.sessions().isEmpty();
    return call.verb() == Verb.PROBE || (!isStream && scope.users().contains(call.user()));
  }

  private boolean isConcerned(String session) {
    String user = users.getOrDefault(session, "");
    if (!scope.sessions().isEmpty()) {
      return scope.sessions().contains(session)
          || (scope.conversation() == 0 && scope.users().contains(user));
    }
    return scope.users().contains(user);
  }

  private boolean belongsTold(Event.OfSession event) {
    if (event instanceof Event.MessageTold told) {
      return isAround(told.conversation(), told.seq());
    } else if (event instanceof Event.StateTold told) {
      return isAround(told.conversation(), told.seq());
    } else if (event instanceof Event.ReactionTold told) {
      return isAround(told.conversation(), told.seq());
    } else if (event instanceof Event.ForwardTold told) {
      return isAround(told.conversation(), told.seq());
    } else if (event instanceof Event.VersionTold told) {
      return isAround(told.conversation(), told.seq());
    } else if (event instanceof Event.PinTold told) {
      return told.conversation() == scope.conversation() && scope.lastSeq() == 0;
    } else if (event instanceof Event.PinsTold told) {
      return told.conversation() == scope.conversation() && scope.lastSeq() == 0;
    } else if (event instanceof Event.InviteMade made) {
      return made.conversation() == scope.conversation();
    } else if (event instanceof Event.PreferencesTold told) {
      return told.conversation() == scope.conversation() && scope.lastSeq() == 0;
    } else if (event instanceof Event.StatesForgotten forgotten) {
      return forgotten.conversation() == scope.conversation();
    } else if (event instanceof Event.Position position) {
      return position.conversation() == scope.conversation();
    } else if (event instanceof Event.ChangeTold change) {
      return change.conversation() == scope.conversation()
          && (scope.users().isEmpty()
              || change.subjects().stream().anyMatch(scope.users()::contains));
    } else if (event instanceof Event.CreatedTold created) {
      return created.conversation() == scope.conversation();
    } else if (event instanceof Event.ReceiptTold receipt) {
      return receipt.conversation() == scope.conversation()
          && scope.lastSeq() == 0
          && scope.users().contains(receipt.user());
    } else if (event instanceof Event.RosterTold) {
      return false;
    } else if (event instanceof Event.TypingTold typing) {
      return isAboutTyping && typing.conversation() == scope.conversation();
    } else if (event instanceof Event.PresenceTold presence) {
      return scope.conversation() == 0 && scope.users().contains(presence.user());
    }
    return true;
  }

  boolean belongs(Fact fact) {
    if (fact instanceof Fact.Message message) {
      return isAround(message.conversation(), message.seq());
    } else if (fact instanceof Fact.State state) {
      return isAround(state.conversation(), state.seq());
    } else if (fact instanceof Fact.Attributes attributes) {
      return isAround(attributes.conversation(), attributes.seq());
    } else if (fact instanceof Fact.Mentions mentions) {
      return isAround(mentions.conversation(), mentions.seq());
    } else if (fact instanceof Fact.Reaction reaction) {
      return isAround(reaction.conversation(), reaction.seq());
    } else if (fact instanceof Fact.Forward forward) {
      return isAround(forward.conversation(), forward.seq());
    } else if (fact instanceof Fact.Version version) {
      return isAround(version.conversation(), version.seq());
    } else if (fact instanceof Fact.Sent sent) {
      return isAround(sent.conversation(), sent.seq());
    } else if (fact instanceof Fact.Trace trace) {
      return scope.users().contains(trace.user());
    } else if (fact instanceof Fact.Pin pin) {
      return pin.conversation() == scope.conversation() && scope.lastSeq() == 0;
    } else if (fact instanceof Fact.Preferences preferences) {
      return preferences.conversation() == scope.conversation()
          && scope.users().contains(preferences.user());
    } else if (fact instanceof Fact.Ban ban) {
      return ban.conversation() == scope.conversation() && scope.users().contains(ban.user());
    } else if (fact instanceof Fact.Block block) {
      return scope.users().contains(block.user()) || scope.users().contains(block.other());
    } else if (fact instanceof Fact.Change change) {
      return change.conversation() == scope.conversation()
          && (change.subjects().stream().anyMatch(scope.users()::contains)
              || isAround(change.conversation(), change.seq()));
    } else if (fact instanceof Fact.Member member) {
      return member.conversation() == scope.conversation() && scope.users().contains(member.user());
    }
    return fact.conversation() == scope.conversation();
  }

  private boolean isAround(long conversation, long seq) {
    return conversation == scope.conversation()
        && scope.lastSeq() != 0
        && seq >= scope.firstSeq() - 1
        && seq <= scope.lastSeq() + 1;
  }
}
