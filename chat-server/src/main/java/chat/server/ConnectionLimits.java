package chat.server;

import chat.server.config.Settings;
import chat.server.ws.WebSocketLimits;
import com.sun.management.UnixOperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The limits of WebSocket connections that follow from the settings and from this process's. */
final class ConnectionLimits {
  private static final Logger log = LoggerFactory.getLogger(ConnectionLimits.class);
  private static final int FRAME_OVERHEAD_BYTES = 8 * 1024;
  private static final Duration HANDSHAKE_TIMEOUT = Duration.ofSeconds(10);

  /** Jars, database connections, REST. */
  private static final int FILES_FOR_OTHERS = 512;

  private static final int FEW_CONNECTIONS = 10_000;

  private ConnectionLimits() {}

  static WebSocketLimits of(Settings settings) {
    return WebSocketLimits.defaults()
        .withConnections(
            maxConnections(settings.limits().maxConnections()),
            settings.limits().maxConnectionsPerAddress())
        // every byte of a text can take six in JSON
        .withMessageBytes(6 * settings.limits().maxTextBytes() + FRAME_OVERHEAD_BYTES)
        .withTimes(HANDSHAKE_TIMEOUT, Duration.ofSeconds(settings.limits().heartbeatSeconds()));
  }

  /** No more than the process may open files for, less what else needs one. */
  private static int maxConnections(int wanted) {
    long files =
        ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean unix
            ? unix.getMaxFileDescriptorCount()
            : Long.MAX_VALUE;
    long possible = Math.max(1, files - FILES_FOR_OTHERS);
    if (possible < wanted && possible < FEW_CONNECTIONS) {
      log.warn(
          "this process may open {} files (ulimit -n): at most {} WebSocket connections instead of"
              + " the {} of --max-connections",
          files,
          possible,
          wanted);
    }
    return (int) Math.min(possible, wanted);
  }
}
