package chat.engine.protocol.verb;

import chat.engine.Experimental;
import chat.engine.protocol.Verb;
import chat.engine.protocol.VerbSet;
import chat.engine.protocol.verb.conversation.OpenDirect;
import chat.engine.protocol.verb.conversation.Ping;
import chat.engine.protocol.verb.conversation.Read;
import chat.engine.protocol.verb.conversation.Received;
import chat.engine.protocol.verb.conversation.SetPreferences;
import chat.engine.protocol.verb.conversation.Sync;
import chat.engine.protocol.verb.group.AddMembers;
import chat.engine.protocol.verb.group.CreateGroup;
import chat.engine.protocol.verb.group.CreateInvite;
import chat.engine.protocol.verb.group.Invites;
import chat.engine.protocol.verb.group.Join;
import chat.engine.protocol.verb.group.Leave;
import chat.engine.protocol.verb.group.Members;
import chat.engine.protocol.verb.group.RemoveMembers;
import chat.engine.protocol.verb.group.RenameGroup;
import chat.engine.protocol.verb.group.RevokeInvite;
import chat.engine.protocol.verb.group.SetRole;
import chat.engine.protocol.verb.group.UpdateGroup;
import chat.engine.protocol.verb.message.Delete;
import chat.engine.protocol.verb.message.Edit;
import chat.engine.protocol.verb.message.Edits;
import chat.engine.protocol.verb.message.History;
import chat.engine.protocol.verb.message.PinMessage;
import chat.engine.protocol.verb.message.Pins;
import chat.engine.protocol.verb.message.React;
import chat.engine.protocol.verb.message.Reactions;
import chat.engine.protocol.verb.message.Search;
import chat.engine.protocol.verb.message.Send;
import chat.engine.protocol.verb.message.Typing;
import chat.engine.protocol.verb.moderation.BanUser;
import chat.engine.protocol.verb.moderation.Bans;
import chat.engine.protocol.verb.moderation.ReportMessage;
import chat.engine.protocol.verb.moderation.Silence;
import chat.engine.protocol.verb.moderation.Unban;
import chat.engine.protocol.verb.user.Block;
import chat.engine.protocol.verb.user.Blocked;
import chat.engine.protocol.verb.user.PresenceOfFellows;
import chat.engine.protocol.verb.user.SetPrivacy;
import chat.engine.protocol.verb.user.SetProfile;
import chat.engine.protocol.verb.user.ShowPrivacy;
import chat.engine.protocol.verb.user.ShowProfiles;
import chat.engine.protocol.verb.user.Unblock;
import java.util.Map;

/**
 * The verbs of this library, in sets that a host opens. Nothing is open unless the host opens it: a
 * client can do no more than its application means it to.
 */
public final class StandardVerbs {
  /**
   * Follow one's conversations: {@code sync, history, reactions, edits, pins, members, read,
   * received, preferences, ping}. {@code edits} needs {@link
   * chat.engine.EngineBuilder#editHistory}.
   */
  public static final VerbSet FOLLOWING =
      set(
          Map.of(
              "sync", new Sync(),
              "history", new History(),
              "reactions", new Reactions(),
              "edits", new Edits(),
              "pins", new Pins(),
              "members", new Members(),
              "read", new Read(),
              "received", new Received(),
              "preferences", new SetPreferences(),
              "ping", new Ping()));

  /**
   * Take part in the conversations that one is in: {@code send, edit, delete, react, pin, unpin,
   * typing}.
   */
  public static final VerbSet TALKING =
      set(
          Map.of(
              "send", new Send(),
              "edit", new Edit(),
              "delete", new Delete(),
              "react", new React(),
              "pin", new PinMessage(true),
              "unpin", new PinMessage(false),
              "typing", new Typing()));

  /**
   * Search in one's messages: {@code search}; see {@link chat.engine.EngineBuilder#search}, which
   * switches it on.
   */
  public static final VerbSet SEARCHING = set(Map.of("search", new Search()));

  /** See the presence of those with whom one shares a conversation: {@code presence}. */
  public static final VerbSet PRESENCE = set(Map.of("presence", new PresenceOfFellows()));

  /**
   * Block users, and see whom one has blocked: {@code block, unblock, blocked}. The engine does not
   * ask whether a user exists.
   */
  public static final VerbSet BLOCKING =
      set(Map.of("block", new Block(), "unblock", new Unblock(), "blocked", new Blocked()));

  /**
   * Decide what others see of one's presence and of what one has read: {@code set_privacy,
   * privacy}.
   */
  @Experimental
  public static final VerbSet PRIVACY =
      set(Map.of("set_privacy", new SetPrivacy(), "privacy", new ShowPrivacy()));

  /** Say how one is shown, and see how others are: {@code set_profile, profiles}. */
  @Experimental
  public static final VerbSet PROFILES =
      set(Map.of("set_profile", new SetProfile(), "profiles", new ShowProfiles()));

  /**
   * Begin a direct conversation with any user: {@code open_direct}, and {@code send} with {@code
   * to}. Who may talk to whom is decided by the application's hooks then.
   */
  public static final VerbSet OPENING_DIRECT = set(Map.of(OpenDirect.NAME, new OpenDirect()));

  /**
   * Create groups and manage one's own, by the rules of {@link chat.engine.Role}: {@code
   * create_group, update_group, rename_group, add_members, remove_members, set_role, leave}.
   */
  public static final VerbSet MANAGING_GROUPS =
      set(
          Map.of(
              "create_group", new CreateGroup(),
              "update_group", new UpdateGroup(),
              "rename_group", new RenameGroup(),
              "add_members", new AddMembers(),
              "remove_members", new RemoveMembers(),
              "set_role", new SetRole(),
              "leave", new Leave()));

  /**
   * Keep users out of one's groups, or from writing in them, by the same rules: {@code ban, unban,
   * bans, silence}.
   */
  public static final VerbSet MODERATING_GROUPS =
      set(
          Map.of(
              "ban", new BanUser(),
              "unban", new Unban(),
              "bans", new Bans(),
              "silence", new Silence()));

  /**
   * Invite users to one's groups by codes, and join groups by them: {@code create_invite, invites,
   * revoke_invite, join}. Whoever has a code can join: an application that decides who may be with
   * whom has an {@link chat.engine.hook.ActionHook} for that.
   */
  public static final VerbSet INVITING =
      set(
          Map.of(
              "create_invite", new CreateInvite(),
              "invites", new Invites(),
              "revoke_invite", new RevokeInvite(),
              "join", new Join()));

  /**
   * Report messages to the moderators: {@code report}. For an application in which somebody looks
   * at {@link chat.engine.ChatApplication#reports}.
   */
  public static final VerbSet REPORTING = set(Map.of("report", new ReportMessage()));

  private StandardVerbs() {}

  private static VerbSet set(Map<String, Verb> verbs) {
    return () -> verbs;
  }
}
