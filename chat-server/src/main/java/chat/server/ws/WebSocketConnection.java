package chat.server.ws;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import org.java_websocket.WebSocket;
import org.java_websocket.WebSocketAdapter;
import org.java_websocket.WebSocketImpl;
import org.java_websocket.drafts.Draft;
import org.java_websocket.exceptions.InvalidDataException;
import org.java_websocket.framing.CloseFrame;
import org.java_websocket.framing.Framedata;
import org.java_websocket.framing.PingFrame;
import org.java_websocket.framing.PongFrame;
import org.java_websocket.handshake.ClientHandshake;
import org.java_websocket.handshake.Handshakedata;
import org.java_websocket.handshake.ServerHandshakeBuilder;
import org.jspecify.annotations.Nullable;

/**
 * One open connection. {@link #send} and {@link #close} may be called from any thread and never
 * block; frames go out in the order in which they were given.
 *
 * <p>Reading, decoding and writing happen on one event loop. A sender adds to the queue and, if no
 * flush is due yet, asks the loop for one: many frames, one wakeup, one gathering write.
 */
public final class WebSocketConnection {
  private static final int CONGESTED_PART = 4;
  private static final long MAX_DISCARDED_BYTES = 4 * 1024 * 1024;
  private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(5);
  private static final double HEARTBEAT_SPREAD = 0.25;

  private final EventLoop loop;
  private final SocketChannel channel;
  private final InetSocketAddress remote;
  private final WebSocketLimits limits;
  private final ConnectionAcceptor acceptor;
  private final WebSocketImpl protocol;
  private final OutgoingFrames outgoing;
  private final AtomicBoolean flushDue = new AtomicBoolean();
  private final long acceptedNanos = System.nanoTime();

  /** Not the same for all: those who came at once, after a restart say, are not pinged at once. */
  private final long heartbeatNanos;

  private volatile boolean open;
  // from here on only the event loop
  private @Nullable SelectionKey key;
  private @Nullable ConnectionListener listener;
  private @Nullable UpgradeRequest request;
  private int handshakeBytes;
  private long heardNanos = acceptedNanos;
  private long pingedNanos = acceptedNanos;
  private boolean reading = true;
  private @Nullable PingFrame unansweredPing;
  private @Nullable Runnable afterWritten;
  private boolean lingering; // all is said; what still comes is thrown away
  private long discarded;
  private long closingNanos;
  private boolean closing;
  private boolean ended;
  private boolean reasonTold; // why it does not become a WebSocket, or it is one

  WebSocketConnection(
      EventLoop loop,
      SocketChannel channel,
      InetSocketAddress remote,
      WebSocketLimits limits,
      OutgoingBudget budget,
      ConnectionAcceptor acceptor) {
    this.loop = loop;
    this.channel = channel;
    this.remote = remote;
    this.limits = limits;
    this.acceptor = acceptor;
    this.heartbeatNanos = staggered(limits.heartbeat());
    this.protocol =
        new WebSocketImpl(
            new Callbacks(),
            List.of(new LimitedDraft(limits.messageBytes(), limits.fragments(), this::heard)));
    this.outgoing = new OutgoingFrames(protocol.outQueue, limits.outgoingBytes(), budget);
  }

  static long staggered(Duration heartbeat) {
    double part = 1 - HEARTBEAT_SPREAD * ThreadLocalRandom.current().nextDouble();
    return (long) (heartbeat.toNanos() * part);
  }

  public InetSocketAddress remote() {
    return remote;
  }

  /**
   * Queues a frame from {@link TextFrames}; the array is shared, do not change it. Ignored once the
   * connection closes. A single frame may be of any size.
   *
   * @return false if more waits already than a client may leave unread: the connection is then
   *     closed with {@link CloseCode#TRY_LATER}
   */
  public boolean send(byte[] frame) {
    if (!open) {
      return true;
    }
    if (!outgoing.add(frame)) {
      loop.execute(this::abandon);
      return false;
    }
    demandFlush();
    return true;
  }

  /** Whether so much is queued that events had better wait for {@link #whenWritten}. */
  public boolean isCongested() {
    return outgoing.addedBytes() > limits.outgoingBytes() / CONGESTED_PART;
  }

  /**
   * Runs a task on the event loop as soon as nothing is queued, in place of one that was given
   * before; never if the connection ends first.
   */
  public void whenWritten(Runnable task) {
    loop.execute(
        () -> {
          afterWritten = task;
          demandFlush();
        });
  }

