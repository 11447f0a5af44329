package chat.server.conversations;

import chat.engine.ChatEngine;
import chat.engine.ChatUser;
import chat.server.accounts.Account;
import chat.server.accounts.Accounts;
import chat.server.contacts.Contacts;
import chat.server.json.ApiError;
import chat.server.json.ApiException;
import java.util.Set;

/**
 * Blocks users by their names; what a block forbids is the engine's. Thread-safe; blocks on the
 * database.
 */
public final class Blocks {
  private final ChatEngine engine;
  private final Accounts accounts;
  private final Contacts contacts;

  public Blocks(ChatEngine engine, Accounts accounts, Contacts contacts) {
    this.engine = engine;
    this.accounts = accounts;
    this.contacts = contacts;
  }

  /**
   * A block ends what one of the two has asked of the other.
   *
   * @throws ApiException {@code not_found} for an unknown user, {@code bad_request} for oneself
   */
  public void set(Account account, String username, boolean on) {
    Account other = accounts.named(username);
    if (other.id() == account.id()) {
      throw ApiException.badRequest("nobody can block themselves");
    }
    ChatUser user = engine.asUser(account.userId());
    if (on) {
      Conversations.await(user.block(other.userId()));
      contacts.endRequests(account, other);
    } else {
      Conversations.await(user.unblock(other.userId()));
    }
  }

  /**
   * Adds a contact as {@link Contacts#add}, unless one of the two has blocked the other. Looks
   * again afterwards, because a block may be made at the same time: it ends requests once it is
   * committed, so one of the two sees what the other has done.
   *
   * @throws ApiException {@code forbidden} if one of the two has blocked the other
   */
  public Contacts.Change addContact(Account account, String username) {
    Account other = accounts.named(username);
    requireNone(account, other);
    Contacts.Change added = contacts.add(account, username);
    try {
      requireNone(account, other);
    } catch (ApiException blocked) {
      if (added.requested()) {
        contacts.endRequests(account, other);
      } else if (added.at() != null) {
        contacts.remove(account, username);
      }
      throw blocked;
    }
    return added;
  }

  private void requireNone(Account account, Account other) {
    boolean blocked =
        !Conversations.await(
                engine.asApplication().blockedBetween(account.userId(), Set.of(other.userId())))
            .isEmpty();
    if (blocked) {
      throw ApiException.of(ApiError.FORBIDDEN, other.username() + " cannot be your contact");
    }
  }
}
