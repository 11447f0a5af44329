package chat.server.accounts;

import chat.server.json.ApiException;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** Limits how often a password may be wrong. Must be thread-safe and not block. */
public interface PasswordGuesses {
  /** Lets everything through. */
  PasswordGuesses UNLIMITED = (account, address, check) -> check.getAsBoolean();

  /**
   * Checks a password, unless too many were wrong before.
   *
   * @param account whose password, by its e-mail address; it need not exist, and is treated the
   *     same if it does not
   * @param address of the client, if it is known
   * @param check whether the password is right
   * @return what the check says
   * @throws ApiException {@code rate_limited}, with the time to wait, without a check
   */
  boolean isRight(String account, @Nullable String address, BooleanSupplier check);
}
