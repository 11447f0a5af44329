package chat.engine.examples.bench;

import chat.engine.examples.local.LocalServers;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** An nginx with sendfile and one worker per processor that serves the files of a directory. */
public final class PlainNginx implements AutoCloseable {
  private final Process process;
  private final int port;

  private PlainNginx(Process process, int port) {
    this.process = process;
    this.port = port;
  }

  /**
   * @throws IOException also if there is no nginx on the path
   */
  public static PlainNginx start(Path files) throws IOException, InterruptedException {
    int port = LocalServers.freePort();
    Path folder = Files.createTempDirectory("nginx-");
    Path config = folder.resolve("nginx.conf");
    Files.writeString(
        config,
        """
        daemon off; master_process on; worker_processes auto; user root;
        pid %1$s/pid; error_log %1$s/error.log;
        events { worker_connections 256; }
        http {
          access_log off; sendfile on; tcp_nopush on; keepalive_requests 100000;
          client_body_temp_path %1$s/b; proxy_temp_path %1$s/p; fastcgi_temp_path %1$s/f;
          uwsgi_temp_path %1$s/u; scgi_temp_path %1$s/s;
          server { listen 127.0.0.1:%2$d; root %3$s; }
        }
        """
            .formatted(folder, port, files));
    Process process =
        new ProcessBuilder("nginx", "-c", config.toString())
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("out.log").toFile())
            .start();
    PlainNginx nginx = new PlainNginx(process, port);
    for (int i = 0; i < 100; i++) {
      try (Socket probe = new Socket()) {
        probe.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        return nginx;
      } catch (IOException notYet) {
        TimeUnit.MILLISECONDS.sleep(50);
      }
    }
    nginx.close();
    throw new IOException("nginx did not start; see " + folder);
  }

  public URI url() {
    return URI.create("http://127.0.0.1:" + port);
  }

  @Override
  public void close() {
    process.destroy();
  }
}
