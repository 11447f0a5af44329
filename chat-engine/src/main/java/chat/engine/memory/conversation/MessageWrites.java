package chat.engine.memory.conversation;

import chat.engine.ConversationChange;
import chat.engine.Emoji;
import chat.engine.Member;
import chat.engine.Message;
import chat.engine.PinnedMessage;
import chat.engine.ReactionChange;
import chat.engine.ReactionCount;
import chat.engine.UserId;
import chat.engine.UserReactions;
import chat.engine.memory.conversation.StoredMessages.First;
import chat.engine.spi.AppendOutcome;
import chat.engine.spi.Deletion;
import chat.engine.spi.Draft;
import chat.engine.spi.Edit;
import chat.engine.spi.Pin;
import chat.engine.spi.Reaction;
import chat.engine.spi.Reattribution;
import chat.engine.spi.SlowMode;
import chat.engine.spi.StoredMessage;
import chat.engine.spi.Write;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Decides what becomes of a write to a conversation, and makes it. Guarded by the store's lock. */
final class MessageWrites {
  private final StoredConversation conversation;
  private final StoredMessages messages;
  private final StoredMembers members;
  private final StoredReactions reactions;
  private final StoredPins pins;
  private final StoredVersions versions;
  private final GroupRestrictions restrictions;

  MessageWrites(
      StoredConversation conversation,
      StoredMessages messages,
      StoredMembers members,
      StoredReactions reactions,
      StoredPins pins,
      StoredVersions versions) {
    this.conversation = conversation;
    this.messages = messages;
    this.members = members;
    this.reactions = reactions;
    this.pins = pins;
    this.versions = versions;
    this.restrictions = conversation.restrictions();
  }

  /**
   * @param block why what is no deletion is refused, unless it is refused for another reason; null
   *     if it is not
   */
  AppendOutcome write(Write write, AppendOutcome.@Nullable Blocked block) {
    if (write instanceof Edit edit) {
      return edit(edit, block);
    }
    if (write instanceof Reaction reaction) {
      return react(reaction, block);
    }
    if (write instanceof Pin pin) {
      return pin(pin, block);
    }
    if (write instanceof Reattribution reattribution) {
      return reattribute(reattribution);
    }
    return write instanceof Deletion deletion ? delete(deletion) : append((Draft) write, block);
  }

  /**
   * What was sent before is told before the membership is looked at: who retries has to learn that
   * the first attempt was stored, even if they were removed since.
   */
  private AppendOutcome append(Draft draft, AppendOutcome.@Nullable Blocked block) {
    First first = messages.first(draft);
    if (first != null) {
      return first.contentHash() == draft.contentHash()
          ? duplicate(messages.withPreview(first))
          : new AppendOutcome.Conflict();
    }
    Member sender = members.get(draft.sender());
    if (sender == null && !draft.sender().isSystem()) {
      return new AppendOutcome.NotMember();
    }
    if (block != null) {
      return block;
    }
    AppendOutcome silence = silence(draft.sender(), draft.createdAt());
    if (silence != null) {
      return silence;
    }
    UserId stranger = members.stranger(draft.mentions(), List.of());
    if (stranger != null) {
      return new AppendOutcome.MentionsStranger(stranger);
    }
    if (draft.lacksOriginal()) {
      return new AppendOutcome.NoSuchOriginal();
    }
    if (draft.repliesBeyond(messages.lastSeq())) {
      return new AppendOutcome.NoSuchMessage();
    }
    boolean waits =
        sender != null
            && !conversation.conversation().slowMode().isZero()
            && SlowMode.concerns(sender.role());
    if (waits) {
      Duration wait =
          restrictions.remaining(
              draft.sender(), conversation.conversation().slowMode(), draft.createdAt());
      if (!wait.isZero()) {
        return new AppendOutcome.TooSoon(wait);
      }
      restrictions.sent(draft.sender(), draft.createdAt());
    }
    long seq = messages.lastSeq() + 1;
    long membersRev = conversation.membersRev();
    Message message = draft.asMessage(seq);
    messages.add(new StoredMessage(message, membersRev), draft.contentHash());
    conversation.wasActive(draft.createdAt());
    return new AppendOutcome.Stored(
        seq, membersRev, !waits, messages.withPreview(message).replyPreview());
  }

