package chat.engine.examples.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import chat.engine.examples.local.TcpProxy.Mode;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
final class TcpProxyTest {
  private static final int MILLIS_OF_SILENCE = 300;

  private final AtomicBoolean gaps = new AtomicBoolean();
  private ServerSocket target;
  private TcpProxy proxy;

  @BeforeEach
  void start() throws IOException {
    target = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    proxy = TcpProxy.start("test", target::getLocalPort);
  }

  @AfterEach
  void stop() throws IOException {
    proxy.close();
    target.close();
  }

  /** Both ends of a connection through the proxy. */
  private final class Link implements AutoCloseable {
    private final Socket client = new Socket(InetAddress.getLoopbackAddress(), proxy.port());
    private final Socket server = target.accept();
    private final DataInputStream clientIn = new DataInputStream(client.getInputStream());
    private final DataOutputStream clientOut = new DataOutputStream(client.getOutputStream());
    private final DataInputStream serverIn = new DataInputStream(server.getInputStream());
    private final DataOutputStream serverOut = new DataOutputStream(server.getOutputStream());

    Link() throws IOException {
      up(0);
      down(0);
    }

    void up(int number) throws IOException {
      clientOut.writeInt(number);
      assertThat(serverIn.readInt()).isEqualTo(number);
    }

    void down(int number) throws IOException {
      serverOut.writeInt(number);
      assertThat(clientIn.readInt()).isEqualTo(number);
    }

    void isSilent(Socket end) throws IOException {
      end.setSoTimeout(MILLIS_OF_SILENCE);
      assertThatThrownBy(end.getInputStream()::read).isInstanceOf(SocketTimeoutException.class);
      end.setSoTimeout(0);
    }

    void isReset() {
      assertThatThrownBy(clientIn::readInt).isInstanceOf(IOException.class);
      assertThatThrownBy(serverIn::readInt).isInstanceOf(IOException.class);
    }

    @Override
    public void close() throws IOException {
      client.close();
      server.close();
    }
  }

  @Test
  void aHoleHoldsBackWhatIsWrittenAndGivesItAllAfterwards() throws IOException {
    try (Link link = new Link()) {
      proxy.mode(Mode.HOLE);
      link.clientOut.writeInt(1);
      link.serverOut.writeInt(2);
      link.isSilent(link.server);
      link.isSilent(link.client);
      proxy.mode(Mode.PASS);
      assertThat(link.serverIn.readInt()).isEqualTo(1);
      assertThat(link.clientIn.readInt()).isEqualTo(2);
    }
  }

  @Test
  void aHoleOfOneDirectionLetsTheOtherPass() throws IOException {
    try (Link link = new Link()) {
      proxy.mode(Mode.HOLE_UP);
      link.down(1);
      link.clientOut.writeInt(2);
      link.isSilent(link.server);
      proxy.mode(Mode.HOLE_DOWN);
      assertThat(link.serverIn.readInt()).isEqualTo(2);
      link.up(3);
      link.serverOut.writeInt(4);
      link.isSilent(link.client);
      proxy.mode(Mode.PASS);
      assertThat(link.clientIn.readInt()).isEqualTo(4);
    }
  }

  @Test
  void aCutResetsTheConnectionsAndTakesNoNewOnes() throws IOException {
    try (Link link = new Link()) {
      proxy.mode(Mode.CUT);
      link.isReset();
      try (Socket refused = new Socket(InetAddress.getLoopbackAddress(), proxy.port())) {
        assertThatThrownBy(
                () -> {
                  if (refused.getInputStream().read() < 0) {
                    throw new IOException("closed");
                  }
                })
            .isInstanceOf(IOException.class);
      }
      proxy.mode(Mode.PASS);
      new Link().close();
    }
  }

  @Test
  void aConnectionThatLostRepliesIsResetAtTheEndAndOthersGoOn() throws IOException {
    try (Link loses = new Link();
        Link keeps = new Link()) {
      proxy.mode(Mode.LOSE_REPLIES);
      loses.up(1);
      keeps.up(1);
      loses.serverOut.writeInt(2);
      loses.isSilent(loses.client);
      proxy.mode(Mode.PASS);
      loses.isReset();
      keeps.down(3);
    }
  }

  /** TCP never gives what comes after a gap, so a link that fails may not do so either. */
  @Test
  void whateverIsLostNothingThatComesAfterItArrives() throws Exception {
    for (int round = 0; round < 200; round++) {
      try (Link link = new Link()) {
        AtomicBoolean over = new AtomicBoolean();
        Thread writer =
            new Thread(
                () -> {
                  try {
                    for (int number = 1; !over.get(); number++) {
                      link.serverOut.writeInt(number);
                    }
                  } catch (IOException reset) {
                    over.set(true);
                  }
                });
        Thread reader =
            new Thread(
                () -> {
                  try {
                    int last = 0;
                    for (int number = link.clientIn.readInt();
                        number == last + 1;
                        number = link.clientIn.readInt()) {
                      last = number;
                    }
                    gaps.set(true);
                  } catch (IOException reset) {
                    over.set(true);
                  }
                });
        writer.start();
        reader.start();
        for (int change = 0; change < 20 && !over.get(); change++) {
          proxy.mode(change % 2 == 0 ? Mode.LOSE_REPLIES : Mode.PASS);
        }
        proxy.mode(Mode.PASS);
        Thread.sleep(2); // in which more would arrive, if a link with a gap stayed open
        link.close();
        over.set(true);
        writer.join();
        reader.join();
      }
      assertThat(gaps).as("round %s", round).isFalse();
    }
  }

  @Test
  void whatIsAbandonedStaysOpenOnTheSideOfTheTargetUntilItIsDropped() throws IOException {
    try (Link link = new Link()) {
      proxy.abandon();
      link.client.close();
      link.isSilent(link.server);
      proxy.dropAbandoned();
      assertThatThrownBy(link.serverIn::readInt).isInstanceOf(IOException.class);
    }
  }

  @Test
  void aDelayMakesEverythingLate() throws IOException {
    try (Link link = new Link()) {
      proxy.mode(Mode.DELAY, Duration.ofMillis(MILLIS_OF_SILENCE));
      long begun = System.nanoTime();
      link.up(1);
      link.down(2);
      assertThat(Duration.ofNanos(System.nanoTime() - begun))
          .isGreaterThanOrEqualTo(Duration.ofMillis(2 * MILLIS_OF_SILENCE));
    }
  }

  @Test
  void itKnowsItsConnections() throws IOException {
    try (Link link = new Link()) {
      await().until(() -> proxy.connectionsTo(target.getLocalPort()) == 1);
      assertThat(proxy.upstreamPorts()).containsExactly(link.server.getPort());
      proxy.resetTo(target.getLocalPort());
      link.isReset();
      await().until(() -> proxy.connectionsTo(target.getLocalPort()) == 0);
    }
  }
}
