package chat.server.outgoing;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandler;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Posts JSON to other servers. A call ends at its deadline, whatever the other side does, and its
 * answer has a bound. Redirects are not followed: an answer must not lead this server to an address
 * that nobody configured. Thread-safe; never blocks.
 */
public final class OutgoingHttp implements AutoCloseable {
  private static final Duration CONNECT = Duration.ofSeconds(5);
  private static final int THREADS = 2;

  private final ExecutorService threads =
      Executors.newFixedThreadPool(
          THREADS,
          task -> {
            Thread thread = new Thread(task, "chat-outgoing");
            thread.setDaemon(true);
            return thread;
          });

  private final HttpClient client =
      HttpClient.newBuilder()
          .connectTimeout(CONNECT)
          .followRedirects(HttpClient.Redirect.NEVER)
          .executor(threads)
          .build();

  /**
   * An answer of the other side.
   *
   * @param body empty if it was streamed
   */
  public record Answer(int status, HttpHeaders headers, byte[] body) {
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
      return headers.firstValue("Retry-After").flatMap(value -> wait(value.strip(), now));
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
    return send(url, headers, body, deadline, info -> LimitedBody.bytes(most))
        .thenApply(response -> answer(response, response.body()));
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
    BodyHandler<byte[]> body =
        info ->
            isEventStream(info) && info.statusCode() == 200
                ? new EventStream(reader)
                : LimitedBody.bytes(most);
    return send(url, headers, json, deadline, body)
        .thenApply(response -> answer(response, response.body()));
  }

  private static boolean isEventStream(HttpResponse.ResponseInfo info) {
    return info.headers().firstValue("content-type").orElse("").startsWith("text/event-stream");
  }

  private static Answer answer(HttpResponse<?> response, byte[] body) {
    return new Answer(response.statusCode(), response.headers(), body);
  }

  private <T> CompletableFuture<HttpResponse<T>> send(
      URI url, Map<String, String> headers, byte[] body, Duration deadline, BodyHandler<T> answer) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(url)
            .timeout(deadline)
            .header("Content-Type", "application/json")
            .header("User-Agent", "chat-server")
            .POST(HttpRequest.BodyPublishers.ofByteArray(body));
    headers.forEach(request::setHeader);
    CompletableFuture<HttpResponse<T>> call = client.sendAsync(request.build(), answer);
    CompletableFuture<HttpResponse<T>> bounded =
        call.copy().orTimeout(deadline.toMillis(), TimeUnit.MILLISECONDS);
    return bounded
        .whenComplete((response, fault) -> call.cancel(true)) // in vain if it has ended
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
    if (fault instanceof TimeoutException || fault instanceof HttpTimeoutException) {
      return new OutgoingFault(
          url.getHost() + " gave no answer within " + deadline.toMillis() + " ms");
    }
    if (fault instanceof IOException) {
      return new OutgoingFault(url.getHost() + " cannot be reached: " + fault, fault);
    }
    return new OutgoingFault("the call to " + url.getHost() + " failed: " + fault, fault);
  }

  /** Ends the threads; calls under way fail or are forgotten. */
  @Override
  public void close() {
    threads.shutdownNow();
  }
}
