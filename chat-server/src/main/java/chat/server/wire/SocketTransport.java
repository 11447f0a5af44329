package chat.server.wire;

import chat.engine.protocol.Frame;
import chat.engine.protocol.Transport;
import chat.server.ws.TextFrames;
import chat.server.ws.WebSocketConnection;

/** A connection of the server's event loops, which queue frames themselves. */
record SocketTransport(WebSocketConnection connection) implements Transport {
  /** An event becomes a WebSocket frame once, for all the connections that it goes to. */
  private static final Frame.Format<byte[]> WIRE = TextFrames::of;

  @Override
  public void send(Frame frame) {
    connection.send(frame.in(WIRE));
  }

  @Override
  public void close(int code, String reason) {
    connection.close(code, reason);
  }

  @Override
  public boolean isCongested() {
    return connection.isCongested();
  }

  @Override
  public void whenWritable(Runnable task) {
    connection.whenWritten(task);
  }

  @Override
  public void pauseReading() {
    connection.pauseReading();
  }

  @Override
  public void resumeReading() {
    connection.resumeReading();
  }
}
