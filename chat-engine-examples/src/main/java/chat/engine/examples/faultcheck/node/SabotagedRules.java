package chat.engine.examples.faultcheck.node;

import chat.engine.ConversationId;
import chat.engine.Invite;
import chat.engine.spi.AppendOutcome;
import chat.engine.spi.BlockStore;
import chat.engine.spi.ConversationStore;
import chat.engine.spi.Edit;
import chat.engine.spi.InviteStore;
import chat.engine.spi.MessageStore;
import chat.engine.spi.RetentionStore;
import chat.engine.spi.UserReplacements;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Stores that do not keep a rule of who may do and see what, nor what belongs to a feature.
 * Thread-safe like what is wrapped.
 */
final class SabotagedRules {
  private SabotagedRules() {}

  static MessageStore forgetMentions(MessageStore store) {
    return withConversations(
        store,
        call ->
            call.is("unread")
                ? unread(call).entrySet().stream()
                    .collect(
                        Collectors.toMap(
                            Map.Entry::getKey,
                            count -> new ConversationStore.Unread(count.getValue().messages(), 0)))
                : call.proceed());
  }

  @SuppressWarnings("unchecked")
  private static Map<ConversationId, ConversationStore.Unread> unread(BrokenPart.Call call)
      throws Throwable {
    return (Map<ConversationId, ConversationStore.Unread>) Objects.requireNonNull(call.proceed());
  }

  static MessageStore forgetRestrictions(MessageStore store) {
    return withConversations(
        store,
        call -> {
          if (!call.is("change")) {
            return call.proceed();
          }
          return call.with(
              2,
              ((List<?>) call.arguments()[2])
                  .stream().map(change -> ended((ConversationStore.Change) change)).toList());
        });
  }

  private static ConversationStore.Change ended(ConversationStore.Change change) {
    return switch (change.kind()) {
      case BANNED -> ConversationStore.Change.banned(change.subjects().get(0), Instant.EPOCH);
      case SILENCED -> ConversationStore.Change.silenced(change.subjects().get(0), Instant.EPOCH);
      default -> change;
    };
  }

  private static MessageStore withConversations(MessageStore store, BrokenPart.Break fault) {
    return BrokenPart.in(
        store, "conversations", ConversationStore.class, store::conversations, fault);
  }

  static MessageStore forgetBlocks(MessageStore store) {
    return BrokenPart.in(
        store,
        "blocks",
        BlockStore.class,
        store::blocks,
        call -> call.is("block") ? true : call.proceed());
  }

  /** Any number joins by every invite, also after its end. */
  static MessageStore forgetInviteLimits(MessageStore store) {
    return BrokenPart.in(
        store,
        "invites",
        InviteStore.class,
        store::invites,
        call -> {
          if (call.is("revoke")) {
            return true;
          }
          return call.is("create") && call.arguments()[2] instanceof Invite invite
              ? call.with(2, unlimited(invite))
              : call.proceed();
        });
  }

  private static Invite unlimited(Invite invite) {
    return new Invite(
        invite.id(), invite.by(), invite.createdAt(), invite.expiresAt(), null, invite.uses());
  }

  /** Who has sent once in slow mode is taken for one who need not wait. */
  static MessageStore forgetSlowMode(MessageStore store) {
    return BrokenPart.of(
        store,
        MessageStore.class,
        call -> {
          Object outcomes = call.proceed();
          return call.is("append") && outcomes instanceof List<?> all
              ? all.stream().map(SabotagedRules::verified).toList()
              : outcomes;
        });
  }

  private static Object verified(Object outcome) {
    return outcome instanceof AppendOutcome.Stored stored
        ? new AppendOutcome.Stored(stored.seq(), stored.membersRev(), true, stored.replyPreview())
        : outcome;
  }

  /** Some edits keep nothing of what they replace. */
  static MessageStore forgetVersions(MessageStore store) {
    return BrokenPart.of(
        store,
        MessageStore.class,
        call ->
            call.is("append") && call.arguments()[0] instanceof List<?> writes && Sabotage.now()
                ? call.with(0, writes.stream().map(SabotagedRules::withoutVersion).toList())
                : call.proceed());
  }

  private static Object withoutVersion(Object write) {
    return write instanceof Edit edit
        ? new Edit(edit.conversation(), edit.seq(), edit.actor(), edit.content(), edit.at())
        : write;
  }

  /** Everybody reads everything that they are a member of. */
  static MessageStore showPast(MessageStore store) {
    return withConversations(
        store,
        call ->
            call.is("readableAfter")
                ? readable(call).keySet().stream().collect(Collectors.toMap(id -> id, id -> 0L))
                : call.proceed());
  }

  /** Everybody is shown where a message was forwarded from. */
  @SuppressWarnings("unchecked")
  static MessageStore showOrigins(MessageStore store) {
    return withConversations(
        store,
        call -> {
          if (!call.is("readableAfter")) {
            return call.proceed();
          }
          Map<ConversationId, Long> all = new HashMap<>();
          ((Collection<ConversationId>) call.arguments()[1]).forEach(id -> all.put(id, 0L));
          all.putAll(readable(call));
          return all;
        });
  }

  @SuppressWarnings("unchecked")
  private static Map<ConversationId, Long> readable(BrokenPart.Call call) throws Throwable {
    return (Map<ConversationId, Long>) Objects.requireNonNull(call.proceed());
  }

  /** Users are erased, and what they wrote stays. */
  static MessageStore forgetErasures(MessageStore store) {
    return BrokenPart.in(
        store,
        "replacements",
        UserReplacements.class,
        store::replacements,
        call -> call.is("messages") ? List.of() : call.proceed());
  }

  /** Messages are kept for always. */
  static MessageStore forgetExpiry(MessageStore store) {
    return BrokenPart.in(
        store,
        "retention",
        RetentionStore.class,
        store::retention,
        call -> call.is("expire") ? Optional.empty() : call.proceed());
  }
}
