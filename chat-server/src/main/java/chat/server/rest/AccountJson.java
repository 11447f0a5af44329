package chat.server.rest;

import chat.server.accounts.Account;
import tools.jackson.databind.node.ObjectNode;

/** Accounts as REST shows them. */
final class AccountJson {
  private AccountJson() {}

  /** What the owner sees of an account. */
  static ObjectNode own(ObjectNode into, Account account) {
    return other(into, account).put("email", account.email());
  }

  /** What others see of an account: not its e-mail address. */
  static ObjectNode other(ObjectNode into, Account account) {
    return into.put("id", Long.toString(account.id())).put("username", account.username());
  }
}