  /** Sends what is queued, then a close frame, then ends the connection. Idempotent. */
  public void close(int code, String reason) {
    loop.execute(
        () -> {
          reading = true; // for the client's own close frame
          protocol.close(code, reason);
          flush();
        });
  }

  /**
   * Reads no more, so that the client feels that its requests wait; what was read already still
   * comes. The client cannot be heard meanwhile, so it counts as heard until reading goes on.
   */
  public void pauseReading() {
    loop.execute(() -> reading(false));
  }

  public void resumeReading() {
    loop.execute(() -> reading(true));
  }

  /** For a client that does not read: a close frame would wait behind everything else. */
  private void abandon() {
    if (!ended && open) {
      outgoing.forgetUnsent();
      protocol.close(CloseCode.TRY_LATER, "too slow");
      flush();
    }
  }

  private void demandFlush() {
    if (flushDue.compareAndSet(false, true)) {
      loop.demandFlush(this);
    }
  }

  // ---- on the event loop

  private void reading(boolean wanted) {
    if (!ended && !closing) {
      if (wanted && !reading) {
        heard(); // its answers to pings may lie unread
      }
      reading = wanted;
      updateInterest();
    }
  }

  private void updateInterest() {
    SelectionKey mine = key;
    if (mine != null && mine.isValid()) {
      mine.interestOps(
          (reading ? SelectionKey.OP_READ : 0) | (outgoing.blocked() ? SelectionKey.OP_WRITE : 0));
    }
  }

  void registered(SelectionKey selectionKey) {
    key = selectionKey;
    protocol.setSelectionKey(selectionKey);
    protocol.setChannel(channel);
  }

  SocketChannel channel() {
    return channel;
  }

  void read(ByteBuffer buffer) throws IOException {
    buffer.clear();
    int count = channel.read(buffer);
    if (lingering) {
      discarded += Math.max(0, count);
      if (count < 0 || discarded > MAX_DISCARDED_BYTES) {
        protocol.closeConnection();
      }
      return;
    }
    if (count < 0) {
      protocol.eot();
      return;
    }
    if (count == 0) {
      return;
    }
    if (!open && !closing) {
      handshakeBytes += count;
      if (handshakeBytes > limits.handshakeBytes()) {
        refused(RefusedHandshake.BROKEN);
        drop();
        return;
      }
    }
    buffer.flip();
    try {
      protocol.decode(buffer);
    } catch (RuntimeException unforeseen) { // by the library, of what a client may send
      loop.clientFault(unforeseen);
      protocol.close(CloseFrame.PROTOCOL_ERROR, "broken frame");
    }
  }

  private void refused(RefusedHandshake why) {
    if (!reasonTold) {
      reasonTold = true;
      acceptor.refused(why, remote().getAddress());
    }
  }

  private void heard() {
    heardNanos = System.nanoTime();
  }

  /** Writes what the socket takes; asks the selector to tell when it takes more. */
  void flush() {
    flushDue.set(false);
    if (ended || lingering) {
      return;
    }
    try {
      boolean all = outgoing.writeTo(channel);
      updateInterest();
      if (all && protocol.isFlushAndClose()) {
        linger();
      } else if (all) {
        allWritten();
      }
    } catch (IOException gone) {
      drop();
    }
  }

  private void allWritten() {
    PingFrame ping = unansweredPing;
    unansweredPing = null;
    if (ping != null && open) {
      protocol.sendFrame(new PongFrame(ping));
    }
    Runnable task = afterWritten;
    afterWritten = null;
    if (task != null) {
      task.run();
    }
  }

  /**
   * Waits for the client's end. If the socket were closed while something from the client lies
   * unread in it, TCP would reset the connection, and the close frame on its way might be lost.
   */
  private void linger() throws IOException {
    if (!lingering) {
      refused(RefusedHandshake.BROKEN);
      lingering = true;
      reading = true;
      updateInterest();
      channel.shutdownOutput();
    }
  }

