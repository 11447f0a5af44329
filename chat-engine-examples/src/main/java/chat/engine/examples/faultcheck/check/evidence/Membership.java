package chat.engine.examples.faultcheck.check.evidence;

import chat.engine.examples.faultcheck.history.Fact;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Who was a member of one conversation at which message, from the log of its changes and its
 * members at the end: a change takes effect after the message {@code atSeq} and before the next.
 */
public final class Membership {
  private final List<Fact.Change> changes;
  private final Set<String> founders;
  private final Set<String> everyone;

  Membership(List<Fact.Change> log, Set<String> membersAtEnd) {
    changes = new ArrayList<>(log);
    changes.sort(Comparator.comparingLong(Fact.Change::rev));
    Map<String, Fact.Kind> first = new HashMap<>();
    everyone = new HashSet<>(membersAtEnd);
    for (Fact.Change change : changes) {
      if (change.kind() == Fact.Kind.ADDED || change.kind() == Fact.Kind.REMOVED) {
        change.subjects().forEach(user -> first.putIfAbsent(user, change.kind()));
      }
    }
    everyone.addAll(first.keySet());
    founders = new HashSet<>();
    for (String user : everyone) {
      if (first.get(user) != Fact.Kind.ADDED) {
        founders.add(user); // removed before it was ever added, or never changed
      }
    }
  }

  public Set<String> everyone() {
    return everyone;
  }

  public List<Fact.Change> changes() {
    return changes;
  }

  /** Whether the user was a member when the message of this seq was committed. */
  public boolean isMemberAt(String user, long seq) {
    boolean member = founders.contains(user);
    for (Fact.Change change : changes) {
      if (change.atSeq() < seq && change.subjects().contains(user)) {
        if (change.kind() == Fact.Kind.ADDED) {
          member = true;
        } else if (change.kind() == Fact.Kind.REMOVED) {
          member = false;
        }
      }
    }
    return member;
  }

  /** Whether the user was a member at this message and has not been removed since. */
  public boolean isMemberSince(String user, long seq) {
    return isMemberAt(user, seq)
        && changes.stream()
            .noneMatch(
                change ->
                    change.atSeq() >= seq
                        && change.kind() == Fact.Kind.REMOVED
                        && change.subjects().contains(user));
  }

  /**
   * After which message the membership began that the user had before the change with this rev; 0
   * for who was there from the beginning, and who never was there.
   */
  public long joinedSeq(String user, long beforeRev) {
    long joined = 0;
    for (Fact.Change change : changes) {
      if (change.rev() < beforeRev
          && change.kind() == Fact.Kind.ADDED
          && change.subjects().contains(user)) {
        joined = change.atSeq();
      }
    }
    return joined;
  }

  /** The rev under which the message of this seq was committed. */
  public long revAt(long seq) {
    long rev = 0;
    for (Fact.Change change : changes) {
      if (change.atSeq() < seq) {
        rev = Math.max(rev, change.rev());
      }
    }
    return rev;
  }
}
