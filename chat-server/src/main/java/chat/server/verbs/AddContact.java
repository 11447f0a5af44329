package chat.server.verbs;

import chat.engine.protocol.Outcome;
import chat.engine.protocol.Verb;
import chat.engine.protocol.VerbCall;
import chat.engine.protocol.WireJson;
import chat.server.accounts.Account;
import chat.server.accounts.Contacts;
import chat.server.conversations.Conversations;
import java.util.Set;
import java.util.function.BiConsumer;

/** Makes two users each other's contacts. */
final class AddContact implements Verb {
  private final Contacts contacts;
  private final BiConsumer<Account, Contacts.Change> changed;

  /**
   * @param changed told of it, on a thread that may block
   */
  AddContact(Contacts contacts, BiConsumer<Account, Contacts.Change> changed) {
    this.contacts = contacts;
    this.changed = changed;
  }

  @Override
  public Outcome handle(VerbCall call) {
    return Outcome.alone(
        call.blocking(
            () -> {
              Account account = Caller.of(call).account();
              Contacts.Change contact = contacts.add(account, call.text("username"));
              changed.accept(account, contact);
              return WireJson.presences(
                  Conversations.presences(call.session(), Set.of(contact.friend().userId())));
            }));
  }
}
