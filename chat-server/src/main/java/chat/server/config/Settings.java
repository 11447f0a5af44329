package chat.server.config;

import chat.engine.redis.RedisRouter;
import chat.server.contacts.ContactPolicy;
import chat.server.conversations.Conversations.DirectPolicy;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
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

  @Mixin FileSettings files;

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
      description =
          "Only as CHAT_DATABASE_PASSWORD or in the file of --config: a flag could be seen by others,"
              + " and is refused.")
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
              + " other. With a password in it only as CHAT_REDIS_URL or in the file of --config.")
  @Nullable String redisUrl;

  @Option(
      names = "--redis-namespace",
      paramLabel = "WORD",
      description =
          "What all keys and channels in Redis begin with: 1 to 64 letters, digits, dots, dashes"
              + " and underscores, the same for all nodes. Deployments that share a Redis have"
              + " different ones. Default: "
              + RedisRouter.DEFAULT_NAMESPACE)
  @Nullable String redisNamespace;

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

  @Mixin LimitSettings limits;

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
          "Messages that are older are deleted, unless an operator has set something else for their"
              + " conversation or in general; the same on all nodes. 0 keeps them. Default:"
              + " ${DEFAULT-VALUE}")
  int retentionDays;

  @Option(
      names = "--registration",
      arity = "1",
      defaultValue = "true",
      paramLabel = "true|false",
      description = "Whether anybody may register an account. Default: ${DEFAULT-VALUE}")
  boolean registration;

  @Option(
      names = "--integrations",
      paramLabel = "FILE",
      description =
          "A JSON file with bots and webhooks; see chat-server/docs/integrations.md. All nodes need"
              + " the same.")
  @Nullable Path integrations;

  @Mixin PushOptions push;

  @Mixin IssuerSettings issuer;

  @Option(
      names = "--token-secret",
      paramLabel = "SECRET",
      description =
          "Signs this server's own tokens, 32 bytes or more, the same on all nodes; a new one logs"
              + " everybody out. Only as CHAT_TOKEN_SECRET or in the file of --config: a flag could be"
              + " seen by others, and is refused."
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
    return files.dir == null ? dataDir.resolve("files") : files.dir;
  }

  public FileSettings files() {
    return files;
  }

  public LimitSettings limits() {
    return limits;
  }

  public PushOptions push() {
    return push;
  }

  public IssuerSettings issuer() {
    return issuer;
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

  /** What all keys and channels in Redis begin with. */
  public String redisNamespace() {
    return redisNamespace == null ? RedisRouter.DEFAULT_NAMESPACE : redisNamespace;
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

  public boolean registration() {
    return registration;
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
