package chat.engine.internal.transaction;

import chat.engine.ChangeAck;
import chat.engine.ChatException;
import chat.engine.Conversation;
import chat.engine.ConversationId;
import chat.engine.Emoji;
import chat.engine.GroupKey;
import chat.engine.GroupUpdate;
import chat.engine.MemberList;
import chat.engine.MessageEdit;
import chat.engine.NewGroup;
import chat.engine.NewMessage;
import chat.engine.PinAck;
import chat.engine.ReactionAck;
import chat.engine.Role;
import chat.engine.SendAck;
import chat.engine.TransactionalChat;
import chat.engine.UserId;
import chat.engine.internal.group.ApplicationAdministration;
import chat.engine.internal.group.ApplicationRules;
import chat.engine.internal.group.GroupAdministration;
import chat.engine.internal.group.MemberGuard;
import chat.engine.internal.group.Permission;
import chat.engine.internal.membership.GovernedGroups;
import chat.engine.internal.membership.GovernedGroups.Question;
import chat.engine.internal.runtime.Errors;
import chat.engine.spi.ConversationStore.Change;
import chat.engine.spi.ConversationStore.Changed;
import chat.engine.spi.IdGenerator;
import chat.engine.spi.StoreBusyException;
import chat.engine.spi.StoreTransaction;
import chat.engine.spi.StoreUnavailableException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The engine inside one transaction of the application: the rules, the limits and the hook here,
 * the statements in the {@link StoreTransaction}. Not thread-safe; blocks on the thread of the
 * caller.
 */
final class ApplicationTransaction implements TransactionalChat {
  private final @Nullable Connection connection;
  private final StoreTransaction store;
  private final Question membership;
  private final ApplicationRules rules;
  private final GovernedGroups governed;
  private final MemberGuard guard;
  private final IdGenerator ids;
  private final InstantSource clock;
  private final TransactionPublisher publisher;
  private final List<Effect> effects = new ArrayList<>();
  private final TransactionMessages messages;

  /**
   * @param connection null for a transaction of a store that has none
   * @param membership asks the application on the connection
   */
  ApplicationTransaction(
      ApplicationTransactions parts,
      @Nullable Connection connection,
      StoreTransaction store,
      Question membership) {
    this.connection = connection;
    this.store = store;
    this.membership = membership;
    this.rules = parts.rules();
    this.governed = parts.governed();
    this.guard = governed.memberships().guard(store::keyOf);
    this.ids = parts.ids();
    this.clock = parts.clock();
    this.publisher = parts.publisher();
    this.messages = new TransactionMessages(store, parts.sender(), ids, clock, effects);
  }

  /** Runs what uses the connection; what the store throws comes out as the API promises. */
  private <T> T within(Supplier<T> work) {
    if (connection != null) {
      requireTransaction(connection);
    }
    try {
      return work.get();
    } catch (StoreBusyException | StoreUnavailableException fault) {
      throw Errors.toChatException(fault);
    }
  }

  static void requireTransaction(Connection connection) {
    boolean commitsByItself;
    try {
      commitsByItself = connection.getAutoCommit();
    } catch (SQLException broken) {
      throw ChatException.unavailable("the connection of the transaction is broken", broken);
    }
    if (commitsByItself) {
      throw new IllegalStateException(
          "the connection is in auto-commit mode: call setAutoCommit(false) first, so that chat"
              + " takes part in your transaction");
    }
  }

  private Instant now() {
    return clock.instant().truncatedTo(ChronoUnit.MILLIS);
  }

  private ConversationId newId() {
    return ConversationId.of(ids.next(1)[0]);
  }

  // ---- messages

  @Override
  public SendAck send(UserId from, ConversationId conversation, NewMessage message) {
    return within(() -> messages.send(from, conversation, message));
  }

  @Override
  public ChangeAck editMessage(
      UserId actor, ConversationId conversation, long seq, MessageEdit content) {
    return within(() -> messages.edit(actor, conversation, seq, content));
  }

  @Override
  public ChangeAck deleteMessage(UserId actor, ConversationId conversation, long seq) {
    return within(() -> messages.delete(actor, conversation, seq));
  }

  @Override
  public ReactionAck react(
      UserId actor, ConversationId conversation, long seq, Emoji emoji, boolean on) {
    return within(() -> messages.react(actor, conversation, seq, emoji, on));
  }

  @Override
  public PinAck pin(UserId actor, ConversationId conversation, long seq) {
    return within(() -> messages.pin(actor, conversation, seq, true));
  }

  @Override
  public PinAck unpin(UserId actor, ConversationId conversation, long seq) {
    return within(() -> messages.pin(actor, conversation, seq, false));
  }

  // ---- conversations

