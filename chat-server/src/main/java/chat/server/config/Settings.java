package chat.server.config;

import chat.server.contacts.ContactPolicy;
import chat.server.conversations.Conversations.DirectPolicy;
import chat.server.files.storage.S3Bucket;
import chat.server.uri.ClientAddresses;
import java.net.URI;
import java.net.URL;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The settings of one server process. Filled by {@link SettingsParser}; not changed afterwards. */
@Command(
    name = "chat-server",
    sortOptions = false,
    usageHelpAutoWidth = true,
    header = "Chat over WebSocket and REST, on an embedded or a given PostgreSQL.",
    footer = {
      "",
      "chat-server admin --help lists the commands for operators.",
      "",
      "Each option can also be set by an environment variable (--http-port: CHAT_HTTP_PORT) or in a"
          + " properties file named with --config (http-port=8080). A flag wins over a variable, a"
          + " variable over the file."
    })
@SuppressWarnings("NullAway.Init") // picocli gives every option its default
public final class Settings {
  @Option(
      names = "--config",
      paramLabel = "FILE",
      description = "A properties file with the names of these options, without the dashes.")
  @Nullable Path config;

  @Option(
      names = "--host",
      defaultValue = "127.0.0.1",
      description = "Address to listen on; 0.0.0.0 for all. Default: ${DEFAULT-VALUE}")
  String host;

  @Option(
      names = "--http-port",
      defaultValue = "8080",
      description = "Port of REST; 0 takes a free one. Default: ${DEFAULT-VALUE}")
  int httpPort;

  @Option(
      names = "--ws-port",
      defaultValue = "8081",
      description = "Port of WebSocket; 0 takes a free one. Default: ${DEFAULT-VALUE}")
  int wsPort;

  @Option(
      names = "--data-dir",
      defaultValue = "chat-data",
      paramLabel = "DIR",
      description =
          "Where the embedded PostgreSQL keeps its data, unless there is a --database-url, and where"
              + " uploaded files lie, unless there is a --files-dir."
              + " Default: ${DEFAULT-VALUE}")
  Path dataDir;

  @Option(
      names = "--files-dir",
      paramLabel = "DIR",
      description =
          "Where the files that users upload lie; the same for all nodes on one database. With"
              + " --files-s3-bucket only what is still arriving, and a directory of each node's own."
              + " Default: files in --data-dir")
  @Nullable Path filesDir;

  @Option(
      names = "--files-s3-bucket",
      paramLabel = "NAME",
      description =
          "Keeps files in a bucket of S3 or a store that is compatible with it, the same for all"
              + " nodes on one database. Default: files lie in --files-dir")
  @Nullable String filesS3Bucket;

  @Option(
      names = "--files-s3-endpoint",
      paramLabel = "URL",
      description =
          "Where that store is, as https://s3.example.org. Default: Amazon's in --files-s3-region")
  @Nullable URI filesS3Endpoint;

  @Option(
      names = "--files-s3-region",
      defaultValue = "us-east-1",
      paramLabel = "REGION",
      description = "Region of the bucket; some stores take any. Default: ${DEFAULT-VALUE}")
  String filesS3Region;

  @Option(
      names = "--files-s3-path-style",
      arity = "1",
      paramLabel = "true|false",
      description =
          "Whether the bucket is named in the path, not in the host's name."
              + " Default: true with --files-s3-endpoint, otherwise false")
  @Nullable Boolean filesS3PathStyle;

  @Option(
      names = "--files-s3-access-key",
      paramLabel = "KEY",
      description = "Which key opens the bucket: it needs to put, get and delete objects.")
  @Nullable String filesS3AccessKey;

  @Option(
      names = "--files-s3-secret-key",
      paramLabel = "SECRET",
      description =
          "The secret of that key. Only as CHAT_FILES_S3_SECRET_KEY or in the file of --config: a flag"
              + " could be seen by others, and is refused.")
  @Nullable String filesS3SecretKey;

  @Option(
      names = "--max-file-bytes",
      defaultValue = "26214400",
      paramLabel = "N",
      description = "Longest file that is taken; 0 takes none. Default: ${DEFAULT-VALUE}")
  long maxFileBytes;

  @Option(
      names = "--files-per-user-bytes",
      defaultValue = "1073741824",
      paramLabel = "N",
      description =
          "How much the files of a user may take together; 0 for any amount."
              + " Default: ${DEFAULT-VALUE}")
  long filesPerUserBytes;

