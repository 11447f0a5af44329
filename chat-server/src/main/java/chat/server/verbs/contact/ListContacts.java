package chat.server.verbs.contact;

import chat.engine.Presence;
import chat.engine.UserId;
import chat.engine.protocol.JsonObjects;
import chat.engine.protocol.Outcome;
import chat.engine.protocol.Verb;
import chat.engine.protocol.VerbCall;
import chat.engine.protocol.WireJson;
import chat.server.accounts.Account;
import chat.server.contacts.Contacts;
import chat.server.conversations.Conversations;
import chat.server.verbs.caller.Caller;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Lists the caller's contacts and how things stand with them. */
public final class ListContacts implements Verb {
  private final Contacts contacts;

  public ListContacts(Contacts contacts) {
    this.contacts = contacts;
  }

  @Override
  public Outcome handle(VerbCall call) {
    return Outcome.alone(
        call.blocking(
            () -> {
              Map<UserId, Account> all =
                  contacts.of(Caller.of(call).account()).stream()
                      .collect(Collectors.toMap(Account::userId, account -> account));
              return json(all, Conversations.presences(call.session(), all.keySet()));
            }));
  }

  private static ObjectNode json(Map<UserId, Account> contacts, List<Presence> presences) {
    ObjectNode answer = JsonObjects.object();
    ArrayNode users = answer.putArray("users");
    for (Presence presence : presences) {
      Account contact = Objects.requireNonNull(contacts.get(presence.user()));
      WireJson.presence(users.addObject().put("id", Long.toString(contact.id())), presence);
    }
    return answer;
  }
}
