package chat.server;

import chat.server.config.Settings;
import chat.server.config.SettingsParser;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;

/** Starts servers in this process: on free ports unless the flags say otherwise, soon drained. */
final class TestServer {
  private TestServer() {}

  static ChatServer start(String... flags) throws IOException {
    return start(Map.of(), flags);
  }

  static ChatServer start(Map<String, String> environment, String... flags) throws IOException {
    Map<String, String> all = new HashMap<>(environment);
    all.put("CHAT_HTTP_PORT", "0");
    all.put("CHAT_WS_PORT", "0");
    all.put("CHAT_DRAIN_SECONDS", "5");
    return ChatServer.start(settings(all, flags));
  }

  private static Settings settings(Map<String, String> environment, String... flags) {
    try {
      return SettingsParser.parse(flags, environment).settings();
    } catch (SettingsParser.InvalidSettingsException wrong) {
      throw new IllegalArgumentException(wrong);
    }
  }
}