  @Option(
      names = "--database-url",
      paramLabel = "URL",
      description = "A PostgreSQL 15 or newer, as jdbc:postgresql://host:5432/database.")
  @Nullable String databaseUrl;

  @Option(
      names = "--database-user",
      defaultValue = "postgres",
      paramLabel = "NAME",
      description = "Default: ${DEFAULT-VALUE}")
  String databaseUser;

  @Option(
      names = "--database-password",
      defaultValue = "",
      paramLabel = "PASSWORD",
      description = "Better given as CHAT_DATABASE_PASSWORD than as a flag, which others can see.")
  String databasePassword;

  @Option(
      names = "--database-connections",
      defaultValue = "24",
      paramLabel = "N",
      description = "Size of the connection pool. Default: ${DEFAULT-VALUE}")
  int databaseConnections;

  @Option(
      names = "--accept-newer-schema",
      arity = "1",
      defaultValue = "false",
      paramLabel = "true|false",
      description =
          "Whether to start on tables that a newer version has changed, during an upgrade of node"
              + " after node whose changelog allows it. Default: ${DEFAULT-VALUE}")
  boolean acceptNewerSchema;

  @Option(
      names = "--redis-url",
      paramLabel = "URL",
      description =
          "A Redis 6 or newer, as redis://host:6379, through which nodes on one database reach each"
              + " other.")
  @Nullable String redisUrl;

  @Option(
      names = "--router",
      paramLabel = "WHAT",
      description =
          "What links the nodes on one database: ${COMPLETION-CANDIDATES}. POSTGRES needs nothing"
              + " but the database, and two of its connections per node; NONE is for a single node."
              + " Default: REDIS with --redis-url, otherwise NONE")
  @Nullable RouterKind router;

  @Option(
      names = "--origins",
      split = ",",
      paramLabel = "ORIGIN",
      description =
          "Origins of web pages that may connect and call, comma-separated, as"
              + " https://chat.example.org; * for any."
              + " Default: this server's own page at localhost, 127.0.0.1 and --host")
  List<String> origins = List.of();

  @Option(
      names = "--public-ws-url",
      paramLabel = "URL",
      description =
          "Where browsers reach the WebSocket, behind a proxy: wss://chat.example.org/v1/ws, or"
              + " /v1/ws on the page's own host and port."
              + " Default: the WebSocket port on the page's own host")
  @Nullable String publicWsUrl;

  @Option(
      names = "--direct-policy",
      defaultValue = "CONTACTS",
      paramLabel = "WHO",
      description = "Who may write to whom: ${COMPLETION-CANDIDATES}. Default: ${DEFAULT-VALUE}")
  DirectPolicy directPolicy;

  @Option(
      names = "--contacts",
      defaultValue = "MUTUAL",
      paramLabel = "HOW",
      description =
          "What it takes to become contacts, the same on all nodes: ${COMPLETION-CANDIDATES}. MUTUAL:"
              + " one adds the other; REQUEST: the other one has to accept. Default: ${DEFAULT-VALUE}")
  ContactPolicy contactPolicy;

  @Option(
      names = "--max-connections",
      defaultValue = "20000",
      paramLabel = "N",
      description =
          "WebSocket connections at once; no more than the limit of open files (ulimit -n) less 512."
              + " Default: ${DEFAULT-VALUE}")
  int maxConnections;

  @Option(
      names = "--max-connections-per-address",
      defaultValue = "20000",
      paramLabel = "N",
      description =
          "The same for one remote address, which behind a proxy is the proxy's."
              + " Default: ${DEFAULT-VALUE}")
  int maxConnectionsPerAddress;

  @Option(
      names = "--max-connections-per-user",
      defaultValue = "64",
      paramLabel = "N",
      description = "The same for one user, on this node. Default: ${DEFAULT-VALUE}")
  int maxConnectionsPerUser;

  @Option(
      names = "--max-text-bytes",
      defaultValue = "16384",
      paramLabel = "BYTES",
      description = "Longest text of a message, in UTF-8. Default: ${DEFAULT-VALUE}")
  int maxTextBytes;

