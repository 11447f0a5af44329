package chat.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import chat.engine.protocol.JsonObjects;
import chat.server.accounts.Accounts;
import chat.server.accounts.Passwords;
import chat.server.accounts.login.AccessTokens;
import chat.server.accounts.login.BearerTokens;
import chat.server.accounts.login.ExternalAccounts;
import chat.server.accounts.login.ExternalIssuer;
import chat.server.accounts.login.Identity;
import chat.server.accounts.login.LoginList;
import chat.server.accounts.login.Logins;
import chat.server.accounts.login.Suspensions;
import chat.server.database.ServerDatabase;
import chat.server.json.ApiError;
import chat.server.json.ApiException;
import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSSigner;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import com.sun.net.httpserver.HttpServer;
import java.io.OutputStream;
import java.net.URI;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.node.ObjectNode;

/** Users whom another sign-on service vouches for. */
@Timeout(120)
final class ExternalIssuerTest {
  private static final String ISSUER = "https://id.example.org";
  private static final String CLAIM = "preferred_username";
  private static final String SECRET = "a secret that has 32 bytes or more";

  private static ServerDatabase database;
  private static HttpServer keyServer;
  private static RSAKey key;
  private static Accounts accounts;
  private static AccessTokens own;
  private static Instant now = Instant.now();

  @BeforeAll
  static void start() throws Exception {
    database = TestServer.openDatabase();
    accounts = new Accounts(database.jdbi(), new Passwords(1, TestServer.CHEAP), true);
    own =
        new AccessTokens(
            Logins.sharedKey(database.jdbi()), Duration.ofMinutes(15), InstantSource.system());
    key = new RSAKeyGenerator(2048).keyID("first").generate();
    keyServer = TestServer.ofTheJdk();
    keyServer.createContext(
        "/jwks.json",
        exchange -> {
          byte[] keys = new JWKSet(key.toPublicJWK()).toString().getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(200, keys.length);
          try (OutputStream body = exchange.getResponseBody()) {
            body.write(keys);
          }
        });
    keyServer.start();
  }

  @AfterAll
  static void stop() throws Exception {
    keyServer.stop(0);
    database.close();
  }

  private static BearerTokens tokens(ExternalIssuer issuer, boolean provision) {
    return new BearerTokens(own, new ExternalAccounts(database.jdbi(), issuer, provision));
  }

  private static ExternalIssuer withKeySet() throws Exception {
    URL address =
        URI.create("http://127.0.0.1:" + keyServer.getAddress().getPort() + "/jwks.json").toURL();
    return ExternalIssuer.withKeySet(ISSUER, "chat", CLAIM, address, () -> now);
  }

  private static JWTClaimsSet.Builder claims(String name) {
    return new JWTClaimsSet.Builder()
        .issuer(ISSUER)
        .audience("chat")
        .subject("subject of " + name)
        .claim(CLAIM, name)
        .expirationTime(Date.from(now.plusSeconds(600)));
  }

  private static String signed(JWTClaimsSet.Builder claims) throws JOSEException {
    return signed(claims, JWSAlgorithm.RS256, new RSASSASigner(key));
  }

  private static String signed(JWTClaimsSet.Builder claims, JWSAlgorithm algorithm, JWSSigner by)
      throws JOSEException {
    return signed(new JWSHeader.Builder(algorithm), claims, by);
  }

  private static String signed(JWSHeader.Builder header, JWTClaimsSet.Builder claims, JWSSigner by)
      throws JOSEException {
    SignedJWT token = new SignedJWT(header.keyID("first").build(), claims.build());
    token.sign(by);
    return token.serialize();
  }

  private static String ofType(String type, JWTClaimsSet.Builder claims) throws JOSEException {
    return signed(
        new JWSHeader.Builder(JWSAlgorithm.RS256).type(new JOSEObjectType(type)),
        claims,
        new RSASSASigner(key));
  }

  private static String unique(String name) {
    return name + UUID.randomUUID().toString().substring(0, 8);
  }

  private static void unauthorized(BearerTokens tokens, String token) {
    refused(ApiError.UNAUTHORIZED, tokens, token);
  }

  /** No other token helps. */
  private static void forbidden(BearerTokens tokens, String token) {
    refused(ApiError.FORBIDDEN, tokens, token);
  }

