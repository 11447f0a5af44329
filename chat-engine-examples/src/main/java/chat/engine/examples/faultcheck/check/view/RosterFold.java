package chat.engine.examples.faultcheck.check.view;

import chat.engine.examples.faultcheck.history.Event;
import chat.engine.examples.faultcheck.history.Event.How;
import chat.engine.examples.faultcheck.history.Fact;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Members and receipts as a client knows them: from the members that it read once, and from the
 * events since. Not thread-safe.
 */
final class RosterFold {
  record Receipts(long read, long received) {
    /** Who has read has received. */
    Receipts with(boolean isRead, long seq) {
      return new Receipts(isRead ? Math.max(read, seq) : read, Math.max(received, seq));
    }

    Receipts max(Receipts other) {
      return new Receipts(Math.max(read, other.read), Math.max(received, other.received));
    }
  }

  private final String user;

  /** Of the lists that were read. */
  private final Map<Long, Long> revs = new HashMap<>();

  /** By rev, what was told since the last sync: a list may be read before and arrive after it. */
  private final Map<Long, TreeMap<Long, Event.ChangeTold>> changes = new HashMap<>();

  private final Map<Long, Map<String, Receipts>> rosters = new HashMap<>();

  /**
   * Receipts that came by themselves, also before the members were read: receipts only move
   * forwards, so an answer that was read earlier does not undo them.
   */
  private final Map<Long, Map<String, Receipts>> live = new HashMap<>();

  /**
   * @param user whose knowledge this is
   */
  RosterFold(String user) {
    this.user = user;
  }

  /** Null if the client never read them, or was removed since. */
  @Nullable Map<String, Receipts> roster(long conversation) {
    return rosters.get(conversation);
  }

  void apply(Event.OfSession event) {
    if (event instanceof Event.Synced || event instanceof Event.ResyncTold) {
      rosters.clear(); // a sync does not tell what happened to them meanwhile
      revs.clear();
      changes.clear();
      live.clear();
    } else if (event instanceof Event.RosterTold roster) {
      rosters.put(roster.conversation(), new TreeMap<>());
      revs.put(roster.conversation(), roster.rev());
    } else if (event instanceof Event.ReceiptTold receipt) {
      receipt(receipt);
    } else if (event instanceof Event.ChangeTold change) {
      changes
          .computeIfAbsent(change.conversation(), unused -> new TreeMap<>())
          .put(change.rev(), change);
      change(change);
    }
  }

  private void receipt(Event.ReceiptTold told) {
    Receipts moved = new Receipts(0, 0).with(told.read(), told.seq());
    Map<String, Receipts> seen =
        live.computeIfAbsent(told.conversation(), unused -> new HashMap<>());
    if (told.how() == How.LIVE) {
      seen.merge(told.user(), moved, Receipts::max);
    }
    Map<String, Receipts> roster = rosters.get(told.conversation());
    if (roster != null && (told.how() == How.ANSWER || roster.containsKey(told.user()))) {
      roster.merge(told.user(), moved, Receipts::max);
      roster.computeIfPresent(
          told.user(), (user, known) -> known.max(seen.getOrDefault(user, known)));
    }
    if (told.how() == How.ANSWER) {
      // what was told before the answer, and is newer than it
      changes.getOrDefault(told.conversation(), new TreeMap<>()).values().forEach(this::change);
    }
  }

  /** Changes the members, unless the list that was read contains the change. */
  private void change(Event.ChangeTold change) {
    Map<String, Receipts> roster = rosters.get(change.conversation());
    if (roster == null || change.rev() <= revs.getOrDefault(change.conversation(), 0L)) {
      return;
    }
    if (change.kind() == Fact.Kind.ADDED) {
      // the receipts of who is added begin at the last message
      change
          .subjects()
          .forEach(
              added -> roster.putIfAbsent(added, new Receipts(change.atSeq(), change.atSeq())));
    } else if (change.kind() == Fact.Kind.PEER_REPLACED) {
      rosters.remove(change.conversation()); // it does not say whether the other is a member
    } else if (change.kind() == Fact.Kind.REMOVED) {
      change.subjects().forEach(roster::remove);
      if (change.subjects().contains(user)) {
        rosters.remove(change.conversation()); // what happens from now on is none of theirs
      }
    }
  }
}