  @Option(
      names = "--search",
      arity = "1",
      defaultValue = "true",
      paramLabel = "true|false",
      description =
          "Whether users can search in their messages; the same on all nodes. Without it nothing is"
              + " indexed. Default: ${DEFAULT-VALUE}")
  boolean search;

  @Option(
      names = "--edit-history",
      arity = "1",
      defaultValue = "false",
      paramLabel = "true|false",
      description =
          "Whether edits keep what they replace, for all who may read the message; the same on all"
              + " nodes. Without it nothing of an edited text stays. Default: ${DEFAULT-VALUE}")
  boolean editHistory;

  @Option(
      names = "--retention-days",
      defaultValue = "0",
      paramLabel = "N",
      description =
          "Messages that are older are deleted, unless something else is set for their conversation;"
              + " the same on all nodes. 0 keeps them. Default: ${DEFAULT-VALUE}")
  int retentionDays;

  @Option(
      names = "--messages-per-second",
      defaultValue = "50",
      paramLabel = "N",
      description =
          "Requests of any kind that a connection may make, on average, not only messages."
              + " Default: ${DEFAULT-VALUE}")
  int messagesPerSecond;

  @Option(
      names = "--messages-per-second-per-user",
      defaultValue = "0",
      paramLabel = "N",
      description =
          "Requests of any kind that a user may make on average, by all connections to one node"
              + " together. 0 is four times --messages-per-second. Default: ${DEFAULT-VALUE}")
  int messagesPerSecondPerUser;

  @Option(
      names = "--heartbeat-seconds",
      defaultValue = "30",
      paramLabel = "N",
      description = "A silent connection is pinged after so long. Default: ${DEFAULT-VALUE}")
  int heartbeatSeconds;

  @Option(
      names = "--registration",
      arity = "1",
      defaultValue = "true",
      paramLabel = "true|false",
      description = "Whether anybody may register an account. Default: ${DEFAULT-VALUE}")
  boolean registration;

  @Option(
      names = "--failed-logins-per-account",
      defaultValue = "10",
      paramLabel = "N",
      description =
          "Wrong passwords for an account within a quarter of an hour; then logins to it wait. On"
              + " each node; 0 for any number. Default: ${DEFAULT-VALUE}")
  int failedLoginsPerAccount;

  @Option(
      names = "--failed-logins-per-address",
      defaultValue = "100",
      paramLabel = "N",
      description = "The same from one address, for any accounts. Default: ${DEFAULT-VALUE}")
  int failedLoginsPerAddress;

  @Option(
      names = "--registrations-per-address",
      defaultValue = "100",
      paramLabel = "N",
      description =
          "Registrations from one address within an hour. On each node; 0 for any number."
              + " Default: ${DEFAULT-VALUE}")
  int registrationsPerAddress;

  @Option(
      names = "--calls-per-second-per-user",
      defaultValue = "50",
      paramLabel = "N",
      description =
          "REST calls of a user, on average, with bursts of ten seconds' worth. On each node; 0 for"
              + " any number. Default: ${DEFAULT-VALUE}")
  int callsPerSecondPerUser;

  @Option(
      names = "--calls-per-second-per-address",
      defaultValue = "500",
      paramLabel = "N",
      description = "The same from one address. Default: ${DEFAULT-VALUE}")
  int callsPerSecondPerAddress;

  @Option(
      names = "--trusted-proxies",
      split = ",",
      defaultValue = "127.0.0.0/8,::1/128",
      paramLabel = "NETWORK",
      description =
          "Proxies whose X-Forwarded-For says where a client comes from, comma-separated, as"
              + " 10.0.0.0/8. Default: ${DEFAULT-VALUE}")
  List<String> trustedProxies = List.of();

  @Option(
      names = "--integrations",
      paramLabel = "FILE",
      description =
          "A JSON file with bots and webhooks; see chat-server/docs/integrations.md. All nodes need"
              + " the same.")
  @Nullable Path integrations;

  @Option(
      names = "--push-delay-millis",
      defaultValue = "2000",
      paramLabel = "N",
      description =
          "How long a message may be read before devices of its reader are told."
              + " Default: ${DEFAULT-VALUE}")
  int pushDelayMillis;

  @Option(
      names = "--push-hide-content",
      arity = "1",
      defaultValue = "false",
      paramLabel = "true|false",
      description =
          "Whether push notifications have neither texts nor names; a device can choose this for"
              + " itself. Default: ${DEFAULT-VALUE}")
  boolean pushHideContent;

