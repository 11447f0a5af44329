package chat.server.ws;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.GatheringByteChannel;
import java.util.Queue;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What waits to be written to one connection: the library's queue, which also takes frames of its
 * own (handshake, pings, close), with a limit to what senders may add. Any thread adds; the rest is
 * for the event loop alone.
 */
final class OutgoingFrames {
  private static final int WRITE_AT_ONCE = 64;

  private final Queue<ByteBuffer> frames;
  private final int limitBytes;
  private final OutgoingBudget budget;

  /** Of added frames only. */
  private final AtomicLong addedBytes = new AtomicLong();

  private boolean blocked;
  private long blockedSinceNanos;

  OutgoingFrames(Queue<ByteBuffer> frames, int limitBytes, OutgoingBudget budget) {
    this.frames = frames;
    this.limitBytes = limitBytes;
    this.budget = budget;
  }

  /**
   * A frame of any size is taken, if no more than the limit waits before it, and the budget of all
   * connections is not used up by those that hold as much as this one.
   */
  boolean add(byte[] frame) {
    long before = addedBytes.get();
    if (before > limitBytes || !budget.allows(before)) {
      return false;
    }
    addedBytes.addAndGet(frame.length);
    budget.add(frame.length);
    return frames.add(ByteBuffer.wrap(frame));
  }

  long addedBytes() {
    return addedBytes.get();
  }

  /** Keeps a frame that is half out: what is added next must come after the rest of it. */
  void forgetUnsent() {
    ByteBuffer head = frames.peek();
    frames.clear();
    forgetBytes();
    if (head != null && head.position() > 0) {
      frames.add(head);
    }
  }

  /** Nothing is written any more: gives back what it holds of the budget. */
  void forgetBytes() {
    budget.add(-addedBytes.getAndSet(0));
  }

  /**
   * Writes what the channel takes.
   *
   * @return whether nothing waits any more
   */
  boolean writeTo(GatheringByteChannel channel) throws IOException {
    ByteBuffer[] batch = new ByteBuffer[WRITE_AT_ONCE];
    boolean progress = false;
    while (true) {
      int count = 0;
      for (ByteBuffer waiting : frames) {
        if (count == batch.length) {
          break;
        }
        batch[count++] = waiting;
      }
      if (count == 0) {
        blocked = false;
        return true;
      }
      long written = channel.write(batch, 0, count);
      progress |= written > 0;
      taken(written);
      for (int i = 0; i < count; i++) {
        if (batch[i].hasRemaining()) {
          if (progress || !blocked) {
            blockedSinceNanos = System.nanoTime();
          }
          blocked = true;
          return false;
        }
        frames.poll();
      }
    }
  }

  /** The library's own frames were never added: never below zero. */
  private void taken(long written) {
    long before = addedBytes.getAndUpdate(waiting -> Math.max(0, waiting - written));
    budget.add(-Math.min(before, written));
  }

  /** Whether the channel took not everything the last time. */
  boolean blocked() {
    return blocked;
  }

  /** For how long the channel has taken nothing; 0 while it is not {@link #blocked}. */
  long blockedNanos(long nowNanos) {
    return blocked ? nowNanos - blockedSinceNanos : 0;
  }
}
