package chat.engine.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import chat.engine.redis.link.RedisFailure;
import chat.engine.redis.link.Replies;
import chat.engine.redis.link.ServerUri;
import chat.engine.spi.Topic;
import java.net.ConnectException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import redis.clients.jedis.JedisClientConfig;
import redis.clients.jedis.exceptions.JedisClusterOperationException;
import redis.clients.jedis.exceptions.JedisConnectionException;
import redis.clients.jedis.exceptions.JedisDataException;
import redis.clients.jedis.exceptions.JedisException;

/** Frames, failures, replies and addresses, each by itself. */
final class SmallPartsTest {

  private static RedisFailure.Kind kindOf(String reply) {
    return RedisFailure.of(new JedisDataException(reply)).kind();
  }

  @Test
  void aFailureSaysWhatItIsAbout() {
    assertThat(kindOf("READONLY You can't write")).isEqualTo(RedisFailure.Kind.WRONG_SERVER);
    assertThat(kindOf("MASTERDOWN Link")).isEqualTo(RedisFailure.Kind.WRONG_SERVER);
    assertThat(kindOf("LOADING Redis is")).isEqualTo(RedisFailure.Kind.WRONG_SERVER);
    assertThat(kindOf("WRONGTYPE Operation")).isEqualTo(RedisFailure.Kind.WRONG_TYPE);
    assertThat(kindOf("OOM command")).isEqualTo(RedisFailure.Kind.REFUSED);
    assertThat(kindOf("NOPERM no")).isEqualTo(RedisFailure.Kind.REFUSED);
    assertThat(RedisFailure.of(new JedisDataException("OOM command")).code()).isEqualTo("OOM");
    assertThat(RedisFailure.of(new JedisDataException("ERR")).code()).isEqualTo("ERR");
  }

  @Test
  void aFailureHasTheWordsOfTheInnermostCause() {
    RedisFailure refused =
        RedisFailure.of(
            new JedisException(
                "Could not get a resource from the pool",
                new JedisConnectionException(
                    "Failed", new ConnectException("Connection refused"))));
    assertThat(refused).hasMessage("ConnectException: Connection refused");
    assertThat(refused.kind()).isEqualTo(RedisFailure.Kind.UNREACHABLE);
    assertThat(refused.at("here:1")).hasMessage("ConnectException: Connection refused (here:1)");
    assertThat(refused.at("here:1").code()).isEqualTo(refused.code());

    RedisFailure wrong =
        RedisFailure.of(new JedisException("no pool", new JedisDataException("WRONGPASS invalid")));
    assertThat(wrong).hasMessage("WRONGPASS invalid");
    assertThat(wrong.at("here:1")).isSameAs(wrong);

    JedisClusterOperationException cluster = new JedisClusterOperationException("no cluster");
    cluster.addSuppressed(new JedisConnectionException("Failed to connect"));
    assertThat(RedisFailure.of(cluster)).hasMessage("Failed to connect");
    assertThat(RedisFailure.of(new JedisConnectionException("Unexpected end of stream.")))
        .hasMessage("Unexpected end of stream.");
  }

