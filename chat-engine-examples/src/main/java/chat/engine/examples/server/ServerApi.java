package chat.engine.examples.server;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** The REST calls of one chat-server. Thread-safe; blocks. */
public final class ServerApi {
  /** The {@code iss} of the tokens made here, for a server that takes them ({@code --issuer}). */
  static final String ISSUER = "chat-engine-examples";

  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final Duration SERVER_WAIT = Duration.ofSeconds(60);
  private static final Duration TOKEN_LIFETIME = Duration.ofHours(12);
  private static final int REQUESTS_AT_ONCE = 32;
  private static final String PASSWORD = "correct horse battery";

  private final HttpClient http;
  private final String base;
  private final @Nullable String issuerSecret;

  /** The server refused, and said why. */
  public static final class RefusedException extends IOException {
    private static final long serialVersionUID = 1;
    private final String code;
    private final String reason;

    public RefusedException(String code, String reason) {
      super(code + ": " + reason);
      this.code = code;
      this.reason = reason;
    }

    public String code() {
      return code;
    }

    /** What the server says about it, without the code. */
    public String reason() {
      return reason;
    }
  }

  /**
   * @param issuerSecret with which the server lets us sign tokens for whomever we like, or null if
   *     each user must register, at the price of two password hashes
   */
  public ServerApi(HttpClient http, URI base, @Nullable String issuerSecret) {
    this.http = http;
    this.base = base.toString().replaceAll("/$", "");
    this.issuerSecret = issuerSecret;
  }

  /** Where the server is, without a slash at the end. */
  public URI base() {
    return URI.create(base);
  }

  public static ObjectNode object() {
    return JSON.createObjectNode();
  }

  public static ObjectNode parse(String json) {
    return (ObjectNode) JSON.readTree(json);
  }

  /** Waits until the server takes requests. */
  public void awaitReady() throws IOException, InterruptedException {
    awaitReady(SERVER_WAIT);
  }

