package chat.server.outgoing;

import java.nio.ByteBuffer;

/** Takes the body of an answer as it comes. Used by one thread at a time; must not block. */
interface AnswerBody {
  /**
   * @return whether it wants more; if not, the answer is cut, which is a good end
   * @throws RuntimeException cuts the answer, and the call fails with it
   */
  boolean take(ByteBuffer part);

  /** What is to be kept of it, once all of it was taken. */
  byte[] end();
}