  @Test
  void aReplyIsReadAsWhatItShouldBeOrRefused() {
    RedisFailure refused = RedisFailure.refused("OOM command not allowed");
    Replies replies =
        new Replies(
            java.util.Arrays.asList(
                7L, bytes("text"), null, List.of(bytes("a"), bytes("b")), refused, List.of(1L)));
    assertThat(replies.number(0)).isEqualTo(7);
    assertThat(replies.text(1)).isEqualTo("text");
    assertThat(replies.text(2)).isNull();
    assertThat(replies.texts(3)).containsExactly("a", "b");
    assertThat(replies.failure(3)).isNull();
    assertThat(replies.failure(4)).isSameAs(refused);
    assertThatThrownBy(() -> replies.number(4)).isSameAs(refused);
    assertThatThrownBy(() -> replies.text(4)).isSameAs(refused);
    assertThatThrownBy(() -> replies.texts(4)).isSameAs(refused);
    assertThatThrownBy(replies::checked).isSameAs(refused);
    assertThatThrownBy(() -> replies.number(1)).hasMessageContaining("unexpected");
    assertThatThrownBy(() -> replies.text(0)).hasMessageContaining("unexpected");
    assertThatThrownBy(() -> replies.texts(0)).hasMessageContaining("unexpected");
    assertThatThrownBy(() -> replies.texts(5)).hasMessageContaining("unexpected");
    assertThat(new Replies(List.of(1L)).checked().number(0)).isEqualTo(1);
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  @Test
  void envelopesArePackedInOrderIntoFramesOfHalfAMegabyteAtMost() {
    byte[] small = bytes("small");
    byte[] half = new byte[300 * 1024];
    byte[] huge = new byte[2 * 1024 * 1024];
    List<byte[]> frames = Frames.pack(List.of(small, half, half, huge, small));
    assertThat(frames).hasSize(4);
    assertThat(frames.stream().flatMap(frame -> Frames.unpack(frame).stream()))
        .containsExactly(small, half, half, huge, small);
    assertThat(Frames.unpack(frames.get(0))).hasSize(2);
    int room = 512 * 1024 - 1 - 4;
    assertThat(Frames.pack(List.of(new byte[room]))).hasSize(1);
    assertThat(Frames.pack(List.of(new byte[room - 4], new byte[0]))).hasSize(1);
    assertThat(Frames.pack(List.of(new byte[room - 3], new byte[0]))).hasSize(2);
    assertThat(Frames.pack(List.of())).isEmpty();
    assertThat(Frames.unpack(Frames.pack(List.of(small, new byte[0])).get(0)))
        .containsExactly(small, new byte[0]);
  }

  @Test
  void aFrameThatWasAlteredIsRefused() {
    for (byte[] frame :
        List.of(
            new byte[0],
            new byte[] {0, 1},
            new byte[] {2},
            new byte[] {1, 0, 0, 0},
            new byte[] {1, 0, 0, 0, 2, 9},
            new byte[] {1, -1, -1, -1, -1})) {
      assertThatThrownBy(() -> Frames.unpack(frame)).isInstanceOf(IllegalArgumentException.class);
    }
    assertThat(Frames.unpack(new byte[] {1})).isEmpty();
    assertThat(Frames.isProbe(Frames.PROBE)).isTrue();
    assertThat(Frames.isProbe(Frames.CHECK)).isFalse();
    assertThat(Frames.isCheck(Frames.CHECK)).isTrue();
    assertThat(Frames.isCheck(new byte[] {2, 2})).isFalse();
  }

  @Test
  void anAddressSaysWhereAndAsWhom() {
    ServerUri uri = ServerUri.parse("rediss://chat:p%40ss@host:7000/3");
    assertThat(uri.address()).hasToString("host:7000");
    JedisClientConfig config = uri.config(250);
    assertThat(config.getUser()).isEqualTo("chat");
    assertThat(config.getPassword()).isEqualTo("p@ss");
    assertThat(config.getDatabase()).isEqualTo(3);
    assertThat(config.isSsl()).isTrue();
    assertThat(config.getConnectionTimeoutMillis()).isEqualTo(250);
    assertThat(uri).hasToString("rediss://host:7000");
    assertThat(ServerUri.parse("redis://host:1")).hasToString("redis://host:1");
    assertThat(ServerUri.parseSentinel("host").address()).hasToString("host:26379");
    assertThat(ServerUri.parseSentinel("host:5").address()).hasToString("host:5");
    assertThat(ServerUri.parseSentinel("redis://:pw@host:5").config(1).getPassword())
        .isEqualTo("pw");
    assertThat(ServerUri.parseMaster("my_master").address().getHost()).isEqualTo("my_master");
    ServerUri master = ServerUri.parseMaster("rediss://u:p@my_master/2");
    assertThat(master.address().getHost()).isEqualTo("my_master");
    assertThat(master.config(1).getDatabase()).isEqualTo(2);
    for (String wrong : List.of("host", "http://host:1", "redis://host", "redis://a b:1")) {
      assertThatThrownBy(() -> ServerUri.parse(wrong)).isInstanceOf(IllegalArgumentException.class);
    }
    assertThatThrownBy(() -> ServerUri.parseSentinel("http://host:1"))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> ServerUri.parseMaster("http://host"))
        .isInstanceOf(IllegalArgumentException.class);
  }

  /** Nodes of two versions use them side by side. */
  @Test
  void theKeysAreNamedAsTheyAreDescribed() {
    RedisKeys keys = new RedisKeys("chat", "a:b");
    assertThat(
            List.of(
                keys.nodes(),
                keys.lease("n"),
                keys.topicsOf("n"),
                keys.topic(new Topic("user:ann")),
                keys.claim("n"),
                keys.table(),
                keys.settling(),
                keys.channel("n")))
        .containsExactly(
            "chat:a%3Ab:nodes",
            "chat:a%3Ab:node:n",
            "chat:a%3Ab:node-topics:n",
            "chat:a%3Ab:topic:user:ann",
            "chat:a%3Ab:claim:n",
            "chat:a%3Ab:table",
            "chat:a%3Ab:settling",
            "chat:a%3Ab:to:n");
  }

  @Test
  void aNamespaceIsSafeInAKey() {
    assertThat(RedisKeys.requireNamespace("My_chat-1.x")).isEqualTo("My_chat-1.x");
    for (String wrong : List.of("", "a:b", "a*", "x".repeat(65))) {
      assertThatThrownBy(() -> RedisKeys.requireNamespace(wrong))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }
}