  /** Waits until the server takes requests, or fails after a while. */
  void awaitReady(Duration patience) throws IOException, InterruptedException {
    long deadline = System.nanoTime() + patience.toNanos();
    while (true) {
      try {
        call("GET", "/readyz", null, null);
        return;
      } catch (IOException notYet) {
        if (System.nanoTime() - deadline > 0) {
          throw new IOException("no server is ready at " + base, notYet);
        }
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(100));
      }
    }
  }

  /** Where its WebSocket listens. */
  URI socket() throws IOException, InterruptedException {
    JsonNode config = call("GET", "/config.json", null, null);
    URI page = URI.create(base);
    String named = config.path("ws_url").asString("");
    URI address =
        page.resolve(
            named.isEmpty()
                ? "//" + page.getHost() + ":" + config.get("ws_port").asInt() + "/v1/ws"
                : named);
    return URI.create(address.toString().replaceFirst("^http", "ws"));
  }

  /** An access token for a user who may be new. */
  public String enter(String username) throws IOException, InterruptedException {
    return issuerSecret != null ? sign(username, issuerSecret) : signUp(username);
  }

  private static String sign(String username, String secret) {
    JWTClaimsSet claims =
        new JWTClaimsSet.Builder()
            .issuer(ISSUER)
            .subject(username)
            .claim("preferred_username", username)
            .expirationTime(Date.from(Instant.now().plus(TOKEN_LIFETIME)))
            .build();
    SignedJWT token = new SignedJWT(new JWSHeader(JWSAlgorithm.HS256), claims);
    try {
      token.sign(new MACSigner(secret.getBytes(StandardCharsets.UTF_8)));
    } catch (JOSEException unfit) {
      throw new IllegalArgumentException("the secret needs 32 bytes or more", unfit);
    }
    return token.serialize();
  }

  private String signUp(String username) throws IOException, InterruptedException {
    String email = username + "@example.org";
    try {
      register(username, email, PASSWORD);
    } catch (RefusedException refused) {
      if (!refused.code().equals("conflict")) {
        throw refused;
      }
    }
    return logIn(email, PASSWORD).get("access_token").asString();
  }

  public void register(String username, String email, String password)
      throws IOException, InterruptedException {
    call(
        "POST",
        "/v1/auth/register",
        object().put("username", username).put("email", email).put("password", password),
        null);
  }

  public ObjectNode logIn(String email, String password) throws IOException, InterruptedException {
    return call(
        "POST", "/v1/auth/login", object().put("email", email).put("password", password), null);
  }

  /** Lets the server see the token's user, who gets an account if it had none. */
  public void provision(String token) throws IOException, InterruptedException {
    call("GET", "/v1/contact", null, token);
  }

  /** One-time tickets for the users of the tokens, some requests at a time. */
  public List<String> tickets(List<String> tokens) throws IOException, InterruptedException {
    Semaphore atOnce = new Semaphore(REQUESTS_AT_ONCE);
    List<CompletableFuture<String>> tickets = new ArrayList<>();
    for (String token : tokens) {
      atOnce.acquire();
      tickets.add(
          http.sendAsync(
                  request("POST", "/v1/auth/otp", null, token),
                  HttpResponse.BodyHandlers.ofString())
              .whenComplete((response, fault) -> atOnce.release())
              .thenApply(response -> parse(response.body()).path("otp").asString("")));
    }
    List<String> otps = tickets.stream().map(CompletableFuture::join).toList();
    if (otps.contains("")) {
      throw new IOException("the server refused a ticket");
    }
    return otps;
  }

  public void addContact(String token, String username) throws IOException, InterruptedException {
    call("POST", "/v1/contact/add", object().put("friend_username", username), token);
  }

  /**
   * @throws RefusedException with the server's error
   */
  public ObjectNode call(
      String method, String path, @Nullable ObjectNode body, @Nullable String accessToken)
      throws IOException, InterruptedException {
    HttpRequest request = request(method, path, body, accessToken);
    HttpResponse<String> response = http.send(request, HttpResponse.BodyHandlers.ofString());
    if (response.statusCode() >= 300) {
      throw refusal(response.statusCode(), response.body());
    }
    return parse(response.body());
  }

  private static RefusedException refusal(int status, String body) {
    JsonNode error;
    try {
      error = JSON.readTree(body).path("error");
    } catch (JacksonException noJson) {
      error = object(); // a proxy answers in HTML
    }
    return new RefusedException(
        error.path("code").asString("http_" + status),
        error.path("message").asString("status " + status));
  }

  /**
   * Sends a request whose body or answer is a file.
   *
   * @throws RefusedException with the server's error
   */
  HttpResponse<InputStream> stream(HttpRequest.Builder request)
      throws IOException, InterruptedException {
    HttpResponse<InputStream> response =
        http.send(request.build(), HttpResponse.BodyHandlers.ofInputStream());
    if (response.statusCode() >= 300) {
      try (InputStream body = response.body()) {
        throw refusal(
            response.statusCode(), new String(body.readAllBytes(), StandardCharsets.UTF_8));
      }
    }
    return response;
  }

  /** A request without a method yet, and without a limit of time. */
  HttpRequest.Builder request(String path, String accessToken) {
    return HttpRequest.newBuilder(URI.create(base + path))
        .header("Authorization", "Bearer " + accessToken);
  }

  private HttpRequest request(
      String method, String path, @Nullable ObjectNode body, @Nullable String accessToken) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(base + path))
            .timeout(Duration.ofSeconds(30))
            .method(
                method,
                body == null
                    ? HttpRequest.BodyPublishers.noBody()
                    : HttpRequest.BodyPublishers.ofString(body.toString()));
    if (accessToken != null) {
      request.header("Authorization", "Bearer " + accessToken);
    }
    return request.build();
  }
}
