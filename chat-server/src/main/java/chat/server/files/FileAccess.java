package chat.server.files;

import chat.server.accounts.Account;

/** Who may read a file, besides who uploaded it. */
interface FileAccess {
  /** Blocks. */
  boolean mayRead(Account reader, String fileId);
}
