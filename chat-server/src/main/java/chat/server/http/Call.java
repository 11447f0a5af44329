package chat.server.http;

import chat.engine.protocol.JsonObjects;
import chat.server.http.route.CallPath;
import chat.server.http.route.RouteTable;
import chat.server.http.timeout.Heads;
import chat.server.http.timeout.Lingering;
import chat.server.http.timeout.Pace;
import chat.server.http.timeout.Watch;
import chat.server.json.ApiError;
import chat.server.json.ApiException;
import chat.server.uri.ClientAddresses;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * One call, from its head to the last byte of its answer. Only its handler blocks a thread; while
 * the body or the answer moves, none waits for the client.
 */
final class Call {
  private static final Logger log = LoggerFactory.getLogger(Call.class);
  private static final String OTHER = "other";

  /** A longer body is sent in parts, so that it can be seen to move. */
  private static final int PART_BYTES = 32 * 1024;

  /** What all calls of an endpoint share. */
  record Shared(
      RouteTable<HttpEndpoint.Target> routes,
      CrossOrigin crossOrigin,
      HttpEndpoint.Timings timings,
      HttpLimits limits,
      Workers workers,
      Watch watch,
      Heads heads,
      BodyIntake.Budget bodies,
      CallsUnderWay way,
      Guard guard,
      ClientAddresses addresses) {}

  private final Shared shared;
  private final org.eclipse.jetty.server.Request request;
  private final org.eclipse.jetty.server.Response answer;
  private final Callback callback;
  private final long begunNanos = System.nanoTime();
  private final AtomicBoolean answered = new AtomicBoolean();
  private final AtomicBoolean ended = new AtomicBoolean();
  private volatile String route = OTHER;
  private volatile Guard.Admitted admitted = Guard.Admitted.UNCOUNTED;
  private volatile boolean bodyArrived = true;

  Call(
      Shared shared,
      org.eclipse.jetty.server.Request request,
      org.eclipse.jetty.server.Response answer,
      Callback callback) {
    this.shared = shared;
    this.request = request;
    this.answer = answer;
    this.callback = callback;
  }

  private Connection connection() {
    return request.getConnectionMetaData().getConnection();
  }

  /** Must not block. */
  void begin() {
    shared.way().begin();
    shared.heads().callBegins(connection());
    // while the handler works nothing moves; it is not the client that is slow
    request.addIdleTimeoutListener(timeout -> false);
    bodyArrived = request.getLength() == 0;
    try {
      route();
    } catch (Throwable fault) {
      refuse(fault);
    }
  }

  private void route() {
    HttpFields headers = request.getHeaders();
    String method = request.getMethod();
    if (shared.crossOrigin().isPreflight(method, headers)) {
      send(CrossOrigin.preflightAnswer());
      return;
    }
    if (shared.way().isStopping()) {
      throw ApiException.busy();
    }
    String raw = request.getHttpURI().getPath();
    CallPath path = CallPath.of(raw == null ? "*" : raw);
    String asked = method.equals("HEAD") ? "GET" : method;
    RouteTable.Match<HttpEndpoint.Target> match =
        shared.routes().find(asked, path.text(), path.segments());
    if (match == null) {
      Set<String> there = shared.routes().methodsAt(path.text(), path.segments());
      if (!there.isEmpty()) {
        answer.getHeaders().put("Allow", String.join(", ", there));
      }
      throw RouteTable.refusal(asked, there);
    }
    route = match.name();
    admitted = shared.guard().admit(asked, route, request(match.inPath(), new byte[0]));
    if (match.target() instanceof HttpEndpoint.Target.Intake intake) {
      work(() -> upload(intake.handler(), match.inPath()));
    } else if (match.target() instanceof HttpEndpoint.Target.Answer target) {
      if (bodyArrived) {
        work(() -> handle(target.handler(), match.inPath(), new byte[0]));
      } else {
        takeBody(target.handler(), match.inPath());
      }
    }
  }

