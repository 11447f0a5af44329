package chat.server.verbs;

import chat.engine.protocol.VerbCall;
import chat.server.accounts.Account;
import chat.server.accounts.Identity;

/** The user of a connection, with the conversations that it has found by name. */
public record Caller(Identity identity, KnownConversations known) {
  public Caller(Identity identity) {
    this(identity, new KnownConversations());
  }

  static Caller of(VerbCall call) {
    return call.connection().attachment(Caller.class);
  }

  Account account() {
    return identity.account();
  }
}
