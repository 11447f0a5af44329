package chat.server.verbs;

import chat.engine.protocol.Verb;
import chat.engine.protocol.VerbSet;
import chat.server.accounts.Account;
import chat.server.accounts.Contacts;
import chat.server.conversations.Conversations;
import java.util.Map;
import java.util.function.BiConsumer;

/** The verbs of this server, in place of the engine's where those have the same type. */
public record ServerVerbs(Map<String, Verb> verbs) implements VerbSet {
  /**
   * @param contactsChanged told of each contact that is added or removed, on a thread that may
   *     block
   */
  public static ServerVerbs of(
      Conversations conversations,
      Contacts contacts,
      BiConsumer<Account, Contacts.Change> contactsChanged) {
    return new ServerVerbs(
        Map.of(
            "send", new SendByName(conversations),
            "create_group", new CreateNamedGroup(conversations),
            "rename_group", new RenameNamedGroup(conversations),
            "add_members", new AddNamedMembers(conversations),
            "remove_members", new RemoveNamedMembers(conversations),
            "set_role", new SetNamedRole(conversations),
            "presence", new VisiblePresence(conversations),
            "add_contact", new AddContact(contacts, contactsChanged),
            "remove_contact", new RemoveContact(contacts, contactsChanged),
            "contacts", new ListContacts(contacts)));
  }
}