  private void takeBody(HttpEndpoint.Handler handler, Map<String, String> inPath) {
    BodyIntake[] intake = new BodyIntake[1];
    intake[0] =
        new BodyIntake(
            request,
            shared.bodies(),
            shared.watch(),
            shared.limits().arrival(),
            body -> {
              bodyArrived = body.length <= Request.MAX_BODY_BYTES;
              work(
                  () -> {
                    try {
                      handle(handler, inPath, body);
                    } finally {
                      intake[0].release();
                    }
                  });
            },
            refusal -> {
              intake[0].release();
              refuse(refusal);
            });
    intake[0].start();
  }

  /** Runs what may block; if there is no room, the client is to come again. */
  private void work(Runnable task) {
    if (!shared.workers().call(task)) {
      refuse(ApiException.busy());
    }
  }

  private Request request(Map<String, String> inPath, byte[] body) {
    return new Request(
        request.getHeaders(), clientAddress(), inPath, request.getHttpURI().getQuery(), body);
  }

  private String clientAddress() {
    SocketAddress remote = request.getConnectionMetaData().getRemoteSocketAddress();
    return remote instanceof InetSocketAddress other && other.getAddress() != null
        ? shared.addresses().of(other.getAddress(), request.getHeaders().get("X-Forwarded-For"))
        : String.valueOf(remote);
  }

  private void handle(HttpEndpoint.Handler handler, Map<String, String> inPath, byte[] body) {
    try {
      send(handler.handle(request(inPath, body)));
    } catch (Throwable fault) {
      refuse(fault);
    }
  }

  private void upload(HttpEndpoint.UploadHandler handler, Map<String, String> inPath) {
    HttpEndpoint.Upload upload;
    try {
      upload = handler.begin(request(inPath, new byte[0]));
    } catch (Throwable fault) {
      refuse(fault);
      return;
    }
    Pace pace = pace();
    UploadIntake intake =
        new UploadIntake(
            request,
            upload,
            shared.workers(),
            pace,
            response -> {
              shared.watch().remove(pace);
              bodyArrived = true;
              send(response);
            },
            fault -> {
              shared.watch().remove(pace);
              refuse(fault);
            });
    intake.later();
  }

  private Pace pace() {
    Pace pace =
        new Pace(
            shared.limits().paceBytes(),
            shared.limits().paceWindow(),
            () -> connection().getEndPoint().close());
    shared.watch().add(pace);
    return pace;
  }

  private void refuse(Throwable fault) {
    ApiException refusal = ApiException.from(fault);
    if (refusal.error() == ApiError.INTERNAL) {
      log.error("{} {} failed", request.getMethod(), request.getHttpURI().getPath(), fault);
    }
    refusal
        .retryAfter()
        .ifPresent(
            wait ->
                answer
                    .getHeaders()
                    .put("Retry-After", Long.toString(Math.max(1, wait.toSeconds()))));
    send(error(refusal));
  }

  static Response error(ApiException refusal) {
    ObjectNode body = JsonObjects.object();
    ObjectNode error =
        body.putObject("error")
            .put("code", refusal.error().wireName())
            .put("message", refusal.getMessage());
    refusal.details().forEach(error::put);
    return Response.json(refusal.error().httpStatus(), body);
  }

  private void send(Response response) {
    if (!answered.compareAndSet(false, true)) {
      close(response);
      return;
    }
    try {
      Response revalidated = unlessKnown(response);
      admitted.answered(revalidated.status());
      shared
          .timings()
          .took(route, revalidated.status(), Duration.ofNanos(System.nanoTime() - begunNanos));
      write(revalidated);
    } catch (Throwable fault) {
      log.error("a response could not be sent", fault);
      close(response);
      end(fault);
    }
  }

