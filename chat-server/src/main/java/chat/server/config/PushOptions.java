package chat.server.config;

import picocli.CommandLine.Option;

/**
 * How users are told of messages that come while they are away. Filled by {@link SettingsParser};
 * not changed afterwards.
 */
@SuppressWarnings("NullAway.Init") // picocli gives every option its default
public final class PushOptions {
  @Option(
      names = "--push-delay-millis",
      defaultValue = "2000",
      paramLabel = "N",
      description =
          "How long a message may be read before devices of its reader are told."
              + " Default: ${DEFAULT-VALUE}")
  int delayMillis;

  @Option(
      names = "--push-hide-content",
      arity = "1",
      defaultValue = "false",
      paramLabel = "true|false",
      description =
          "Whether push notifications have neither texts nor names; a device can choose this for"
              + " itself. Default: ${DEFAULT-VALUE}")
  boolean hideContent;

  @Option(
      names = "--push-contact",
      defaultValue = "mailto:webpush@localhost",
      paramLabel = "URL",
      description =
          "Where those who run the push services of browsers can write to, mailto: or https:. Some"
              + " services refuse what is no real address. Default: ${DEFAULT-VALUE}")
  String contact;

  @Option(
      names = "--push-private-addresses",
      arity = "1",
      defaultValue = "false",
      paramLabel = "true|false",
      description =
          "Whether push services of browsers may be at any address, also inside this network and"
              + " without TLS: users name them. Default: ${DEFAULT-VALUE}")
  boolean privateAddresses;

  PushOptions() {}

  public int delayMillis() {
    return delayMillis;
  }

  public boolean hideContent() {
    return hideContent;
  }

  public String contact() {
    return contact;
  }

  public boolean privateAddresses() {
    return privateAddresses;
  }
}
