package chat.server.ws;

import java.time.Duration;

/**
 * What one endpoint and each of its connections may use.
 *
 * @param connections at most this many at once; one more is refused before its handshake
 * @param connectionsPerAddress the same for one remote address; behind a proxy all have the proxy's
 * @param messageBytes the longest text, in bytes of UTF-8, in one frame or in fragments
 * @param fragments the most frames that one text may come in
 * @param handshakeBytes the longest request for an upgrade
 * @param handshakeTimeout how long a connection may take to ask for its upgrade
 * @param heartbeat a connection from which no whole frame comes for so long, or up to a quarter
 *     less so that not all are pinged at once, is pinged, and given up after three of them, but not
 *     while its reading is paused
 * @param outgoingBytes when so much waits to be written to a connection, one frame more closes it
 *     with {@link CloseCode#TRY_LATER}; a client that takes nothing for three heartbeats is cut
 * @param outgoingBytesInAll when more than this waits to be written to all connections, those for
 *     which more than their share of it waits are closed as soon as they get one frame more
 */
public record WebSocketLimits(
    int connections,
    int connectionsPerAddress,
    int messageBytes,
    int fragments,
    int handshakeBytes,
    Duration handshakeTimeout,
    Duration heartbeat,
    int outgoingBytes,
    long outgoingBytesInAll) {

  public static WebSocketLimits defaults() {
    return new WebSocketLimits(
        20_000,
        20_000,
        64 * 1024,
        64,
        8 * 1024,
        Duration.ofSeconds(10),
        Duration.ofSeconds(30),
        1024 * 1024,
        Runtime.getRuntime().maxMemory() / 8);
  }

  public WebSocketLimits withConnections(int inAll, int perAddress) {
    return new WebSocketLimits(
        inAll,
        perAddress,
        messageBytes,
        fragments,
        handshakeBytes,
        handshakeTimeout,
        heartbeat,
        outgoingBytes,
        outgoingBytesInAll);
  }

  public WebSocketLimits withMessageBytes(int bytes) {
    return new WebSocketLimits(
        connections,
        connectionsPerAddress,
        bytes,
        fragments,
        handshakeBytes,
        handshakeTimeout,
        heartbeat,
        outgoingBytes,
        outgoingBytesInAll);
  }

  public WebSocketLimits withTimes(Duration handshake, Duration beat) {
    return new WebSocketLimits(
        connections,
        connectionsPerAddress,
        messageBytes,
        fragments,
        handshakeBytes,
        handshake,
        beat,
        outgoingBytes,
        outgoingBytesInAll);
  }

  public WebSocketLimits withOutgoingBytes(int bytes) {
    return new WebSocketLimits(
        connections,
        connectionsPerAddress,
        messageBytes,
        fragments,
        handshakeBytes,
        handshakeTimeout,
        heartbeat,
        bytes,
        outgoingBytesInAll);
  }

  public WebSocketLimits withOutgoingBytesInAll(long bytes) {
    return new WebSocketLimits(
        connections,
        connectionsPerAddress,
        messageBytes,
        fragments,
        handshakeBytes,
        handshakeTimeout,
        heartbeat,
        outgoingBytes,
        bytes);
  }
}
