package chat.engine.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import chat.engine.spi.Publication;
import chat.engine.spi.Topic;
import chat.engine.testing.Logged;
import chat.engine.testing.PrivateRedis;
import chat.engine.testing.TestRedis;
import chat.engine.testing.router.Recorder;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A Redis that does not let everybody in says why, and so does the log. */
@Tag("thorough")
@Timeout(60)
final class RedisAccessTest {
  private static final Topic BOB = new Topic("user:bob");

  private final PrivateRedis redis = TestRedis.startPrivate();
  private final Logged logged = Logged.below("chat.engine.redis");

  @AfterEach
  void close() {
    logged.close();
    redis.close();
  }

  private String uri(String credentials, String rest) {
    return "redis://" + credentials + "127.0.0.1:" + redis.port() + rest;
  }

  /** Starts a node that cannot link, and returns what the log says about it. */
  private List<String> warningsOf(String uri) {
    try (RedisRouter router = RedisRouter.open(uri)) {
      router.start("c", new Recorder());
      router.subscribe(List.of(BOB));
      await().until(() -> logged.warnings().size() >= 2);
      assertThat(router.healthy()).isFalse();
    }
    return logged.warnings();
  }

  @Test
  void aWrongPasswordIsSaid() {
    redis.ask("ACL", "SETUSER", "chat", "on", ">secret", "~*", "&*", "+@all");
    assertThat(warningsOf(uri("chat:wrong@", "")))
        .anySatisfy(line -> assertThat(line).contains("WRONGPASS").doesNotContain("wrong@"))
        .hasSizeLessThan(4);
  }

  @Test
  void aMissingPasswordIsSaid() {
    redis.ask("ACL", "SETUSER", "default", "resetpass", ">secret");
    assertThat(warningsOf(uri("", "")))
        .anySatisfy(line -> assertThat(line).contains("NOAUTH"))
        .hasSizeLessThan(4);
  }

  @Test
  void aForbiddenKeyIsSaid() {
    redis.ask("ACL", "SETUSER", "chat", "on", ">secret", "~other:*", "&*", "+@all");
    assertThat(warningsOf(uri("chat:secret@", "")))
        .anySatisfy(line -> assertThat(line).contains("NOPERM"))
        .hasSizeLessThan(4);
  }

  @Test
  void aForbiddenChannelIsSaid() {
    redis.ask("ACL", "SETUSER", "chat", "on", ">secret", "~*", "resetchannels", "+@all");
    assertThat(warningsOf(uri("chat:secret@", "")))
        .anySatisfy(line -> assertThat(line).contains("NOPERM").contains("channel"))
        .hasSizeLessThan(4);
  }

  @Test
  void aDatabaseThatDoesNotExistIsSaid() {
    assertThat(warningsOf(uri("", "/99")))
        .anySatisfy(line -> assertThat(line).contains("DB index is out of range"))
        .hasSizeLessThan(4);
  }

  @Test
  void aServerWithoutTlsIsSaid() {
    assertThat(warningsOf("rediss://127.0.0.1:" + redis.port()))
        .anySatisfy(line -> assertThat(line).contains("TLS"))
        .hasSizeLessThan(4);
  }

  @Test
  void aServerThatIsAwayIsSaid() {
    redis.kill();
    assertThat(warningsOf(uri("", "")))
        .anySatisfy(line -> assertThat(line).contains("Connection refused"))
        .hasSizeLessThan(4);
  }

  @Test
  void anAclLimitedToTheNamespaceIsEnoughEvenWithADifficultPassword() {
    redis.ask(
        "ACL",
        "SETUSER",
        "chat",
        "on",
        ">p@ss/w:r%d#",
        "~chat:*",
        "resetchannels",
        "&chat:*",
        "+@all");
    String uri = uri("chat:p%40ss%2Fw%3Ar%25d%23@", "/3");
    Recorder bob = new Recorder();
    try (RedisRouter one = RedisRouter.open(uri);
        RedisRouter two = RedisRouter.open(uri)) {
      one.start("c", new Recorder());
      two.start("c", bob);
      two.subscribe(List.of(BOB));
      assertThat(one.healthy()).isTrue();
      one.publish(List.of(new Publication(List.of(BOB), new byte[] {'x'})));
      await().atMost(Duration.ofSeconds(10)).until(() -> bob.envelopes.size() == 1);
      two.unsubscribe(List.of(BOB));
    }
    assertThat(logged.warnings()).isEmpty();
  }

  @Test
  void whenTheCauseIsMendedTheNodeLinksAndSaysSo() {
    redis.ask("ACL", "SETUSER", "chat", "on", ">secret", "~other:*", "&*", "+@all");
    try (RedisRouter router = RedisRouter.open(uri("chat:secret@", ""))) {
      router.start("c", new Recorder());
      assertThat(router.healthy()).isFalse();
      redis.ask("ACL", "SETUSER", "chat", "~chat:*");
      await().atMost(Duration.ofSeconds(10)).until(router::healthy);
      await().until(() -> !logged.lines("works again").isEmpty());
    }
  }
}
