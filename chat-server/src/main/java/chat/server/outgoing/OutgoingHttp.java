package chat.server.outgoing;

import java.io.EOFException;
import java.io.IOException;
import java.net.URI;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import org.eclipse.jetty.client.BytesRequestContent;
import org.eclipse.jetty.client.HttpClient;
import org.eclipse.jetty.client.HttpResponseException;
import org.eclipse.jetty.client.Request;
import org.eclipse.jetty.client.Response;
import org.eclipse.jetty.client.transport.HttpClientTransportOverHTTP;
import org.eclipse.jetty.http.HttpCookieStore;
import org.eclipse.jetty.http.HttpException;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpMethod;
import org.eclipse.jetty.io.ClientConnector;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.jspecify.annotations.Nullable;

/**
 * Posts JSON to other servers, over HTTP/1.1. A call ends at its deadline, whatever the other side
 * does, its answer has a bound, and its connection is closed when it fails. Redirects are not
 * followed: an answer must not lead this server to an address that nobody configured. Thread-safe;
 * never blocks.
 *
 * <p>The JDK's client would not do: when an answer is no HTTP, or its head is too long, it never
 * closes the connection, so anybody who registers an address for push could use up the files that
 * this process may open. It also looks up names on the threads that read answers.
 */
public final class OutgoingHttp implements AutoCloseable {
  private static final Duration CONNECT = Duration.ofSeconds(5);

  /** Shorter than most servers keep idle connections, so that none is used that is just ending. */
  private static final Duration IDLE = Duration.ofSeconds(4);

  private static final int LONGEST_HEAD = 64 * 1024;
  private static final int MOST_CONNECTIONS = 256;
  private static final int MOST_WAITING = 16 * 1024;
  private static final int THREADS = 8;

  private final HostLookups names;
  private final HttpClient client;
  private final OpenConnections connections = new OpenConnections();

  /**
   * An answer of the other side.
   *
   * @param retryAfterHeader null if it has none
   * @param body empty if it was streamed
   */
  public record Answer(int status, @Nullable String retryAfterHeader, byte[] body) {
    private static final int TOO_MANY_REQUESTS = 429;

    public boolean isGood() {
      return status >= 200 && status < 300;
    }

    /** Whether the other side has had too much of this server for now. */
    public boolean isTooMany() {
      return status == TOO_MANY_REQUESTS;
    }

    /** What {@code Retry-After} says (RFC 9110, 10.2.3), in seconds or as a date. */
    public Optional<Duration> retryAfter(Instant now) {
      return Optional.ofNullable(retryAfterHeader).flatMap(value -> wait(value.strip(), now));
    }

    private static Optional<Duration> wait(String value, Instant now) {
      try {
        return Optional.of(
            value.matches("[0-9]{1,9}")
                ? Duration.ofSeconds(Long.parseLong(value))
                : Duration.between(
                    now, DateTimeFormatter.RFC_1123_DATE_TIME.parse(value, Instant::from)));
      } catch (DateTimeParseException none) {
        return Optional.empty();
      }
    }
  }

  public OutgoingHttp() {
    this(HostLookups.ofTheSystem());
  }

  OutgoingHttp(HostLookups names) {
    this.names = names;
    QueuedThreadPool threads = new QueuedThreadPool(THREADS, 1);
    threads.setName("chat-outgoing");
    threads.setDaemon(true);
    ClientConnector connector = new ClientConnector();
    connector.setSelectors(1);
    connector.setExecutor(threads);
    connector.addEventListener(connections);
    client = new HttpClient(new HttpClientTransportOverHTTP(connector));
    client.setExecutor(threads);
    client.setSocketAddressResolver(names);
    client.addBean(connections);
    client.setConnectTimeout(CONNECT.toMillis());
    client.setIdleTimeout(IDLE.toMillis());
    client.setDestinationIdleTimeout(IDLE.toMillis());
    client.setFollowRedirects(false);
    client.setMaxResponseHeadersSize(LONGEST_HEAD);
    client.setMaxConnectionsPerDestination(MOST_CONNECTIONS);
    client.setMaxRequestsQueuedPerDestination(MOST_WAITING);
    client.setHttpCookieStore(new HttpCookieStore.Empty());
    client.setUserAgentField(new HttpField(HttpHeader.USER_AGENT, "chat-server"));
    try {
      client.start();
      client.getContentDecoderFactories().clear(); // nothing is unpacked
      FewInterims.bound(client, connections);
    } catch (Exception fault) {
      throw new IllegalStateException("the HTTP client does not start", fault);
    }
  }

