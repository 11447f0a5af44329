package chat.engine.internal.group;

import chat.engine.ChatException;
import chat.engine.Conversation;
import chat.engine.ConversationId;
import chat.engine.ConversationKind;
import chat.engine.MemberList;
import chat.engine.Role;
import chat.engine.UserId;
import chat.engine.internal.conversation.Announcer;
import chat.engine.internal.conversation.ConversationDirectory;
import chat.engine.internal.runtime.Errors;
import chat.engine.internal.util.Threads;
import chat.engine.spi.ConversationStore;
import chat.engine.spi.ConversationStore.Change;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes the changes of groups: a rule is decided on the members at some rev, and the store makes
 * the change only at that rev; if somebody was faster it is decided anew. Blocks; thread-safe.
 */
final class GroupChanger {
  private static final Logger log = LoggerFactory.getLogger(GroupChanger.class);
  private static final int MAX_ATTEMPTS = 16;

  private final ConversationStore store;
  private final ConversationDirectory directory;
  private final Announcer announcer;
  private final InstantSource clock;
  private final MemberGuard guard;

  GroupChanger(
      ConversationStore store,
      ConversationDirectory directory,
      Announcer announcer,
      InstantSource clock,
      MemberGuard guard) {
    this.store = store;
    this.directory = directory;
    this.announcer = announcer;
    this.clock = clock;
    this.guard = guard;
  }

  /** What is to be changed in a group. */
  interface Rule {
    /** The changes to make; throws what refuses them. */
    List<Change> decide(GroupView group);
  }

  /** Finds the group of a key, or creates it and announces that. */
  Conversation ensureGroup(
      ConversationStore.Key key, Conversation proposed, Map<UserId, Role> members) {
    Conversation group = store.ensureGroup(key, proposed, members);
    if (group.id().equals(proposed.id())) {
      directory.refresh(group, 0);
      announce(() -> announcer.created(group, members.keySet()));
    }
    return group;
  }

  /** As {@link #change}, for who is a member, and as what. */
  void changeMembers(ConversationId group, UserId actor, Rule rule) {
    change(
        group,
        actor,
        view -> {
          guard.requireChangeable(group);
          return rule.decide(view);
        });
  }

  /**
   * @param actor a member, or the system; who is none may not even learn that the group exists
   */
  void change(ConversationId group, UserId actor, Rule rule) {
    ConversationDirectory.Entry entry = directory.lookUp(group);
    if (entry == null) {
      throw Errors.noSuchConversation(group);
    }
    for (int attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
      MemberList list = store.members(group).orElseThrow(() -> Errors.noSuchConversation(group));
      Roles roles = Roles.of(group, list);
      if (!actor.isSystem()) {
        roles.role(actor);
      }
      requireGroup(entry.conversation());
      Instant now = now();
      GroupView view =
          new GroupView(roles, () -> current(group), users -> store.bans(group, users, now), now);
      List<Change> wanted = rule.decide(view);
      if (wanted.isEmpty()) {
        return;
      }
      view.requireNoneBanned(wanted);
      Optional<ConversationStore.Changed> made =
          store.change(group, list.rev(), wanted, actor, now);
      if (made.isPresent()) {
        announce(() -> announcer.changed(made.get().conversation(), made.get().changes()));
        return;
      }
    }
    throw tooFast();
  }

  static ChatException tooFast() {
    return ChatException.busy("the group changes too fast just now", Duration.ofMillis(250));
  }

  private Conversation current(ConversationId group) {
    ConversationStore.Found found = store.find(List.of(group)).get(group);
    if (found == null) {
      throw Errors.noSuchConversation(group);
    }
    return found.conversation();
  }

  static void requireGroup(Conversation conversation) {
    if (conversation.kind() != ConversationKind.GROUP) {
      throw ChatException.badRequest(
          "conversation " + conversation.id() + " is direct, not a group");
    }
  }

  /**
   * Shows what is committed. A fault in that does not fail the call: other nodes and the members
   * learn of it from the comparison with the store.
   */
  void announce(Runnable announcement) {
    try {
      announcement.run();
    } catch (RuntimeException | Error fault) {
      Threads.outlived(fault);
      log.error("a committed change could not be announced", fault);
    }
  }

  Instant now() {
    return clock.instant().truncatedTo(ChronoUnit.MILLIS);
  }
}