  @Option(
      names = "--push-contact",
      defaultValue = "mailto:webpush@localhost",
      paramLabel = "URL",
      description =
          "Where those who run the push services of browsers can write to, mailto: or https:. Some"
              + " services refuse what is no real address. Default: ${DEFAULT-VALUE}")
  String pushContact;

  @Option(
      names = "--push-private-addresses",
      arity = "1",
      defaultValue = "false",
      paramLabel = "true|false",
      description =
          "Whether push services of browsers may be at any address, also inside this network and"
              + " without TLS: users name them. Default: ${DEFAULT-VALUE}")
  boolean pushPrivateAddresses;

  @Option(
      names = "--issuer",
      paramLabel = "NAME",
      description =
          "A sign-on service whose access tokens (JWT) are taken beside this server's own: the"
              + " 'iss' of its tokens. Needs --issuer-jwks-url or --issuer-secret.")
  @Nullable String issuer;

  @Option(
      names = "--issuer-jwks-url",
      paramLabel = "URL",
      description = "Where the issuer publishes its keys, as https://id.example.org/jwks.json.")
  @Nullable URL issuerJwksUrl;

  @Option(
      names = "--issuer-secret",
      paramLabel = "SECRET",
      description =
          "Or the secret with which it signs (HS256), 32 bytes or more. Better given as"
              + " CHAT_ISSUER_SECRET than as a flag, which others can see.")
  @Nullable String issuerSecret;

  @Option(
      names = "--issuer-audience",
      paramLabel = "NAME",
      description = "The 'aud' that its tokens must have. Default: any")
  @Nullable String issuerAudience;

  @Option(
      names = "--issuer-username-claim",
      defaultValue = "preferred_username",
      paramLabel = "CLAIM",
      description =
          "Which claim of its tokens names the user; the account stays the subject's."
              + " Default: ${DEFAULT-VALUE}")
  String issuerUsernameClaim;

  @Option(
      names = "--issuer-provision",
      arity = "1",
      defaultValue = "false",
      paramLabel = "true|false",
      description =
          "Whether its users get an account when they are first seen. Default: ${DEFAULT-VALUE}")
  boolean issuerProvision;

  @Option(
      names = "--token-secret",
      paramLabel = "SECRET",
      description =
          "Signs this server's own tokens, 32 bytes or more, the same on all nodes; a new one logs"
              + " everybody out. Better given as CHAT_TOKEN_SECRET than as a flag."
              + " Default: made once and kept in the database")
  @Nullable String tokenSecret;

  @Option(
      names = "--access-token-minutes",
      defaultValue = "15",
      paramLabel = "N",
      description = "Life of an access token. Default: ${DEFAULT-VALUE}")
  int accessTokenMinutes;

  @Option(
      names = "--refresh-token-days",
      defaultValue = "30",
      paramLabel = "N",
      description = "Life of a refresh token that is not used. Default: ${DEFAULT-VALUE}")
  int refreshTokenDays;

  @Option(
      names = "--ticket-seconds",
      defaultValue = "60",
      paramLabel = "N",
      description = "Life of a one-time ticket for a WebSocket. Default: ${DEFAULT-VALUE}")
  int ticketSeconds;

  @Option(
      names = "--drain-seconds",
      defaultValue = "10",
      paramLabel = "N",
      description = "Longest time to part with clients when stopped. Default: ${DEFAULT-VALUE}")
  int drainSeconds;

  @Option(
      names = "--log-format",
      defaultValue = "TEXT",
      paramLabel = "FORMAT",
      description = "Of the log: ${COMPLETION-CANDIDATES}. Default: ${DEFAULT-VALUE}")
  LogFormat logFormat;

  @Option(names = "--help", usageHelp = true, description = "Shows this.")
  boolean help;

  @Option(names = "--version", versionHelp = true, description = "Shows the version.")
  boolean version;

  Settings() {}

  public String host() {
    return host;
  }

  public int httpPort() {
    return httpPort;
  }

  public int wsPort() {
    return wsPort;
  }

  public Path dataDir() {
    return dataDir;
  }

  public Path filesDir() {
    return filesDir == null ? dataDir.resolve("files") : filesDir;
  }

