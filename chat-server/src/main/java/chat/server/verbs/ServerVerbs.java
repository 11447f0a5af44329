package chat.server.verbs;

import static java.util.Objects.requireNonNull;

import chat.engine.ConversationId;
import chat.engine.UserId;
import chat.engine.protocol.Verb;
import chat.engine.protocol.VerbSet;
import chat.engine.protocol.verb.StandardVerbs;
import chat.server.accounts.Account;
import chat.server.contacts.ContactRequests;
import chat.server.contacts.Contacts;
import chat.server.conversations.Blocks;
import chat.server.conversations.Conversations;
import chat.server.verbs.contact.AddContact;
import chat.server.verbs.contact.BlockNamed;
import chat.server.verbs.contact.ListContactRequests;
import chat.server.verbs.contact.ListContacts;
import chat.server.verbs.contact.RemoveContact;
import chat.server.verbs.group.AddNamedMembers;
import chat.server.verbs.group.BanNamedUser;
import chat.server.verbs.group.CreateNamedGroup;
import chat.server.verbs.group.RemoveNamedMembers;
import chat.server.verbs.group.RenameNamedGroup;
import chat.server.verbs.group.SetNamedRole;
import chat.server.verbs.group.SilenceNamedMember;
import chat.server.verbs.group.UpdateNamedGroup;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;

/** The verbs of this server, in place of the engine's where those have the same type. */
public record ServerVerbs(Map<String, Verb> verbs) implements VerbSet {
  /**
   * @param files refuses files that their sender may not read; may block
   * @param read told who has read something of which conversation; must not block
   * @param contactsChanged told of each contact that is added or removed, on a thread that may
   *     block
   */
  public static ServerVerbs of(
      Conversations conversations,
      Blocks blocks,
      Contacts contacts,
      ContactRequests requests,
      BiConsumer<Account, List<String>> files,
      BiConsumer<UserId, ConversationId> read,
      BiConsumer<Account, Contacts.Change> contactsChanged) {
    return new ServerVerbs(
        Map.ofEntries(
            Map.entry("send", new SendByName(conversations, files)),
            Map.entry(
                "read",
                new ReadAndTold(requireNonNull(StandardVerbs.FOLLOWING.verbs().get("read")), read)),
            Map.entry("create_group", new CreateNamedGroup(conversations)),
            Map.entry("update_group", new UpdateNamedGroup(conversations)),
            Map.entry("ban", new BanNamedUser(conversations, true)),
            Map.entry("unban", new BanNamedUser(conversations, false)),
            Map.entry("silence", new SilenceNamedMember(conversations)),
            Map.entry("rename_group", new RenameNamedGroup(conversations)),
            Map.entry("add_members", new AddNamedMembers(conversations)),
            Map.entry("remove_members", new RemoveNamedMembers(conversations)),
            Map.entry("set_role", new SetNamedRole(conversations)),
            Map.entry("presence", new VisiblePresence(conversations)),
            Map.entry("profiles", new NamedProfiles(conversations)),
            Map.entry("block", new BlockNamed(blocks, true)),
            Map.entry("unblock", new BlockNamed(blocks, false)),
            Map.entry("add_contact", new AddContact(blocks, contactsChanged)),
            Map.entry("remove_contact", new RemoveContact(contacts, contactsChanged)),
            Map.entry("contacts", new ListContacts(contacts)),
            Map.entry("contact_requests", new ListContactRequests(requests))));
  }
}