  /** A client that has the same already gets no body. */
  private Response unlessKnown(Response response) {
    String tag = response.headers().get("ETag");
    String known = request.getHeaders().get("If-None-Match");
    if (tag == null
        || known == null
        || response.status() != 200
        || EntityTags.noneMatch(known, tag)) {
      return response;
    }
    close(response);
    return new Response(
        304, response.contentType(), new Response.Bytes(new byte[0], null), response.headers());
  }

  private void write(Response response) {
    HttpFields.Mutable headers = answer.getHeaders();
    shared.crossOrigin().mark(request.getHeaders(), headers);
    headers.put("Content-Type", response.contentType());
    headers.put("X-Content-Type-Options", "nosniff");
    headers.put(HttpEndpoint.CONTENT_POLICY_HEADER, HttpEndpoint.CONTENT_POLICY);
    headers.put("Cache-Control", "no-store");
    response.headers().forEach(headers::put);
    if (shared.way().isDraining() || !bodyArrived) {
      headers.put("Connection", "close");
    }
    answer.setStatus(response.status());
    if (response.content() instanceof Response.Stream stream) {
      writeStream(stream.length(), stream.source());
    } else if (response.content() instanceof Response.Bytes bytes) {
      writeBytes(response, bytes);
    }
  }

  private void writeBytes(Response response, Response.Bytes bytes) {
    byte[] body = bytes.plain();
    if (response.status() == 304) {
      answer.getHeaders().remove("Content-Type");
      answer.getHeaders().add("Vary", "Accept-Encoding");
    } else if (Compression.isWorthwhile(response.contentType(), body)) {
      answer.getHeaders().add("Vary", "Accept-Encoding");
      String accepted = request.getHeaders().get("Accept-Encoding");
      if (accepted != null && Compression.isAccepted(accepted)) {
        byte[] ready = bytes.compressed();
        body = ready == null ? Compression.fast(body) : ready;
        answer.getHeaders().put("Content-Encoding", Compression.NAME);
      }
    }
    if (body.length <= PART_BYTES) {
      if (response.status() != 304) {
        answer.getHeaders().put("Content-Length", body.length);
      }
      ByteBuffer whole = isHead() ? ByteBuffer.allocate(0) : ByteBuffer.wrap(body);
      answer.write(true, whole, Callback.from(this::bodySent, this::end));
    } else {
      writeStream(body.length, BodyOutput.of(body, PART_BYTES));
    }
  }

  private boolean isHead() {
    return request.getMethod().equals("HEAD");
  }

  private void writeStream(long length, Response.Source source) {
    if (length >= 0) {
      answer.getHeaders().put("Content-Length", length);
    }
    if (isHead()) {
      closeQuietly(source);
      answer.write(true, ByteBuffer.allocate(0), Callback.from(this::bodySent, this::end));
      return;
    }
    Pace pace = pace();
    BodyOutput output =
        new BodyOutput(
            source,
            answer,
            shared.workers(),
            pace,
            Callback.from(
                () -> {
                  shared.watch().remove(pace);
                  bodySent();
                },
                fault -> {
                  shared.watch().remove(pace);
                  end(fault);
                }));
    output.later();
  }

  private static void close(Response response) {
    if (response.content() instanceof Response.Stream stream) {
      closeQuietly(stream.source());
    }
  }

  private static void closeQuietly(Response.Source source) {
    try {
      source.close();
    } catch (IOException | RuntimeException fault) {
      log.warn("the source of an answer did not close", fault);
    }
  }

  /** Who is still sending gets the answer only if the connection stays open for a while. */
  private void bodySent() {
    if (bodyArrived) {
      end(null);
    } else {
      new Lingering(request, shared.watch(), () -> end(null)).start();
    }
  }

  private void end(@Nullable Throwable fault) {
    if (!ended.compareAndSet(false, true)) {
      return;
    }
    shared.heads().callEnds(connection());
    shared.way().end();
    if (fault == null) {
      callback.succeeded();
    } else {
      log.debug("a client went away: {}", fault.toString());
      callback.failed(fault);
    }
  }
}