  /** Checks deadlines and sends the heartbeat. */
  void tick(long nowNanos) {
    if (closing) {
      if (nowNanos - closingNanos > CLOSE_TIMEOUT.toNanos()) {
        drop();
      }
      return;
    }
    if (!open) {
      if (nowNanos - acceptedNanos > limits.handshakeTimeout().toNanos()) {
        refused(RefusedHandshake.SLOW);
        drop();
      }
      return;
    }
    long patience = 3 * limits.heartbeat().toNanos();
    long silence = nowNanos - heardNanos;
    if ((reading && silence > patience) || outgoing.blockedNanos(nowNanos) > patience) {
      drop();
    } else if (silence > heartbeatNanos && nowNanos - pingedNanos > heartbeatNanos) {
      pingedNanos = nowNanos;
      protocol.sendFrame(new PingFrame());
    }
  }

  /** Ends the connection at once, without a close frame. */
  void drop() {
    if (!ended) {
      protocol.closeConnection(CloseFrame.ABNORMAL_CLOSE, "");
    }
  }

  private final class Callbacks extends WebSocketAdapter {
    @Override
    public ServerHandshakeBuilder onWebsocketHandshakeReceivedAsServer(
        WebSocket socket, Draft draft, ClientHandshake handshake) throws InvalidDataException {
      UpgradeRequest asked;
      try {
        asked =
            UpgradeRequest.of(
                handshake.getResourceDescriptor(),
                handshake.getFieldValue("Origin"),
                handshake.getFieldValue("Authorization"),
                remote().getAddress(),
                handshake.getFieldValue("X-Forwarded-For"));
      } catch (IllegalArgumentException broken) {
        throw new InvalidDataException(CloseFrame.PROTOCOL_ERROR, "broken address", broken);
      }
      if (!acceptor.admits(asked)) {
        reasonTold = true;
        throw new InvalidDataException(CloseCode.POLICY, "not admitted");
      }
      request = asked;
      return super.onWebsocketHandshakeReceivedAsServer(socket, draft, handshake);
    }

    @Override
    public void onWebsocketOpen(WebSocket socket, Handshakedata handshake) {
      UpgradeRequest asked = request;
      request = null;
      if (asked != null) {
        open = true;
        reasonTold = true;
        heard();
        try {
          listener = acceptor.open(WebSocketConnection.this, asked);
        } catch (Throwable fault) {
          loop.report("a connection could not be taken on", fault);
          protocol.close(CloseCode.INTERNAL, "internal error");
        }
      }
    }

    @Override
    public void onWebsocketMessage(WebSocket socket, String text) {
      ConnectionListener hearing = listener;
      if (hearing == null || ended) {
        return;
      }
      try {
        hearing.onText(text);
      } catch (Throwable fault) {
        loop.report("a listener failed", fault);
        protocol.close(CloseCode.INTERNAL, "internal error");
      }
    }

    @Override
    public void onWebsocketMessage(WebSocket socket, ByteBuffer binary) {
      protocol.close(CloseCode.UNSUPPORTED_DATA, "text only");
    }

    @Override
    public void onWebsocketPing(WebSocket socket, Framedata ping) {
      // A flood of pings that is never read must not pile up pongs: the newest gets one, in time.
      unansweredPing = (PingFrame) ping;
      demandFlush();
    }

    @Override
    public void onWebsocketClose(WebSocket socket, int code, String reason, boolean byPeer) {
      if (ended) {
        return;
      }
      ended = true;
      open = false;
      if (code == CloseFrame.PROTOCOL_ERROR) {
        refused(RefusedHandshake.BROKEN);
      }
      outgoing.forgetBytes();
      loop.forget(WebSocketConnection.this);
      ConnectionListener hearing = listener;
      listener = null;
      if (hearing != null) {
        try {
          hearing.onClose();
        } catch (Throwable fault) {
          loop.report("a listener failed at the end of its connection", fault);
        }
      }
    }

    @Override
    public void onWebsocketClosing(WebSocket socket, int code, String reason, boolean byPeer) {
      open = false;
      closing = true;
      closingNanos = System.nanoTime();
    }

    @Override
    public void onWebsocketCloseInitiated(WebSocket socket, int code, String reason) {
      // onWebsocketClosing follows
    }

    @Override
    public void onWebsocketError(WebSocket socket, Exception fault) {
      loop.clientFault(fault);
    }

    @Override
    public void onWriteDemand(WebSocket socket) {
      demandFlush();
    }

    @Override
    public InetSocketAddress getLocalSocketAddress(WebSocket socket) {
      return (InetSocketAddress) channel.socket().getLocalSocketAddress();
    }

    @Override
    public InetSocketAddress getRemoteSocketAddress(WebSocket socket) {
      return remote;
    }
  }
}
