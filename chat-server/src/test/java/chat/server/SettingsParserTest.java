package chat.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import chat.server.config.RouterKind;
import chat.server.config.Settings;
import chat.server.config.SettingsParser;
import chat.server.config.SettingsParser.InvalidSettingsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class SettingsParserTest {
  private static Settings parse(Map<String, String> environment, String... flags) throws Exception {
    return SettingsParser.parse(flags, environment).settings();
  }

  @Test
  void aFlagWinsOverAVariableAndAVariableOverTheFile(@TempDir Path directory) throws Exception {
    Path file = directory.resolve("chat.properties");
    Files.writeString(file, "http-port=1001\nws-port=1002\nmax-connections=1003\n");
    Settings settings =
        parse(
            Map.of("CHAT_HTTP_PORT", "2001", "CHAT_WS_PORT", "2002"),
            "--config",
            file.toString(),
            "--http-port=3001");
    assertThat(settings.httpPort()).isEqualTo(3001);
    assertThat(settings.wsPort()).isEqualTo(2002);
    assertThat(settings.limits().maxConnections()).isEqualTo(1003);
    assertThat(settings.host()).isEqualTo("127.0.0.1");
  }

  @Test
  void aMistakeIsNamed(@TempDir Path directory) throws Exception {
    assertThatThrownBy(() -> parse(Map.of(), "--http-port=many"))
        .isInstanceOf(InvalidSettingsException.class)
        .hasMessageContaining("--http-port");
    assertThatThrownBy(() -> parse(Map.of("CHAT_WS_PORT", "70000")))
        .isInstanceOf(InvalidSettingsException.class)
        .hasMessage("--ws-port must be from 0 to 65535, not 70000");
    assertThatThrownBy(() -> parse(Map.of(), "--prot=1"))
        .isInstanceOf(InvalidSettingsException.class)
        .hasMessageContaining("--prot");
    assertThatThrownBy(() -> parse(Map.of(), "--redis-url=redis://localhost"))
        .isInstanceOf(InvalidSettingsException.class)
        .hasMessageContaining("--database-url");
    assertThatThrownBy(() -> parse(Map.of(), "--router=postgres"))
        .isInstanceOf(InvalidSettingsException.class)
        .hasMessageContainingAll("--router=postgres", "--database-url");
    assertThatThrownBy(() -> parse(Map.of(), "--router=redis"))
        .isInstanceOf(InvalidSettingsException.class)
        .hasMessageContaining("--redis-url");
    assertThatThrownBy(() -> parse(Map.of(), "--router=kafka"))
        .isInstanceOf(InvalidSettingsException.class)
        .hasMessageContaining("--router");
    assertThatThrownBy(
            () ->
                parse(
                    Map.of("CHAT_ROUTER", "postgres"),
                    "--database-url=jdbc:postgresql://db/chat",
                    "--redis-url=redis://localhost"))
        .isInstanceOf(InvalidSettingsException.class)
        .hasMessageContainingAll("--redis-url", "--router=postgres");
    assertThatThrownBy(
            () ->
                parse(
                    Map.of("CHAT_REDIS_NAMESPACE", "a:b"),
                    "--database-url=jdbc:postgresql://db/chat",
                    "--redis-url=redis://localhost"))
        .isInstanceOf(InvalidSettingsException.class)
        .hasMessage(
            "--redis-namespace must be 1 to 64 letters, digits, dots, dashes and underscores, not a:b");
    assertThatThrownBy(() -> parse(Map.of(), "--redis-namespace=other"))
        .isInstanceOf(InvalidSettingsException.class)
        .hasMessage("--redis-namespace is for nodes that Redis links: give --redis-url too");
    assertThatThrownBy(() -> parse(Map.of(), "--issuer=https://id.example.org"))
        .isInstanceOf(InvalidSettingsException.class)
        .hasMessageContaining("--issuer-jwks-url");
    assertThatThrownBy(
            () -> parse(Map.of("CHAT_ISSUER_SECRET", "s".repeat(32)), "--issuer=chat-server"))
        .isInstanceOf(InvalidSettingsException.class)
        .hasMessageContaining("which this server uses itself");
    assertThatThrownBy(() -> parse(Map.of("CHAT_ISSUER_SECRET", "short"), "--issuer=x"))
        .isInstanceOf(InvalidSettingsException.class)
        .hasMessage("--issuer-secret must have 32 bytes or more");
    assertThatThrownBy(() -> parse(Map.of("CHAT_TOKEN_SECRET", "short")))
        .isInstanceOf(InvalidSettingsException.class)
        .hasMessage("--token-secret must have 32 bytes or more");
    assertThatThrownBy(() -> parse(Map.of(), "--issuer-jwks-url=nowhere", "--issuer=x"))
        .isInstanceOf(InvalidSettingsException.class)
        .hasMessageContaining("--issuer-jwks-url");
    assertThatThrownBy(() -> parse(Map.of(), "--public-ws-url=ftp://x y"))
        .isInstanceOf(InvalidSettingsException.class)
        .hasMessageContaining("wss://chat.example.org/v1/ws");
    assertThatThrownBy(() -> parse(Map.of(), "--origins=https://a.example,b.example"))
        .isInstanceOf(InvalidSettingsException.class)
        .hasMessageEndingWith("not b.example");
    assertThatThrownBy(() -> parse(Map.of(), "--file-types=image/*,pdf"))
        .isInstanceOf(InvalidSettingsException.class)
        .hasMessageEndingWith("have pdf");
    Path file = directory.resolve("chat.properties");
    Files.writeString(file, "htp-port=1\n");
    assertThatThrownBy(() -> parse(Map.of("CHAT_CONFIG", file.toString())))
        .isInstanceOf(InvalidSettingsException.class)
        .hasMessageContaining("htp-port");
  }

  /** As variables, since as flags they are refused before anybody looks at them. */
  @ParameterizedTest
  @CsvSource({
    "CHAT_DATABASE_URL, postgres://ada:hunter2@db/chat",
    "CHAT_DATABASE_URL, jdbc:postgresql://ada:hunter2@db/chat",
    "CHAT_DATABASE_URL, jdbc:mysql://db/chat?password=hunter2",
    "CHAT_REDIS_URL, redis-sentinel://:hunter2@redis",
    "CHAT_REDIS_URL, redis://:hunter2@redis",
    "CHAT_REDIS_URL, hunter2@redis",
    "CHAT_PUBLIC_WS_URL, https://ada:hunter2@chat.example.org/",
    "CHAT_ORIGINS, ftp://ada:hunter2@chat.example.org",
    "CHAT_PUSH_CONTACT, ftp://ada:hunter2@example.org",
    "CHAT_ISSUER_JWKS_URL, nowhere://ada:hunter2@example.org/?token=hunter2",
    "CHAT_FILES_S3_ENDPOINT, https://ada:hunter2@s3.exam^ple.org",
    "CHAT_DATABASE_CONNECTIONS, redis://:hunter2@redis",
  })
  void noRefusalRepeatsASecret(String variable, String value) {
    Map<String, String> environment = new HashMap<>(Map.of(variable, value));
    if (variable.startsWith("CHAT_FILES_S3")) {
      environment.put("CHAT_FILES_S3_BUCKET", "chat");
    }
    assertThatThrownBy(() -> parse(environment))
        .isInstanceOf(InvalidSettingsException.class)
        .message()
        .contains("--")
        .doesNotContain("hunter2");
    AdminShell.Result admin = AdminShell.run("", environment, "users");
    assertThat(admin.code()).isEqualTo(2);
    assertThat(admin.out() + admin.err()).contains("--").doesNotContain("hunter2");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "--redis-urll=redis://:hunter2@redis",
        "--redis-urll redis://:hunter2@redis",
        "--token-secrett=hunter2",
        "--token-secrett hunter2",
        "redis://:hunter2@redis"
      })
  void noRefusalRepeatsWhatAMisspeltFlagWasGiven(String words) {
    assertThatThrownBy(() -> parse(Map.of(), words.split(" ")))
        .isInstanceOf(InvalidSettingsException.class)
        .message()
        .doesNotContain("hunter2");
    AdminShell.Result admin = AdminShell.run(("users " + words).split(" "));
    assertThat(admin.code()).as(admin.out()).isNotZero();
    assertThat(admin.out() + admin.err()).doesNotContain("hunter2");
  }

  /** Everybody on the machine sees the flags of all processes. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "--database-password=hunter2",
        "--database-password hunter2",
        "--token-secret=hunter2-hunter2-hunter2-hunter2-hunter2",
        "--issuer-secret hunter2-hunter2-hunter2-hunter2-hunter2",
        "--files-s3-secret-key=hunter2",
        "--database-url=jdbc:postgresql://db/chat?user=ada&password=hunter2",
        "--database-url postgres://ada:hunter2@db/chat",
        "--redis-url=redis://:hunter2@redis"
      })
  void secretsAreRefusedAsFlagsWithWhatToDo(String words) {
    String name = words.split("[= ]")[0].substring(2);
    assertThatThrownBy(() -> parse(Map.of(), words.split(" ")))
        .isInstanceOf(InvalidSettingsException.class)
        .hasMessageContainingAll(
            "--" + name,
            "list of processes: set CHAT_" + name.toUpperCase(Locale.ROOT).replace('-', '_'),
            "a line " + name + "=... in the file of --config")
        .message()
        .doesNotContain("hunter2");
    assertThat(AdminShell.run(("users " + words).split(" ")).code()).isEqualTo(2);
  }

  @Test
  void theRouterIsRedisWhereThereIsOneAndOtherwiseAsSet() throws Exception {
    String database = "--database-url=jdbc:postgresql://db/chat";
    assertThat(parse(Map.of()).router()).isEqualTo(RouterKind.NONE);
    assertThat(parse(Map.of(), database, "--redis-url=redis://r").router())
        .isEqualTo(RouterKind.REDIS);
    assertThat(parse(Map.of("CHAT_ROUTER", "postgres"), database).router())
        .isEqualTo(RouterKind.POSTGRES);
  }

  @Test
  void theNamespaceInRedisIsChatUnlessAnotherIsSet() throws Exception {
    String database = "--database-url=jdbc:postgresql://db/chat";
    String redis = "--redis-url=redis://r";
    assertThat(parse(Map.of(), database, redis).redisNamespace()).isEqualTo("chat");
    assertThat(
            parse(Map.of("CHAT_REDIS_NAMESPACE", "chat.test-1"), database, redis).redisNamespace())
        .isEqualTo("chat.test-1");
  }

  @Test
  void helpListsEveryOptionWithItsDefault() {
    assertThat(SettingsParser.help()).contains("--http-port", "8080", "CHAT_HTTP_PORT");
  }

  @Test
  void aVariableThatNamesNoSettingIsFound() {
    assertThat(
            SettingsParser.unknownVariables(
                Map.of("CHAT_HTPP_PORT", "1", "CHAT_HTTP_PORT", "1", "CHATTER", "1", "PATH", "/")))
        .containsExactly("CHAT_HTPP_PORT");
  }

  @Test
  void settingsStandAmongTheWordsOfACommandAndAVariableIsNoVersion() throws Exception {
    SettingsParser.Parsed parsed =
        SettingsParser.parseAmongOthers(
            new String[] {"suspend", "--data-dir", "x", "bob", "--reason=spam"},
            Map.of("CHAT_VERSION", "1.2"));
    assertThat(parsed.others()).containsExactly("suspend", "bob", "--reason=spam");
    assertThat(parsed.settings().dataDir()).hasToString("x");
    assertThat(parsed.version()).isFalse();
    assertThat(SettingsParser.parse(new String[] {"--version"}, Map.of()).version()).isTrue();
  }

  @Test
  void aBucketNeedsItsKeyWhoseSecretIsNoFlag() throws Exception {
    String secret = "the-secret";
    Map<String, String> environment = Map.of("CHAT_FILES_S3_SECRET_KEY", secret);
    String bucket = "--files-s3-bucket=chat";
    String key = "--files-s3-access-key=AK";
    assertThat(parse(Map.of()).files().bucket()).isNull();
    assertThat(parse(environment, bucket, key).files().bucket())
        .hasToString("the bucket chat at https://s3.us-east-1.amazonaws.com")
        .extracting("pathStyle")
        .isEqualTo(false);
    assertThat(
            parse(environment, bucket, key, "--files-s3-endpoint=http://minio:9000")
                .files()
                .bucket())
        .hasToString("the bucket chat at http://minio:9000")
        .extracting("pathStyle")
        .isEqualTo(true);
    for (String[] flags :
        new String[][] {
          {bucket},
          {key},
          {bucket, key, "--files-s3-secret-key=" + secret},
          {bucket, key, "--files-s3-secret-key", secret},
          {bucket, key, "--files-s3-endpoint=http://user:" + secret + "@minio"},
          {bucket, key, "--files-s3-endpoint=http://minio/path"},
          {bucket, key, "--files-s3-endpoint=minio:9000"},
          {bucket, key, "--files-s3-region=eu west"},
          {"--files-s3-bucket=../x", key},
          {bucket, key, "--max-file-bytes=5368709121"},
        }) {
      assertThatThrownBy(() -> parse(environment, flags))
          .as(String.join(" ", flags))
          .isInstanceOf(InvalidSettingsException.class)
          .hasMessageNotContaining(secret);
    }
    assertThatThrownBy(() -> parse(Map.of(), bucket, key))
        .hasMessageContaining("CHAT_FILES_S3_SECRET_KEY");
  }
}
