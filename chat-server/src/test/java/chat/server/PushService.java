package chat.server;

import chat.engine.protocol.JsonObjects;
import com.nimbusds.jose.crypto.ECDSAVerifier;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jwt.SignedJWT;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.interfaces.ECPublicKey;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.ECParameterSpec;
import java.security.spec.ECPoint;
import java.security.spec.ECPublicKeySpec;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.crypto.Cipher;
import javax.crypto.KeyAgreement;
import javax.crypto.Mac;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import tools.jackson.databind.node.ObjectNode;

/**
 * A browser and its push service (RFC 8030): checks who sends (RFC 8292) and decrypts what comes
 * (RFC 8291, RFC 8188), by the JDK alone.
 */
public final class PushService implements AutoCloseable {
  private static final Base64.Encoder BASE64 = Base64.getUrlEncoder().withoutPadding();

  private final HttpServer server;
  private final KeyPair keys;
  private final byte[] auth = new byte[16];
  private final List<Received> received = new CopyOnWriteArrayList<>();
  private volatile int status = 201;
  private volatile String retryAfter;

  /** A notification that was delivered. */
  public record Received(
      ObjectNode json, int bytes, String topic, String ttl, String urgency, String key) {
    ObjectNode notification() {
      return (ObjectNode) json.get("notifications").get(0);
    }

    List<String> texts() {
      return notification()
          .get("messages")
          .valueStream()
          .map(m -> m.get("text").asString())
          .toList();
    }
  }

  public PushService() throws Exception {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
    generator.initialize(new ECGenParameterSpec("secp256r1"));
    keys = generator.generateKeyPair();
    new SecureRandom().nextBytes(auth);
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 50);
    server.createContext("/", this::handle);
    server.start();
  }

  String url() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  /** What the page gets from {@code PushManager.subscribe}. */
  public ObjectNode subscription() {
    ObjectNode json =
        JsonObjects.object().put("endpoint", url() + "/send/1").putNull("expirationTime");
    json.putObject("keys")
        .put("p256dh", BASE64.encodeToString(point((ECPublicKey) keys.getPublic())))
        .put("auth", BASE64.encodeToString(auth));
    return json;
  }

  void answer(int with, String retryAfterSeconds) {
    status = with;
    retryAfter = retryAfterSeconds;
  }

  public List<Received> received() {
    return received;
  }

  private void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      byte[] body = exchange.getRequestBody().readAllBytes();
      if (retryAfter != null) {
        exchange.getResponseHeaders().set("Retry-After", retryAfter);
      }
      int answer = status;
      if (answer == 201) {
        try {
          received.add(read(exchange, body));
        } catch (Exception | AssertionError wrong) {
          wrong.printStackTrace();
          answer = 400;
        }
      }
      exchange.sendResponseHeaders(answer, -1);
    }
  }

  private Received read(HttpExchange exchange, byte[] body) throws Exception {
    require("aes128gcm".equals(header(exchange, "Content-Encoding")), "encoding");
    String authorization = header(exchange, "Authorization");
    require(authorization.startsWith("vapid t="), authorization);
    String[] parts = authorization.substring("vapid t=".length()).split(", k=", -1);
    SignedJWT token = SignedJWT.parse(parts[0]);
    byte[] key = Base64.getUrlDecoder().decode(parts[1]);
    require(token.verify(new ECDSAVerifier(publicKey(key))), "signature");
    require(token.getJWTClaimsSet().getAudience().equals(List.of(url())), "aud");
    require(token.getJWTClaimsSet().getSubject().startsWith("mailto:"), "sub");
    Instant expiry = token.getJWTClaimsSet().getExpirationTime().toInstant();
    require(
        expiry.isAfter(Instant.now()) && expiry.isBefore(Instant.now().plusSeconds(86_400)), "exp");
    byte[] plain = decrypt(body);
    return new Received(
        JsonObjects.parse(new String(plain, StandardCharsets.UTF_8)),
        plain.length,
        header(exchange, "Topic"),
        header(exchange, "TTL"),
        header(exchange, "Urgency"),
        parts[1]);
  }

  private static void require(boolean right, String what) {
    if (!right) {
      throw new AssertionError(what);
    }
  }

  private static String header(HttpExchange exchange, String name) {
    return exchange.getRequestHeaders().getFirst(name);
  }

  private byte[] decrypt(byte[] body) throws GeneralSecurityException {
    ByteBuffer in = ByteBuffer.wrap(body);
    byte[] salt = new byte[16];
    in.get(salt);
    int recordSize = in.getInt();
    byte[] theirs = new byte[in.get()];
    in.get(theirs);
    byte[] sealed = new byte[in.remaining()];
    in.get(sealed);
    require(sealed.length <= recordSize && body.length <= 4096, "size");
    KeyAgreement agreement = KeyAgreement.getInstance("ECDH");
    agreement.init(keys.getPrivate());
    agreement.doPhase(publicKey(theirs), true);
    byte[] info =
        concat(
            "WebPush: info\0".getBytes(StandardCharsets.US_ASCII),
            point((ECPublicKey) keys.getPublic()),
            theirs,
            new byte[] {1});
    byte[] secret = hmac(hmac(auth, agreement.generateSecret()), info);
    byte[] extracted = hmac(salt, secret);
    byte[] key = expand(extracted, "Content-Encoding: aes128gcm\0", 16);
    byte[] nonce = expand(extracted, "Content-Encoding: nonce\0", 12);
    Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
    cipher.init(
        Cipher.DECRYPT_MODE, new SecretKeySpec(key, "AES"), new GCMParameterSpec(128, nonce));
    byte[] padded = cipher.doFinal(sealed);
    int end = padded.length - 1;
    while (padded[end] == 0) {
      end--;
    }
    require(padded[end] == 2, "the last record");
    return Arrays.copyOf(padded, end);
  }

  private static byte[] expand(byte[] key, String info, int length)
      throws GeneralSecurityException {
    return Arrays.copyOf(
        hmac(key, concat(info.getBytes(StandardCharsets.US_ASCII), new byte[] {1})), length);
  }

  private static byte[] hmac(byte[] key, byte[] data) throws GeneralSecurityException {
    Mac mac = Mac.getInstance("HmacSHA256");
    mac.init(new SecretKeySpec(key, "HmacSHA256"));
    return mac.doFinal(data);
  }

  private static byte[] concat(byte[]... parts) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      out.writeBytes(part);
    }
    return out.toByteArray();
  }

  private static byte[] point(ECPublicKey key) {
    byte[] point = new byte[65];
    point[0] = 4;
    coordinate(key.getW().getAffineX(), point, 1);
    coordinate(key.getW().getAffineY(), point, 33);
    return point;
  }

  private static void coordinate(BigInteger value, byte[] into, int at) {
    byte[] bytes = value.toByteArray();
    int length = Math.min(32, bytes.length);
    System.arraycopy(bytes, bytes.length - length, into, at + 32 - length, length);
  }

  private static ECPublicKey publicKey(byte[] point) throws GeneralSecurityException {
    ECParameterSpec curve = Curve.P_256.toECParameterSpec();
    ECPoint at =
        new ECPoint(
            new BigInteger(1, Arrays.copyOfRange(point, 1, 33)),
            new BigInteger(1, Arrays.copyOfRange(point, 33, 65)));
    return (ECPublicKey)
        KeyFactory.getInstance("EC").generatePublic(new ECPublicKeySpec(at, curve));
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