  @Override
  public Conversation ensureGroup(GroupKey key, NewGroup group) {
    rules.requireRoom(group.members().size());
    boolean isGoverned = governed.memberships().govern(key);
    if (isGoverned) {
      governed.memberships().requireNoMembers(key, group);
    }
    return within(
        () -> {
          Conversation proposed =
              Conversation.group(newId(), group.name(), now())
                  .withAttributes(group.attributes())
                  .withHistory(group.history());
          if (isGoverned) {
            GovernedGroups.Ensured ensured = governed.ensure(store, key, proposed, membership);
            return created(proposed, ensured.group(), ensured.members().keySet());
          }
          return created(
              proposed,
              store.ensureGroup(ApplicationAdministration.key(key), proposed, group.members()),
              group.members().keySet());
        });
  }

  @Override
  public Conversation openDirect(UserId one, UserId other) {
    GroupAdministration.requirePair(one, other);
    return within(
        () -> {
          Conversation proposed = Conversation.direct(newId(), one, other, now());
          return created(proposed, store.openDirect(proposed), Set.copyOf(proposed.peers()));
        });
  }

  private Conversation created(Conversation proposed, Conversation got, Set<UserId> members) {
    if (got.id().equals(proposed.id())) {
      effects.add(new Effect.Created(got, members));
    }
    return got;
  }

  @Override
  public void rename(ConversationId group, String name) {
    change(group, rules.renamed(name));
  }

  @Override
  public void rename(UserId actor, ConversationId group, String name) {
    change(
        group, actor, rules.renamed(name).by(actor, Permission.UPDATE_GROUP, "rename the group"));
  }

  @Override
  public void update(ConversationId group, GroupUpdate update) {
    change(group, rules.updated(update));
  }

  @Override
  public void update(UserId actor, ConversationId group, GroupUpdate update) {
    change(
        group, actor, rules.updated(update).by(actor, Permission.UPDATE_GROUP, "change the group"));
  }

  @Override
  public void setAttributes(ConversationId group, @Nullable String opaque) {
    change(group, rules.attributesSet(opaque));
  }

  @Override
  public void delete(ConversationId conversation) {
    within(
        () -> {
          Optional<Changed> deleted = store.delete(conversation, UserId.SYSTEM, now());
          deleted.ifPresent(this::changed);
          return deleted;
        });
  }

  // ---- members

  @Override
  public void ensureMembers(ConversationId group, Set<UserId> users) {
    change(group, rules.members(users, null));
  }

  @Override
  public void ensureMembers(ConversationId group, Set<UserId> users, Role role) {
    change(group, rules.members(users, role));
  }

  @Override
  public void ensureNoMembers(ConversationId group, Set<UserId> users) {
    change(group, rules.noMembers(users));
  }

  @Override
  public void setRole(ConversationId group, UserId member, Role role) {
    change(group, rules.roleOf(member, role));
  }

  @Override
  public void ban(ConversationId group, UserId user, @Nullable Instant until) {
    change(group, rules.banned(user, until));
  }

  @Override
  public void unban(ConversationId group, UserId user) {
    change(group, rules.unbanned(user));
  }

  @Override
  public void silence(ConversationId group, UserId member, @Nullable Instant until) {
    change(group, rules.silenced(member, until));
  }

  @Override
  public Optional<Conversation> refreshMembers(GroupKey key) {
    governed.memberships().requireGoverned(key);
    return within(
        () ->
            governed
                .refresh(store, key, membership, now())
                .map(
                    refreshed -> {
                      Changed changed = refreshed.changed();
                      if (changed != null) {
                        changed(changed);
                      }
                      return refreshed.group();
                    }));
  }

  private void change(ConversationId id, ApplicationRules.Wish wish) {
    change(id, UserId.SYSTEM, wish);
  }

  private void change(ConversationId id, UserId actor, ApplicationRules.Wish wish) {
    within(
        () -> {
          MemberList members = store.lock(id).orElseThrow(() -> Errors.noSuchConversation(id));
          Conversation group = store.find(id).orElseThrow(() -> Errors.noSuchConversation(id));
          if (wish.ofMembers()) {
            guard.requireChangeable(id);
          }
          Instant now = now();
          List<Change> changes =
              wish.changes(group, members, users -> store.bans(id, users, now), now);
          if (!changes.isEmpty()) {
            changed(
                store
                    .change(id, members.rev(), changes, actor, now)
                    .orElseThrow(
                        () -> new IllegalStateException("a locked conversation has changed")));
          }
          return changes;
        });
  }

  private void changed(Changed made) {
    effects.add(new Effect.Changed(made.conversation(), made.changes()));
  }

  // ---- after the commit

  @Override
  public CompletableFuture<Boolean> publish() {
    return publisher.publish(store, List.copyOf(effects));
  }

  /** As {@link #publish}, for the engine itself. */
  CompletableFuture<Boolean> show() {
    return effects.isEmpty()
        ? CompletableFuture.completedFuture(true)
        : publisher.show(store, List.copyOf(effects));
  }
}
