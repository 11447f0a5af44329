package chat.server.page;

import chat.engine.protocol.JsonObjects;
import chat.server.Browser;
import java.util.Locale;
import tools.jackson.databind.node.ObjectNode;

/**
 * What a browser pretends through its DevTools: a network that is away or slow, the wishes of a
 * user, a smaller window, keys. Stateless.
 */
final class Emulation {
  /** Bit of {@link #press}. */
  static final int CONTROL = 2;

  /**
   * A script for {@link Browser.Tab#runFirst}: the DevTools let WebSockets live that are open when
   * the network goes, so {@code cutSockets()} ends them as a network does.
   */
  static final String SOCKETS_THAT_CAN_BE_CUT =
      """
      {
        const opened = new Set();
        const Socket = WebSocket;
        globalThis.WebSocket = class extends Socket {
          constructor(...all) {
            super(...all);
            opened.add(this);
          }
        };
        globalThis.cutSockets = () => {
          for (const socket of opened) {
            const { onclose } = socket;
            socket.onclose = socket.onmessage = null;
            socket.close();
            onclose?.(new CloseEvent("close", { code: 1006 }));
          }
          opened.clear();
        };
      }""";

  private Emulation() {}

  /** For everything that the tab opens from now on. */
  static void offline(Browser.Tab tab, boolean isOffline) {
    network(tab, isOffline, -1);
  }

  /** So that what is sent takes its time. */
  static void slowUploads(Browser.Tab tab, int bytesPerSecond) {
    network(tab, false, bytesPerSecond);
  }

  private static void network(Browser.Tab tab, boolean isOffline, int bytesPerSecond) {
    tab.command("Network.enable", JsonObjects.object());
    tab.command(
        "Network.emulateNetworkConditions",
        JsonObjects.object()
            .put("offline", isOffline)
            .put("latency", 0)
            .put("downloadThroughput", -1)
            .put("uploadThroughput", bytesPerSecond));
  }

  /** Such as "prefers-contrast" and "more"; each call forgets the one before. */
  static void media(Browser.Tab tab, String feature, String value) {
    ObjectNode media = JsonObjects.object();
    media.putArray("features").addObject().put("name", feature).put("value", value);
    tab.command("Emulation.setEmulatedMedia", media);
  }

  /** As a keyboard does that comes up on a phone, whose pages become smaller. */
  static void height(Browser.Tab tab, Screen screen, int height) {
    boolean isPhone = screen == Screen.PHONE;
    tab.command(
        "Emulation.setDeviceMetricsOverride",
        JsonObjects.object()
            .put("width", isPhone ? 390 : 1280)
            .put("height", height)
            .put("deviceScaleFactor", isPhone ? 2 : 1)
            .put("mobile", isPhone));
  }

  /** What a notch at the top and a bar at the bottom take from the window, in pixels. */
  static void safeAreas(Browser.Tab tab, int top, int bottom) {
    ObjectNode areas = JsonObjects.object();
    areas.putObject("insets").put("top", top).put("bottom", bottom);
    tab.command("Emulation.setSafeAreaInsetsOverride", areas);
  }

  /** Presses a key that writes nothing, such as "ArrowDown". */
  static void press(Browser.Tab tab, String key, int code, int modifiers) {
    ObjectNode event =
        JsonObjects.object()
            .put("key", key)
            .put("code", key.length() == 1 ? "Key" + key.toUpperCase(Locale.ROOT) : key)
            .put("windowsVirtualKeyCode", code)
            .put("modifiers", modifiers);
    tab.command("Input.dispatchKeyEvent", event.deepCopy().put("type", "rawKeyDown"));
    tab.command("Input.dispatchKeyEvent", event.put("type", "keyUp"));
  }
}
