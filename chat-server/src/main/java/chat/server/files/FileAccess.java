package chat.server.files;

import chat.server.accounts.Account;

/** Who may read a file, besides who uploaded it. Thread-safe; blocks. */
interface FileAccess {
  /** Called before there is a file that can be sent: from now on it is noted who may read it. */
  default void expectFiles() {}

  boolean mayRead(Account reader, String fileId);
}
