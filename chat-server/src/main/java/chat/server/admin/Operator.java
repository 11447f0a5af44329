package chat.server.admin;

import chat.server.accounts.Account;
import org.jspecify.annotations.Nullable;

/**
 * Who acts as an operator.
 *
 * @param account null for who has the machine, and needs none
 * @param origin the address, or {@code command line}
 */
public record Operator(@Nullable Account account, String origin) {
  public static final Operator COMMAND_LINE = new Operator(null, "command line");
}