  /** Null if files lie in {@link #filesDir}. */
  public @Nullable S3Bucket filesBucket() {
    String name = filesS3Bucket;
    String accessKey = filesS3AccessKey;
    String secretKey = filesS3SecretKey;
    if (name == null || accessKey == null || secretKey == null) {
      return null;
    }
    URI endpoint = filesS3Endpoint;
    return new S3Bucket(
        endpoint == null ? URI.create("https://s3." + filesS3Region + ".amazonaws.com") : endpoint,
        filesS3Region,
        name,
        filesS3PathStyle == null ? endpoint != null : filesS3PathStyle,
        accessKey,
        secretKey);
  }

  /** 0 if no files are taken. */
  public long maxFileBytes() {
    return maxFileBytes;
  }

  /** 0 for any amount. */
  public long filesPerUserBytes() {
    return filesPerUserBytes;
  }

  public @Nullable String databaseUrl() {
    return databaseUrl;
  }

  public String databaseUser() {
    return databaseUser;
  }

  public String databasePassword() {
    return databasePassword;
  }

  public int databaseConnections() {
    return databaseConnections;
  }

  public boolean acceptNewerSchema() {
    return acceptNewerSchema;
  }

  public @Nullable String redisUrl() {
    return redisUrl;
  }

  /** What links the nodes. */
  public RouterKind router() {
    if (router != null) {
      return router;
    }
    return redisUrl == null ? RouterKind.NONE : RouterKind.REDIS;
  }

  public List<String> origins() {
    return origins;
  }

  public @Nullable String publicWsUrl() {
    return publicWsUrl;
  }

  public ContactPolicy contactPolicy() {
    return contactPolicy;
  }

  public @Nullable Path integrations() {
    return integrations;
  }

  public DirectPolicy directPolicy() {
    return directPolicy;
  }

  public int maxConnections() {
    return maxConnections;
  }

  public int maxConnectionsPerAddress() {
    return maxConnectionsPerAddress;
  }

  public int maxConnectionsPerUser() {
    return maxConnectionsPerUser;
  }

  public int maxTextBytes() {
    return maxTextBytes;
  }

  public boolean search() {
    return search;
  }

  public boolean editHistory() {
    return editHistory;
  }

  /** How many days messages are kept; 0 for always. */
  public int retentionDays() {
    return retentionDays;
  }

  public int messagesPerSecond() {
    return messagesPerSecond;
  }

  /** 0 for what the protocol has unless set. */
  public int messagesPerSecondPerUser() {
    return messagesPerSecondPerUser;
  }

  public int heartbeatSeconds() {
    return heartbeatSeconds;
  }

  public boolean registration() {
    return registration;
  }

  public int failedLoginsPerAccount() {
    return failedLoginsPerAccount;
  }

  public int failedLoginsPerAddress() {
    return failedLoginsPerAddress;
  }

  public int registrationsPerAddress() {
    return registrationsPerAddress;
  }

  public int callsPerSecondPerUser() {
    return callsPerSecondPerUser;
  }

  public int callsPerSecondPerAddress() {
    return callsPerSecondPerAddress;
  }

  /** From which address a client comes. */
  public ClientAddresses clientAddresses() {
    return new ClientAddresses(trustedProxies);
  }

  public int pushDelayMillis() {
    return pushDelayMillis;
  }

  public boolean pushHideContent() {
    return pushHideContent;
  }

  public String pushContact() {
    return pushContact;
  }

  public boolean pushPrivateAddresses() {
    return pushPrivateAddresses;
  }

  public @Nullable String issuer() {
    return issuer;
  }

  public @Nullable URL issuerJwksUrl() {
    return issuerJwksUrl;
  }

  public @Nullable String issuerSecret() {
    return issuerSecret;
  }

  public @Nullable String issuerAudience() {
    return issuerAudience;
  }

  public String issuerUsernameClaim() {
    return issuerUsernameClaim;
  }

  public boolean issuerProvision() {
    return issuerProvision;
  }

  public @Nullable String tokenSecret() {
    return tokenSecret;
  }

  public int accessTokenMinutes() {
    return accessTokenMinutes;
  }

  public int refreshTokenDays() {
    return refreshTokenDays;
  }

  public int ticketSeconds() {
    return ticketSeconds;
  }

  public LogFormat logFormat() {
    return logFormat;
  }

  public int drainSeconds() {
    return drainSeconds;
  }
}