  /** Anybody can make up tokens that name a key which only the issuer can know. */
  @Test
  void forgedTokensOfASlowIssuerHoldUpNobodyElse() throws Exception {
    Semaphore answers = new Semaphore(1);
    Semaphore asked = new Semaphore(0);
    HttpServer slow = TestServer.ofTheJdk();
    slow.setExecutor(Executors.newCachedThreadPool());
    slow.createContext(
        "/jwks.json",
        exchange -> {
          asked.release();
          answers.acquireUninterruptibly();
          byte[] keys = new JWKSet(key.toPublicJWK()).toString().getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(200, keys.length);
          try (OutputStream body = exchange.getResponseBody()) {
            body.write(keys);
          }
        });
    slow.start();
    ExecutorService strangers = Executors.newFixedThreadPool(8);
    try {
      URL address =
          URI.create("http://127.0.0.1:" + slow.getAddress().getPort() + "/jwks.json").toURL();
      BearerTokens tokens =
          tokens(ExternalIssuer.withKeySet(ISSUER, "chat", CLAIM, address, () -> now), true);
      String good = signed(claims(unique("dora")));
      tokens.verify(good); // its key is known from now on
      asked.acquire();
      SignedJWT forged =
          new SignedJWT(
              new JWSHeader.Builder(JWSAlgorithm.RS256).keyID("made up").build(),
              claims(unique("eve")).build());
      forged.sign(new RSASSASigner(new RSAKeyGenerator(2048).generate()));
      CountDownLatch refused = new CountDownLatch(6);
      for (int i = 0; i < 8; i++) {
        strangers.execute(
            () -> {
              try {
                tokens.verify(forged.serialize());
              } catch (ApiException refusal) {
                refused.countDown();
              }
            });
      }
      asked.acquire(); // one asks the issuer, one waits for it
      assertThat(refused.await(1, TimeUnit.SECONDS)).as("the others do not wait").isTrue();
      tokens.verify(good);
      assertThat(answers.availablePermits()).as("the issuer still thinks").isZero();
    } finally {
      answers.release(100);
      strangers.shutdownNow();
      slow.stop(0);
    }
  }

  private static void refused(ApiError why, BearerTokens tokens, String token) {
    assertThatThrownBy(() -> tokens.verify(token))
        .isInstanceOfSatisfying(
            ApiException.class, refusal -> assertThat(refusal.error()).isEqualTo(why));
  }

  @Test
  void aUserGetsAnAccountAtFirstSightAndTheSameOneEverAfter() throws Exception {
    BearerTokens tokens = tokens(withKeySet(), true);
    String name = unique("ada");
    Identity first = tokens.verify(signed(claims(name).claim("email", name + "@example.org")));
    assertThat(first.account().username()).isEqualTo(name);
    assertThat(first.account().email()).isEqualTo(name + "@example.org");
    Identity renamed = tokens.verify(signed(claims(name).claim(CLAIM, "somebody-else")));
    assertThat(renamed).isEqualTo(first);
    assertThat(tokens(withKeySet(), false).verify(signed(claims(name)))).isEqualTo(first);
  }

  @Test
  void anUnknownUserStaysOutWhereTheOperatorDidNotAllowIt() throws Exception {
    forbidden(tokens(withKeySet(), false), signed(claims(unique("eve"))));
  }

  @Test
  void aLocalAccountCannotBeTakenOverByItsName() throws Exception {
    String name = unique("bob");
    accounts.register(name, name + "@example.org", "correct horse");
    forbidden(tokens(withKeySet(), true), signed(claims(name)));
  }

  /** Its service says who may come in; only a suspension keeps its user out. */
  @Test
  void theLoginOfAUserFromElsewhereEndsAndHasASuccessor() throws Exception {
    BearerTokens tokens = tokens(withKeySet(), true);
    String token = signed(claims(unique("ada")));
    Identity before = tokens.verify(token);
    LoginList logins = new LoginList(database.jdbi());
    assertThat(logins.endAll(before.account())).isEqualTo(1);
    Identity after = tokens.verify(token);
    assertThat(after.account()).isEqualTo(before.account());
    assertThat(after.login()).isNotEqualTo(before.login());
    assertThat(logins.of(after.account()).stream().map(LoginList.Entry::login))
        .containsExactly(after.login());
    assertThat(logins.endOthers(after)).isZero();
    assertThat(tokens.verify(token)).isEqualTo(after);
    new Suspensions(database.jdbi()).suspend(after.account(), null, "spam");
    assertThat(tokens.verify(token).login()).isNotEqualTo(after.login());
  }