  private static AppendOutcome duplicate(StoredMessage first) {
    return new AppendOutcome.Duplicate(first.message(), first.membersRev());
  }

  private AppendOutcome edit(Edit edit, AppendOutcome.@Nullable Blocked block) {
    AppendOutcome refusal = refuse(edit.actor(), edit.seq());
    if (refusal != null) {
      return refusal;
    }
    AppendOutcome silence = silence(edit.actor(), edit.at());
    if (silence != null) {
      return silence;
    }
    if (block != null) {
      return block;
    }
    Message message = messages.at(edit.seq());
    if (!edit.actor().isSystem() && !edit.actor().equals(message.from())) {
      return new AppendOutcome.NotAllowed();
    }
    if (message.deleted()) {
      return new AppendOutcome.WasDeleted();
    }
    if (message.isEmptiedBy(edit.content())) {
      return new AppendOutcome.NothingLeft();
    }
    if (message.isAs(edit.content())) {
      return new AppendOutcome.Unchanged(message);
    }
    if (!edit.content().mayReplace(message.attributes())) {
      return new AppendOutcome.Superseded();
    }
    UserId stranger = members.stranger(edit.content().mentions(), message.mentions());
    if (stranger != null) {
      return new AppendOutcome.MentionsStranger(stranger);
    }
    if (edit.keepsVersion()) {
      versions.keep(message);
    }
    return replace(
        message.edited(edit.content(), conversation.rev() + 1, edit.at()),
        ConversationChange.Kind.MESSAGE_EDITED,
        edit.actor(),
        edit.at());
  }

  private @Nullable AppendOutcome silence(UserId user, Instant at) {
    Member member = members.get(user);
    return member != null && member.isSilenced(at)
        ? new AppendOutcome.Silenced(Objects.requireNonNull(member.silencedUntil()))
        : null;
  }

  private AppendOutcome delete(Deletion deletion) {
    AppendOutcome refusal = refuse(deletion.actor(), deletion.seq());
    if (refusal != null) {
      return refusal;
    }
    Message message = messages.at(deletion.seq());
    Member member = members.get(deletion.actor());
    boolean allowed =
        member == null
            || message.from().equals(deletion.actor())
            || deletion.othersBy().contains(member.role());
    if (!allowed) {
      return new AppendOutcome.NotAllowed();
    }
    if (message.deleted()) {
      return new AppendOutcome.Unchanged(message);
    }
    conversation.forgetAllOf(message);
    return replace(
        message.deleted(conversation.rev() + 1, deletion.at()),
        ConversationChange.Kind.MESSAGE_DELETED,
        deletion.actor(),
        deletion.at());
  }

  private AppendOutcome reattribute(Reattribution write) {
    AppendOutcome refusal = refuse(UserId.SYSTEM, write.seq());
    if (refusal != null) {
      return refusal;
    }
    UserId user = write.user();
    Message message = messages.at(write.seq());
    boolean own = message.from().equals(user);
    Set<Emoji> given = write.erases() ? reactions.of(message.seq(), user) : Set.of();
    if (!own && !message.mentions().contains(user) && given.isEmpty()) {
      return new AppendOutcome.Unchanged(message);
    }
    long rev = conversation.rev() + 1;
    Message after = message;
    for (Emoji emoji : given) {
      after = after.reacted(emoji, false, rev);
      reactions.set(message.seq(), user, emoji, rev, false);
    }
    after = after.reattributed(user, write.replacement(), write.erases(), rev, write.at());
    if (after.deleted()) {
      conversation.forgetAllOf(message);
    }
    if (own) {
      messages.changeSender(message, after, write.erases());
    }
    return replace(
        after,
        after.deleted()
            ? ConversationChange.Kind.MESSAGE_DELETED
            : ConversationChange.Kind.MESSAGE_EDITED,
        UserId.SYSTEM,
        write.at());
  }

