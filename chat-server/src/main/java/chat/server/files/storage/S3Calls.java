package chat.server.files.storage;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.http.SdkHttpMethod;
import software.amazon.awssdk.http.SdkHttpRequest;
import software.amazon.awssdk.http.auth.aws.signer.AwsV4FamilyHttpSigner;
import software.amazon.awssdk.http.auth.aws.signer.AwsV4HttpSigner;
import software.amazon.awssdk.http.auth.spi.signer.SignedRequest;
import software.amazon.awssdk.identity.spi.AwsCredentialsIdentity;

/**
 * Single calls to a bucket: signed by Amazon's signer (Signature Version 4), sent by the JDK's HTTP
 * client. What a call sends is signed with its SHA-256, so S3 stores nothing that was changed on
 * the way. Thread-safe; blocks.
 */
final class S3Calls implements AutoCloseable {
  private static final Duration CONNECT = Duration.ofSeconds(5);
  private static final int THREADS = 4;
  private static final int MOST_OF_A_FAULT = 8 * 1024;
  private static final Pattern CODE = Pattern.compile("<Code>([A-Za-z0-9.]{1,64})</Code>");

  /** The JDK's client sets them itself. */
  private static final Set<String> OWN_HEADERS = Set.of("host", "content-length");

  private final S3Bucket bucket;
  private final Duration patience;
  private final AwsCredentialsIdentity credentials;
  private final AwsV4HttpSigner signer = AwsV4HttpSigner.create();
  private final ExecutorService threads =
      Executors.newFixedThreadPool(
          THREADS,
          task -> {
            Thread thread = new Thread(task, "chat-s3");
            thread.setDaemon(true);
            return thread;
          });
  private final HttpClient client =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(CONNECT)
          .followRedirects(HttpClient.Redirect.NEVER)
          .executor(threads)
          .build();

  /**
   * @param patience how long a body may bring nothing
   */
  S3Calls(S3Bucket bucket, Duration patience) {
    this.bucket = bucket;
    this.patience = patience;
    this.credentials = AwsCredentialsIdentity.create(bucket.accessKey(), bucket.secretKey());
  }

  /**
   * Makes a call.
   *
   * @param content of the object, null for none
   * @param deadline for the beginning of the answer
   * @return with a status of 2xx; the caller closes the body
   * @throws S3Fault for any other status
   */
  HttpResponse<ArrivingBody> call(
      String method,
      String key,
      @Nullable Path content,
      Map<String, String> headers,
      Duration deadline)
      throws IOException {
    URI url = bucket.object(key);
    HttpRequest.Builder request =
        HttpRequest.newBuilder(url)
            .timeout(deadline)
            .method(
                method, content == null ? BodyPublishers.noBody() : BodyPublishers.ofFile(content));
    headers.forEach(request::header);
    signatureOf(method, url, content)
        .forEach((name, values) -> values.forEach(value -> request.header(name, value)));
    HttpResponse<ArrivingBody> answer = send(request.build(), deadline);
    if (answer.statusCode() / 100 == 2) {
      return answer;
    }
    try (ArrivingBody body = answer.body()) {
      throw new S3Fault(bucket, answer.statusCode(), code(body));
    }
  }

  private HttpResponse<ArrivingBody> send(HttpRequest request, Duration deadline)
      throws IOException {
    try {
      return client.send(
          request,
          info ->
              new ArrivingBody(
                  patience, info.headers().firstValueAsLong("Content-Length").orElse(-1)));
    } catch (InterruptedException hurry) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted");
    } catch (HttpTimeoutException late) {
      throw new IOException(
          "%s gave no answer within %d s".formatted(bucket, deadline.toSeconds()), late);
    } catch (IOException fault) {
      throw new IOException("%s cannot be reached: %s".formatted(bucket, fault), fault);
    }
  }

  private Map<String, List<String>> signatureOf(String method, URI url, @Nullable Path content)
      throws IOException {
    SdkHttpRequest unsigned =
        SdkHttpRequest.builder().method(SdkHttpMethod.fromValue(method)).uri(url).build();
    try {
      SignedRequest signed =
          signer.sign(
              request -> {
                request
                    .identity(credentials)
                    .request(unsigned)
                    .putProperty(AwsV4FamilyHttpSigner.SERVICE_SIGNING_NAME, "s3")
                    .putProperty(AwsV4HttpSigner.REGION_NAME, bucket.region())
                    .putProperty(AwsV4FamilyHttpSigner.DOUBLE_URL_ENCODE, false)
                    .putProperty(AwsV4FamilyHttpSigner.NORMALIZE_PATH, false);
                if (content != null) {
                  request.payload(() -> opened(content));
                }
              });
      Map<String, List<String>> headers = new java.util.HashMap<>(signed.request().headers());
      headers.keySet().removeIf(name -> OWN_HEADERS.contains(name.toLowerCase(Locale.ROOT)));
      return headers;
    } catch (UncheckedIOException fault) {
      throw fault.getCause();
    }
  }

  private static InputStream opened(Path content) {
    try {
      return Files.newInputStream(content);
    } catch (IOException fault) {
      throw new UncheckedIOException(fault);
    }
  }

  /** What S3 calls the fault; nothing else of the answer, which can have parts of the key in it. */
  private static String code(InputStream body) {
    try {
      String text = new String(body.readNBytes(MOST_OF_A_FAULT), StandardCharsets.UTF_8);
      Matcher code = CODE.matcher(text);
      return code.find() ? code.group(1) : "";
    } catch (IOException cut) {
      return "";
    }
  }

  @Override
  public void close() {
    threads.shutdownNow();
  }
}
