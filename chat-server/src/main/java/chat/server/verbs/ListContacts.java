package chat.server.verbs;

import chat.engine.UserId;
import chat.engine.protocol.Outcome;
import chat.engine.protocol.Verb;
import chat.engine.protocol.VerbCall;
import chat.engine.protocol.WireJson;
import chat.server.accounts.Account;
import chat.server.accounts.Contacts;
import chat.server.conversations.Conversations;
import java.util.Set;
import java.util.stream.Collectors;

/** Lists the caller's contacts and how things stand with them. */
final class ListContacts implements Verb {
  private final Contacts contacts;

  ListContacts(Contacts contacts) {
    this.contacts = contacts;
  }

  @Override
  public Outcome handle(VerbCall call) {
    return Outcome.alone(
        call.blocking(
            () -> {
              Set<UserId> all =
                  contacts.of(Caller.of(call).account()).stream()
                      .map(Account::userId)
                      .collect(Collectors.toSet());
              return WireJson.presences(Conversations.presences(call.session(), all));
            }));
  }
}