  @Test
  void whatTheIssuerDidNotSignForUsIsRefused() throws Exception {
    BearerTokens tokens = tokens(withKeySet(), true);
    String name = unique("mallory");
    unauthorized(tokens, signed(claims(name).audience("another service")));
    unauthorized(tokens, signed(claims(name).issuer("https://elsewhere.example.org")));
    unauthorized(tokens, signed(claims(name).claim(CLAIM, null)));
    forbidden(tokens, signed(claims(name).claim(CLAIM, "no\r\nname")));
    unauthorized(tokens, signed(claims(name).expirationTime(Date.from(now.minusSeconds(120)))));
    RSAKey others = new RSAKeyGenerator(2048).keyID("first").generate();
    unauthorized(tokens, signed(claims(name), JWSAlgorithm.RS256, new RSASSASigner(others)));
    // the public key as if it were a shared secret
    unauthorized(
        tokens,
        signed(claims(name), JWSAlgorithm.HS256, new MACSigner(key.toRSAPublicKey().getEncoded())));
  }

  @Test
  void aTokenMaySayThatItIsAnAccessToken() throws Exception {
    BearerTokens tokens = tokens(withKeySet(), true);
    String name = unique("ada");
    for (String type : List.of("JWT", "at+jwt", "application/at+jwt")) {
      assertThat(tokens.verify(ofType(type, claims(name))).account().username())
          .as(type)
          .isEqualTo(name);
    }
    unauthorized(tokens, ofType("logout+jwt", claims(name)));
  }

  @Test
  void theTimeIsThatOfAllNodesGiveOrTakeAMinute() throws Exception {
    BearerTokens tokens = tokens(withKeySet(), true);
    String token = signed(claims(unique("ada")));
    Instant start = now;
    try {
      now = start.plusSeconds(630);
      tokens.verify(token);
      now = start.plusSeconds(690);
      unauthorized(tokens, token);
    } finally {
      now = start;
    }
  }

  @Test
  void keysThatCannotBeFetchedAreNoFaultOfTheUser() throws Exception {
    ExternalIssuer away =
        ExternalIssuer.withKeySet(
            ISSUER,
            "chat",
            CLAIM,
            URI.create("http://127.0.0.1:1/jwks.json").toURL(),
            InstantSource.system());
    assertThatThrownBy(() -> tokens(away, true).verify(signed(claims("ada"))))
        .isInstanceOfSatisfying(
            ApiException.class,
            refusal -> assertThat(refusal.error()).isEqualTo(ApiError.UNAVAILABLE));
  }

  @Test
  void aUserWithATokenUnderTheSharedSecretChats() throws Exception {
    try (ChatServer server =
        TestServer.start(
            Map.of("CHAT_ISSUER_SECRET", SECRET),
            "--registration=false",
            "--issuer=" + ISSUER,
            "--issuer-provision=true",
            "--direct-policy=anyone")) {
      ChatClient ada = external(server, "ada");
      ChatClient bob = external(server, "bob");
      ada.connect(); // with a ticket
      bob.connectWithToken();
      ObjectNode ack = ada.send("bob", "c1", "hello");
      assertThat(ack.get("type").asString()).isEqualTo("ok");
      assertThat(bob.next("message").get("text").asString()).isEqualTo("hello");
      assertThat(ada.send("ADA", "c2", "note").get("code").asString()).isEqualTo("bad_request");
      ChatClient.Reply refused =
          ada.call(
              "POST",
              "/v1/auth/register",
              JsonObjects.object()
                  .put("username", "x")
                  .put("email", "x@y.z")
                  .put("password", "secret"));
      assertThat(refused.status()).isEqualTo(403);
    }
  }

  private static ChatClient external(ChatServer server, String name) throws Exception {
    ChatClient client = new ChatClient(server);
    client.username = name;
    client.accessToken =
        signed(
            claims(name),
            JWSAlgorithm.HS256,
            new MACSigner(SECRET.getBytes(StandardCharsets.UTF_8)));
    assertThat(client.call("GET", "/v1/contact", "").status()).isEqualTo(200);
    return client;
  }
}
