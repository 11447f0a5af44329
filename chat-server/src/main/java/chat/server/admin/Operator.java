package chat.server.admin;

import chat.server.accounts.Account;
import chat.server.json.ApiException;
import org.jspecify.annotations.Nullable;

/**
 * Who acts as an operator, from where and why.
 *
 * @param account null for who has the machine, and needs none
 * @param origin the address, or {@code command line}
 * @param reason in the operator's words, for the audit log; null for none
 */
public record Operator(@Nullable Account account, String origin, @Nullable String reason) {
  /**
   * @param reason null for none
   */
  public static Operator commandLine(@Nullable String reason) {
    return new Operator(null, "command line", reason);
  }

  Operator because(String given) {
    return new Operator(account, origin, given);
  }

  /** For what is not done without one. */
  String requiredReason() {
    if (reason == null) {
      throw ApiException.badRequest("reason is missing");
    }
    return reason;
  }
}
