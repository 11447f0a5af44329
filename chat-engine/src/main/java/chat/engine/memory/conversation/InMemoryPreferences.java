package chat.engine.memory.conversation;

import chat.engine.ConversationId;
import chat.engine.Member;
import chat.engine.Preferences;
import chat.engine.UserId;
import chat.engine.spi.ConversationStore.MemberEdit;
import chat.engine.spi.ConversationStore.PreferencesOutcome;
import chat.engine.spi.ConversationStore.Receipt;
import java.time.Instant;
import java.util.Collection;
import java.util.HashSet;
import java.util.Objects;
import java.util.Set;

/** How the preferences of members change in memory. Guarded by the store's lock. */
final class InMemoryPreferences {
  private final InMemoryConversations conversations;

  InMemoryPreferences(InMemoryConversations conversations) {
    this.conversations = conversations;
  }

  PreferencesOutcome edit(MemberEdit wanted, Collection<ConversationId> ofUser) {
    StoredConversation stored = conversations.find(wanted.conversation());
    Member member = stored == null ? null : stored.member(wanted.user());
    if (stored == null || member == null) {
      return new PreferencesOutcome.NotMember();
    }
    Long unreadFrom = wanted.edit().unreadFrom();
    if (unreadFrom != null && unreadFrom > stored.lastSeq()) {
      return new PreferencesOutcome.BeyondLast();
    }
    Preferences before = stored.preferences(member.user());
    Preferences after = wanted.edit().applyTo(before, stored.lastSeq());
    if (after.pinned()
        && !before.pinned()
        && pinned(wanted.user(), ofUser) >= Preferences.MAX_PINNED) {
      return new PreferencesOutcome.TooManyPinned();
    }
    boolean changed = after.version() > before.version();
    if (changed) {
      stored.setPreferences(member.user(), after);
      conversations.log().receipt(stored.id(), member.user());
    }
    return new PreferencesOutcome.Done(receipt(stored, member), changed);
  }

  private long pinned(UserId user, Collection<ConversationId> ofUser) {
    return ofUser.stream()
        .map(conversations::find)
        .map(Objects::requireNonNull)
        .filter(stored -> stored.preferences(user).pinned())
        .count();
  }

  static Receipt receipt(StoredConversation stored, Member member) {
    return new Receipt(
        stored.id(),
        member.user(),
        member.readSeq(),
        member.receivedSeq(),
        member.joinedRev(),
        stored.preferences(member.user()));
  }

  Set<UserId> muted(ConversationId id, Set<UserId> users, Instant now) {
    StoredConversation stored = conversations.find(id);
    Set<UserId> muted = new HashSet<>(users);
    muted.removeIf(
        user ->
            stored == null
                || stored.member(user) == null
                || !stored.preferences(user).mutedAt(now));
    return muted;
  }
}
