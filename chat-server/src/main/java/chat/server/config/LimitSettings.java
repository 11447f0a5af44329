package chat.server.config;

import chat.server.uri.ClientAddresses;
import java.util.List;
import picocli.CommandLine.Option;

/**
 * What clients may ask for, and where they come from. Filled by {@link SettingsParser}; not changed
 * afterwards.
 */
@SuppressWarnings("NullAway.Init") // picocli gives every option its default
public final class LimitSettings {
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
      names = "--incoming-posts-per-minute",
      defaultValue = "60",
      paramLabel = "N",
      description =
          "What is posted to one incoming webhook within a minute, or all at once. On each node; 0"
              + " for any number. Default: ${DEFAULT-VALUE}")
  int incomingPostsPerMinute;

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

  LimitSettings() {}

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

  public int failedLoginsPerAccount() {
    return failedLoginsPerAccount;
  }

  public int failedLoginsPerAddress() {
    return failedLoginsPerAddress;
  }

  public int registrationsPerAddress() {
    return registrationsPerAddress;
  }

  public int incomingPostsPerMinute() {
    return incomingPostsPerMinute;
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
}
