package chat.server.verbs.contact;

import chat.engine.protocol.Outcome;
import chat.engine.protocol.Verb;
import chat.engine.protocol.VerbCall;
import chat.engine.protocol.WireJson;
import chat.server.accounts.Account;
import chat.server.contacts.Contacts;
import chat.server.conversations.Blocks;
import chat.server.conversations.Conversations;
import chat.server.verbs.caller.Caller;
import java.util.List;
import java.util.Set;
import java.util.function.BiConsumer;

/** Makes two users each other's contacts, or asks the other one whether they are to be. */
public final class AddContact implements Verb {
  private final Blocks blocks;
  private final BiConsumer<Account, Contacts.Change> changed;

  /**
   * @param changed told of it, on a thread that may block
   */
  public AddContact(Blocks blocks, BiConsumer<Account, Contacts.Change> changed) {
    this.blocks = blocks;
    this.changed = changed;
  }

  @Override
  public Outcome handle(VerbCall call) {
    return Outcome.alone(
        call.blocking(
            () -> {
              Account account = Caller.of(call).account();
              Contacts.Change contact = blocks.addContact(account, call.text("username"));
              changed.accept(account, contact);
              if (contact.requested()) {
                return WireJson.presences(List.of()).put("status", "requested");
              }
              return WireJson.presences(
                      Conversations.presences(call.session(), Set.of(contact.friend().userId())))
                  .put("status", "contact");
            }));
  }
}
