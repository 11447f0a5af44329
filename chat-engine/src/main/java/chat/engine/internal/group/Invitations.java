package chat.engine.internal.group;

import chat.engine.ChatException;
import chat.engine.Conversation;
import chat.engine.ConversationId;
import chat.engine.CreatedInvite;
import chat.engine.Invite;
import chat.engine.InviteCode;
import chat.engine.InviteId;
import chat.engine.Member;
import chat.engine.MemberList;
import chat.engine.NewInvite;
import chat.engine.Page;
import chat.engine.PageQuery;
import chat.engine.Role;
import chat.engine.UserId;
import chat.engine.internal.conversation.Announcer;
import chat.engine.internal.conversation.ConversationDirectory;
import chat.engine.internal.runtime.Errors;
import chat.engine.spi.ConversationStore;
import chat.engine.spi.InviteStore;
import chat.engine.spi.InviteStore.JoinOutcome;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.random.RandomGenerator;

/**
 * Invites to groups: who may create, see and revoke them, and joining by their codes. The actor is
 * a user, or the system for the application, which may do all of it. Every method blocks: call it
 * on a store thread. Thread-safe.
 */
public final class Invitations {
  /** Most invites of a group that are in force at the same time. */
  public static final int MAX_IN_FORCE = 100;

  private static final int MAX_ATTEMPTS = 16;

  private final ConversationStore store;
  private final InviteStore invites;
  private final ConversationDirectory directory;
  private final Announcer announcer;
  private final GroupChanger changer;
  private final MemberGuard guard;
  private final RandomGenerator random;
  private final int maxMembers;

  /**
   * @param random that nobody can predict
   */
  public Invitations(
      ConversationStore store,
      InviteStore invites,
      ConversationDirectory directory,
      Announcer announcer,
      InstantSource clock,
      MemberGuard guard,
      RandomGenerator random,
      int maxMembers) {
    this.store = store;
    this.invites = invites;
    this.directory = directory;
    this.announcer = announcer;
    this.changer = new GroupChanger(store, directory, announcer, clock, guard);
    this.guard = guard;
    this.random = random;
    this.maxMembers = maxMembers;
  }

  /** Creates an invite, decided on the members at a rev at which the store stores it. */
  public CreatedInvite create(UserId actor, ConversationId group, NewInvite wanted) {
    for (int attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
      long rev = // read first: the role below is of this rev, or the store refuses the rev
          store
              .members(group, null, 1)
              .map(MemberList::rev)
              .orElseThrow(() -> Errors.noSuchConversation(group));
      requireManager(actor, group, "create invites");
      guard.requireChangeable(group);
      InviteCode code = InviteCode.random(group, random);
      Instant now = changer.now();
      Duration lifetime = wanted.expiresIn();
      Instant end = lifetime == null ? null : now.plus(lifetime);
      Invite invite = new Invite(code.id(), actor, now, end, wanted.maxUses(), 0);
      switch (invites.create(group, rev, invite, MAX_IN_FORCE)) {
        case CREATED -> {
          return new CreatedInvite(code, invite);
        }
        case TOO_MANY ->
            throw ChatException.tooLarge("a group has at most " + MAX_IN_FORCE + " invites");
        case CHANGED -> {}
      }
    }
    throw GroupChanger.tooFast();
  }

  /** A page of those in force, ascending by id. */
  public Page<Invite> inForce(UserId actor, ConversationId group, PageQuery<InviteId> page) {
    requireManager(actor, group, "list invites");
    return Page.of(
        invites.inForce(group, page.after(), page.limit() + 1, changer.now()), page.limit());
  }

  /** Does nothing if there is no such invite. */
  public void revoke(UserId actor, ConversationId group, InviteId invite) {
    requireManager(actor, group, "revoke invites");
    invites.revoke(group, invite);
  }

  /** The group that a user can join by a code, or is in; refuses codes that are not good for it. */
  public Conversation invited(UserId user, InviteCode code) {
    ConversationId id = code.group();
    boolean good =
        invites
            .find(id, code.id())
            .filter(found -> found.isInForce(changer.now()) || store.member(id, user).isPresent())
            .isPresent();
    ConversationDirectory.Entry group = good ? directory.lookUp(id) : null;
    if (group == null) {
      throw InviteCode.unknown();
    }
    return group.conversation();
  }

  /** Makes a user a plain member, and shows that; a member stays what they are. */
  public Conversation join(UserId user, InviteCode code) {
    ConversationId id = code.group();
    InviteId invite = code.id();
    if (invites.find(id, invite).isEmpty()) { // a guess locks nothing
      throw InviteCode.unknown();
    }
    guard.requireChangeable(id);
    JoinOutcome outcome = invites.join(id, invite, user, maxMembers, changer.now());
    if (outcome instanceof JoinOutcome.Joined joined) {
      Conversation group = joined.made().conversation();
      changer.announce(() -> announcer.changed(group, joined.made().changes()));
      return group;
    }
    if (outcome instanceof JoinOutcome.WasMember member) {
      return member.group();
    }
    if (outcome instanceof JoinOutcome.Banned) {
      throw ChatException.forbidden("you are banned from the group");
    }
    if (outcome instanceof JoinOutcome.Full) {
      throw ChatException.tooLarge("a group has at most " + maxMembers + " members");
    }
    throw InviteCode.unknown();
  }

  private void requireManager(UserId actor, ConversationId group, String what) {
    Role role =
        actor.isSystem()
            ? Role.OWNER
            : store
                .member(group, actor)
                .map(Member::role)
                .orElseThrow(() -> Errors.noSuchConversation(group));
    ConversationDirectory.Entry entry = directory.lookUp(group);
    if (entry == null) {
      throw Errors.noSuchConversation(group);
    }
    GroupChanger.requireGroup(entry.conversation());
    Permission.MANAGE_INVITES.require(role, what);
  }
}
