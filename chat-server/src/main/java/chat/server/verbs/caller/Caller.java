package chat.server.verbs.caller;

import chat.engine.protocol.VerbCall;
import chat.server.accounts.Account;
import chat.server.accounts.login.Identity;
import chat.server.announcements.ToldAnnouncements;
import java.time.Instant;

/**
 * The user of a connection, with the conversations that it has found by name.
 *
 * @param announcements those that the connection knows
 * @param since when it came in
 */
public record Caller(
    Identity identity, KnownConversations known, ToldAnnouncements announcements, Instant since) {
  public Caller(Identity identity) {
    this(identity, new KnownConversations(), new ToldAnnouncements(), Instant.now());
  }

  public static Caller of(VerbCall call) {
    return call.connection().attachment(Caller.class);
  }

  public Account account() {
    return identity.account();
  }
}
