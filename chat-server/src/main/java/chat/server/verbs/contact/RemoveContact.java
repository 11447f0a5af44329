package chat.server.verbs.contact;

import chat.engine.protocol.JsonObjects;
import chat.engine.protocol.Outcome;
import chat.engine.protocol.Verb;
import chat.engine.protocol.VerbCall;
import chat.server.accounts.Account;
import chat.server.contacts.Contacts;
import chat.server.verbs.caller.Caller;
import java.util.function.BiConsumer;

/** Ends what {@link AddContact} began, for both users. */
public final class RemoveContact implements Verb {
  private final Contacts contacts;
  private final BiConsumer<Account, Contacts.Change> changed;

  /**
   * @param changed told of it, on a thread that may block
   */
  public RemoveContact(Contacts contacts, BiConsumer<Account, Contacts.Change> changed) {
    this.contacts = contacts;
    this.changed = changed;
  }

  @Override
  public Outcome handle(VerbCall call) {
    return Outcome.alone(
        call.blocking(
            () -> {
              Account account = Caller.of(call).account();
              changed.accept(account, contacts.remove(account, call.text("username")));
              return JsonObjects.object();
            }));
  }
}
