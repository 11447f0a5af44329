package chat.server.outgoing;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.eclipse.jetty.util.Promise;
import org.eclipse.jetty.util.SocketAddressResolver;

/**
 * Looks names up, each by one thread at a time: a name service that does not answer for one host
 * holds up the calls to this host only. Thread-safe; does not block.
 */
final class HostLookups implements SocketAddressResolver, AutoCloseable {
  private static final int MOST_AT_ONCE = 64;

  private final NameService names;
  private final Map<String, CompletableFuture<List<InetAddress>>> underWay =
      new ConcurrentHashMap<>();
  private final ThreadPoolExecutor threads =
      new ThreadPoolExecutor(
          0,
          MOST_AT_ONCE,
          10,
          TimeUnit.SECONDS,
          new SynchronousQueue<>(),
          task -> {
            Thread thread = new Thread(task, "chat-outgoing-names");
            thread.setDaemon(true);
            return thread;
          });

  /** Finds the addresses of a host; blocks. */
  interface NameService {
    InetAddress[] lookUp(String host) throws UnknownHostException;
  }

  HostLookups(NameService names) {
    this.names = names;
  }

  static HostLookups ofTheSystem() {
    return new HostLookups(InetAddress::getAllByName);
  }

  @Override
  public void resolve(
      String host,
      int port,
      Map<String, Object> context,
      Promise<List<InetSocketAddress>> promise) {
    lookedUp(host)
        .whenComplete(
            (found, fault) -> {
              if (fault != null) {
                promise.failed(fault);
              } else {
                promise.succeeded(
                    found.stream().map(address -> new InetSocketAddress(address, port)).toList());
              }
            });
  }

  private CompletableFuture<List<InetAddress>> lookedUp(String host) {
    CompletableFuture<List<InetAddress>> mine = new CompletableFuture<>();
    CompletableFuture<List<InetAddress>> first = underWay.putIfAbsent(host, mine);
    if (first != null) {
      return first;
    }
    try {
      threads.execute(() -> lookUp(host, mine));
    } catch (RejectedExecutionException full) {
      underWay.remove(host, mine);
      mine.completeExceptionally(
          new OutgoingFault(host + " cannot be looked up: too many lookups are under way"));
    }
    return mine;
  }

  private void lookUp(String host, CompletableFuture<List<InetAddress>> done) {
    try {
      List<InetAddress> found = Stream.of(names.lookUp(host)).toList();
      underWay.remove(host, done);
      done.complete(found);
    } catch (UnknownHostException | RuntimeException fault) {
      underWay.remove(host, done);
      done.completeExceptionally(fault);
    }
  }

  @Override
  public void close() {
    threads.shutdownNow();
  }
}