  /**
   * Posts, and reads the whole answer.
   *
   * @param headers further ones, and others than those of JSON for a body that is none
   * @param most bytes of the answer
   * @return fails with {@link OutgoingFault} if the other side cannot be reached, is late, or says
   *     too much
   */
  public CompletableFuture<Answer> post(
      URI url, Map<String, String> headers, byte[] body, Duration deadline, int most) {
    return send(url, headers, body, deadline, head -> new LimitedBody(most));
  }

  /**
   * Posts, and gives the answer to a reader as it comes, if it is an event stream; else the answer
   * has the whole body.
   *
   * @param most bytes of an answer that is no event stream
   */
  public CompletableFuture<Answer> stream(
      URI url,
      Map<String, String> headers,
      byte[] json,
      Duration deadline,
      int most,
      EventStream.Reader reader) {
    return send(
        url,
        headers,
        json,
        deadline,
        head -> isEventStream(head) ? new EventStream(reader) : new LimitedBody(most));
  }

  private static boolean isEventStream(Response head) {
    String type = head.getHeaders().get(HttpHeader.CONTENT_TYPE);
    return head.getStatus() == 200 && type != null && type.startsWith("text/event-stream");
  }

  private CompletableFuture<Answer> send(
      URI url,
      Map<String, String> headers,
      byte[] body,
      Duration deadline,
      Function<Response, AnswerBody> bodies) {
    CompletableFuture<Answer> answer = new CompletableFuture<>();
    Request request =
        client
            .newRequest(url)
            .method(HttpMethod.POST)
            .idleTimeout(deadline.toMillis() * 2, TimeUnit.MILLISECONDS) // the deadline comes first
            .body(new BytesRequestContent("application/json", body))
            .headers(fields -> headers.forEach(fields::put));
    AnswerListener listener = new AnswerListener(answer, bodies);
    answer.whenComplete( // in vain if all of the answer is there
        (unused, fault) -> {
          request.abort(fault == null ? new OutgoingFault("no more is wanted") : fault);
          if (fault != null && !listener.isOver()) {
            connections.cut(request);
          }
        });
    request.send(listener);
    return answer
        .orTimeout(deadline.toMillis(), TimeUnit.MILLISECONDS)
        .exceptionally(
            fault -> {
              throw new CompletionException(explained(url, deadline, root(fault)));
            });
  }

  private static Throwable root(Throwable fault) {
    return fault instanceof CompletionException && fault.getCause() != null
        ? fault.getCause()
        : fault;
  }

  private static OutgoingFault explained(URI url, Duration deadline, Throwable fault) {
    for (Throwable cause = fault; cause != null; cause = cause.getCause()) {
      if (cause instanceof OutgoingFault known) {
        return known;
      }
    }
    if (fault instanceof TimeoutException) {
      return new OutgoingFault(
          url.getHost() + " gave no whole answer within " + deadline.toMillis() + " ms");
    }
    if (fault instanceof EOFException || fault instanceof ClosedChannelException) {
      return new OutgoingFault(url.getHost() + " ended the connection before its answer was whole");
    }
    if (fault instanceof IOException) {
      return new OutgoingFault(url.getHost() + " cannot be reached: " + fault, fault);
    }
    boolean notUnderstood =
        fault instanceof HttpResponseException
            || fault instanceof HttpException
            || fault instanceof AssertionError; // of Jetty's exception, where assertions are on
    if (notUnderstood) {
      return new OutgoingFault(
          "what " + url.getHost() + " said is no HTTP that is understood" + reason(fault));
    }
    return new OutgoingFault("the call to " + url.getHost() + " failed: " + fault, fault);
  }

  /** Without the state of the connection, which the messages of these exceptions have. */
  private static String reason(Throwable fault) {
    for (Throwable cause = fault; cause != null; cause = cause.getCause()) {
      if (cause instanceof HttpException http && http.getReason() != null) {
        return ": " + http.getReason();
      }
    }
    return "";
  }

  /** Ends the threads; calls under way fail or are forgotten. */
  @Override
  public void close() {
    names.close();
    try {
      client.stop();
    } catch (Exception fault) {
      throw new IllegalStateException("the HTTP client does not stop", fault);
    } finally {
      connections.end();
    }
  }
}
