package chat.engine.protocol;

/**
 * What a connection writes to: one socket of the host's WebSocket library. {@link QueuedTransport}
 * makes one from nearly any library's send method; implement this for a library that queues frames
 * itself and can say how much waits.
 *
 * <p>Every method may be called by any thread, also by several at once, and must not block. A
 * transport whose socket has gone ignores all calls.
 */
public interface Transport {
  /** Sends a text frame. Frames go out in the order of the calls. */
  void send(Frame frame);

  /** Sends what was given before, then closes the socket with this code. Idempotent. */
  void close(int code, String reason);

  /**
   * May I write? True while so much waits to be written that events had better wait in their
   * session, and requests unread, until {@link #whenWritable}.
   */
  default boolean isCongested() {
    return false;
  }

  /**
   * Runs a task, once, as soon as little or nothing waits to be written; the task does not block.
   * Another call before that may replace the task, since a connection always gives the same one.
   */
  default void whenWritable(Runnable task) {
    throw new UnsupportedOperationException("a transport that can be congested must override this");
  }

  /**
   * Shall I read? Reads no more frames from the socket until {@link #resumeReading}, so that the
   * client feels that its requests wait. A host that cannot do that waits for the future of {@link
   * ProtocolConnection#receive} instead.
   */
  default void pauseReading() {}

  default void resumeReading() {}
}