  private AppendOutcome react(Reaction reaction, AppendOutcome.@Nullable Blocked block) {
    AppendOutcome refusal = refuse(reaction.actor(), reaction.seq());
    if (refusal == null) {
      refusal = block != null ? block : silence(reaction.actor(), reaction.at());
    }
    if (refusal != null) {
      return refusal;
    }
    Message message = messages.at(reaction.seq());
    if (message.deleted()) {
      return new AppendOutcome.WasDeleted();
    }
    Emoji emoji = reaction.emoji();
    Set<Emoji> own = reactions.of(message.seq(), reaction.actor());
    if (own.contains(emoji) == reaction.on()) {
      return new AppendOutcome.UnchangedReaction(
          reactions.rev(message.seq(), reaction.actor(), emoji), message.reactionsWith(emoji));
    }
    if (reaction.on() && own.size() >= UserReactions.MAX_PER_USER) {
      return new AppendOutcome.TooManyReactions(UserReactions.MAX_PER_USER, true);
    }
    if (reaction.on()
        && message.reactions().size() >= ReactionCount.MAX_PER_MESSAGE
        && message.reactionsWith(emoji) == 0) {
      return new AppendOutcome.TooManyReactions(ReactionCount.MAX_PER_MESSAGE, false);
    }
    Message after = message.reacted(emoji, reaction.on(), conversation.rev() + 1);
    reactions.set(after.seq(), reaction.actor(), emoji, after.rev(), reaction.on());
    messages.put(after);
    ConversationChange change =
        ConversationChange.ofReaction(
            conversation.id(),
            after.rev(),
            messages.lastSeq(),
            reaction.actor(),
            new ReactionChange(after.seq(), emoji, reaction.on(), after.reactionsWith(emoji)),
            reaction.at());
    conversation.log(change);
    return new AppendOutcome.Changed(change);
  }

  private AppendOutcome pin(Pin pin, AppendOutcome.@Nullable Blocked block) {
    AppendOutcome refusal = refuse(pin.actor(), pin.seq());
    if (refusal == null) {
      refusal = silence(pin.actor(), pin.at());
    }
    if (refusal == null) {
      refusal = block;
    }
    if (refusal != null) {
      return refusal;
    }
    Member member = members.get(pin.actor());
    if (member != null && !pin.by().contains(member.role())) {
      return new AppendOutcome.NotAllowed();
    }
    if (pin.on() && messages.at(pin.seq()).deleted()) {
      return new AppendOutcome.WasDeleted();
    }
    long pinned = pins.rev(pin.seq());
    if ((pinned > 0) == pin.on()) {
      return new AppendOutcome.UnchangedPin(pinned);
    }
    if (pin.on() && pins.count() >= PinnedMessage.MAX_PER_CONVERSATION) {
      return new AppendOutcome.TooManyPins(PinnedMessage.MAX_PER_CONVERSATION);
    }
    ConversationChange change =
        ConversationChange.ofPin(
            conversation.id(),
            conversation.rev() + 1,
            messages.lastSeq(),
            pin.actor(),
            pin.seq(),
            pin.on(),
            pin.at());
    if (pin.on()) {
      pins.pin(pin.seq(), pin.actor(), pin.at(), change.rev());
    } else {
      pins.unpin(pin.seq());
    }
    conversation.log(change);
    return new AppendOutcome.Changed(change);
  }

  private @Nullable AppendOutcome refuse(UserId actor, long seq) {
    if (!actor.isSystem() && !members.has(actor)) {
      return new AppendOutcome.NotMember();
    }
    return !messages.has(seq) || seq <= conversation.readableAfter(actor)
        ? new AppendOutcome.NoSuchMessage()
        : null;
  }

  private AppendOutcome replace(
      Message changed, ConversationChange.Kind kind, UserId actor, Instant at) {
    messages.put(changed);
    ConversationChange change =
        ConversationChange.ofMessage(changed, kind, messages.lastSeq(), actor, at);
    conversation.log(change);
    return new AppendOutcome.Changed(change.withMessage(messages.withPreview(changed)));
  }
}
