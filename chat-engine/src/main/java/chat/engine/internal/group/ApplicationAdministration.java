package chat.engine.internal.group;

import chat.engine.Ban;
import chat.engine.Conversation;
import chat.engine.ConversationId;
import chat.engine.GroupKey;
import chat.engine.NewGroup;
import chat.engine.Page;
import chat.engine.PageQuery;
import chat.engine.UserId;
import chat.engine.internal.conversation.Announcer;
import chat.engine.internal.conversation.ConversationDirectory;
import chat.engine.internal.runtime.Errors;
import chat.engine.spi.ConversationStore;
import chat.engine.spi.IdGenerator;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;

/**
 * What the application does with conversations, with nobody's leave and {@link UserId#SYSTEM} as
 * the actor. Every method blocks: call it on a store thread. Thread-safe.
 */
public final class ApplicationAdministration {
  private final ConversationStore store;
  private final IdGenerator ids;
  private final ConversationDirectory directory;
  private final Announcer announcer;
  private final GroupChanger changer;

  public ApplicationAdministration(
      ConversationStore store,
      IdGenerator ids,
      ConversationDirectory directory,
      Announcer announcer,
      InstantSource clock,
      MemberGuard guard) {
    this.store = store;
    this.ids = ids;
    this.directory = directory;
    this.announcer = announcer;
    this.changer = new GroupChanger(store, directory, announcer, clock, guard);
  }

  public static ConversationStore.Key key(GroupKey key) {
    return new ConversationStore.Key(UserId.SYSTEM, key);
  }

  public Conversation ensureGroup(GroupKey key, NewGroup group) {
    Optional<Conversation> existing = store.find(key(key)); // spares an id, nearly always
    if (existing.isPresent()) {
      return existing.get();
    }
    Conversation proposed =
        Conversation.group(ConversationId.of(ids.next(1)[0]), group.name(), changer.now())
            .withAttributes(group.attributes())
            .withHistory(group.history());
    return changer.ensureGroup(key(key), proposed, group.members());
  }

  public Optional<Conversation> find(GroupKey key) {
    return store.find(key(key));
  }

  public Conversation conversation(ConversationId id) {
    ConversationStore.Found found = store.find(List.of(id)).get(id);
    if (found == null) {
      throw Errors.noSuchConversation(id);
    }
    return found.conversation();
  }

  public void change(ConversationId group, ApplicationRules.Wish wish) {
    if (wish.ofMembers()) {
      changer.changeMembers(group, UserId.SYSTEM, wish.asRule());
    } else {
      changer.change(group, UserId.SYSTEM, wish.asRule());
    }
  }

  /** A page of the bans in force, ascending by user. */
  public Page<Ban> bans(ConversationId group, PageQuery<UserId> page) {
    GroupChanger.requireGroup(conversation(group));
    return Page.of(store.bans(group, page.after(), page.limit() + 1, changer.now()), page.limit());
  }

  /** Deletes a conversation, but for its messages, and announces that. */
  public void delete(ConversationId id) {
    store
        .delete(id, UserId.SYSTEM, changer.now())
        .ifPresent(
            deleted ->
                changer.announce(
                    () -> announcer.changed(deleted.conversation(), deleted.changes())));
    directory.forget(id);
  }
}
