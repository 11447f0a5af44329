package chat.server.verbs.caller;

import chat.engine.protocol.VerbCall;
import chat.server.accounts.Account;
import chat.server.accounts.Identity;

/** The user of a connection, with the conversations that it has found by name. */
public record Caller(Identity identity, KnownConversations known) {
  public Caller(Identity identity) {
    this(identity, new KnownConversations());
  }

  public static Caller of(VerbCall call) {
    return call.connection().attachment(Caller.class);
  }

  public Account account() {
    return identity.account();
  }
}
