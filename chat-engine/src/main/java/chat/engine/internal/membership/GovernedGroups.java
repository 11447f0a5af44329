package chat.engine.internal.membership;

import chat.engine.Conversation;
import chat.engine.GroupKey;
import chat.engine.MemberList;
import chat.engine.Role;
import chat.engine.UserId;
import chat.engine.internal.group.ApplicationAdministration;
import chat.engine.internal.group.ApplicationRules;
import chat.engine.spi.ConversationStore;
import chat.engine.spi.ConversationStore.Change;
import chat.engine.spi.ConversationStore.Changed;
import chat.engine.spi.StoreBusyException;
import chat.engine.spi.StoreTransaction;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What is done in a transaction with a group whose members the application names. It is asked after
 * the group, or the key if there is no group yet, is locked: so what it answers is as new as
 * anything that another transaction has stored, and whoever changes its data later and refreshes
 * waits for this transaction. Thread-safe; blocks.
 */
public record GovernedGroups(Memberships memberships, ApplicationRules rules) {
  private static final int MAX_ATTEMPTS = 8;

  /** Asks the application for the members of a group. */
  @FunctionalInterface
  public interface Question {
    Map<UserId, Role> ask(GroupKey key);
  }

  /**
   * @param changed null if nothing had to be changed
   */
  public record Refreshed(Conversation group, @Nullable Changed changed) {}

  /**
   * @param members of a group that was created
   */
  public record Ensured(Conversation group, Map<UserId, Role> members) {}

  /** Makes the members of a group what the application answers; empty if there is no such group. */
  public Optional<Refreshed> refresh(
      StoreTransaction transaction, GroupKey key, Question question, Instant now) {
    for (int attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
      Optional<Conversation> found = transaction.findOrLock(ApplicationAdministration.key(key));
      if (found.isEmpty()) {
        return Optional.empty();
      }
      Optional<MemberList> members = transaction.lock(found.get().id());
      if (members.isPresent()) {
        Conversation group = transaction.find(found.get().id()).orElse(found.get());
        return Optional.of(refreshed(transaction, group, members.get(), question.ask(key), now));
      }
      // It was deleted between the two; the key may have another one.
    }
    throw new StoreBusyException("group " + key + " is created and deleted again and again", null);
  }

  private Refreshed refreshed(
      StoreTransaction transaction,
      Conversation group,
      MemberList members,
      Map<UserId, Role> wanted,
      Instant now) {
    List<Change> changes = rules.exactly(wanted).changes(group, members, users -> List.of(), now);
    if (changes.isEmpty()) {
      return new Refreshed(group, null);
    }
    Changed changed =
        transaction
            .change(group.id(), members.rev(), changes, UserId.SYSTEM, now)
            .orElseThrow(() -> new IllegalStateException("a locked conversation has changed"));
    return new Refreshed(changed.conversation(), changed);
  }

  /** Finds the group of a key, or creates it with the members that the application answers. */
  public Ensured ensure(
      StoreTransaction transaction, GroupKey key, Conversation proposed, Question question) {
    ConversationStore.Key stored = ApplicationAdministration.key(key);
    Optional<Conversation> found = transaction.findOrLock(stored);
    if (found.isPresent()) {
      return new Ensured(found.get(), Map.of());
    }
    Map<UserId, Role> members = question.ask(key);
    rules.requireRoom(members.size());
    return new Ensured(transaction.ensureGroup(stored, proposed, members), members);
  }
}
