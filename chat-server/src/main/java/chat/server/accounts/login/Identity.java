package chat.server.accounts.login;

import chat.server.accounts.Account;
import java.util.UUID;

/**
 * An account together with the login through which it came in.
 *
 * @param login ends with a logout, and with it all its sockets
 */
public record Identity(Account account, UUID login) {}
