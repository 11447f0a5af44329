package chat.engine.examples.replay;

import chat.engine.ConversationId;
import java.io.IOException;
import java.util.List;

/** Where a log is replayed: a chat of several nodes. */
public interface ReplayTarget extends AutoCloseable {
  /** Blocks until all nodes take users. */
  void awaitReady() throws IOException, InterruptedException;

  /** Lets a user in, on one node after the other. */
  ReplayUser join(String nick, Listener listener);

  /** A group of all; the first is its owner. */
  ConversationId createGroup(String name, List<ReplayUser> members);

  /** Breaks what the program was told to break. */
  void breakIt();

  /** Brings back what was broken. */
  void mendIt();

  @Override
  void close();

  /** Is told what a user sees of the group. */
  interface Listener {
    void live(ReplayMessage message);

    void caughtUp(ReplayMessage message);

    /** The user lost the connection, and will be back on another. */
    void disconnected();

    /** The stream was cut, with nothing that explains it. */
    void resync();
  }
}
