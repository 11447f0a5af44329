package chat.server.page;

import static org.assertj.core.api.Assertions.assertThat;

import chat.engine.protocol.JsonObjects;
import chat.server.Browser;
import java.time.Duration;
import org.awaitility.Awaitility;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A mouse, or a finger on glass. It presses what can be pressed: an element that is drawn, comes to
 * rest in sight, is enabled, and is not below another one. It waits for that, and fails with what
 * is in the way.
 */
final class Pointer {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  /**
   * Where the middle of an element is, or why it cannot be pressed. What comes into sight by the
   * mouse only is "faint" until that is there.
   */
  private static final String AIM =
      """
      (async () => {
        const element = %s;
        if (!element) return { why: "it is not there" };
        element.scrollIntoViewIfNeeded();
        const place = () => {
          const { left, right, top, bottom } = element.getClientRects()[0] ?? element.getBoundingClientRect();
          return {
            x: (Math.max(left, 0) + Math.min(right, innerWidth)) / 2,
            y: (Math.max(top, 0) + Math.min(bottom, innerHeight)) / 2,
          };
        };
        const before = place();
        await new Promise((drawn) => {
          requestAnimationFrame(drawn);
          setTimeout(drawn, 100); // a window that is not seen has no frames
        });
        const { x, y } = place();
        if (x !== before.x || y !== before.y) return { why: "it moves" };
        if (element.disabled) return { why: "it is disabled" };
        const shown = (how) => element.checkVisibility(how);
        if (!shown({ visibilityProperty: true })) return { why: "it is hidden" };
        const hit = document.elementFromPoint(x, y);
        const faint = !element.closest("[popover]") && !shown({ opacityProperty: true });
        const why = !element.contains(hit) ? `there is ${hit?.cloneNode().outerHTML ?? "nothing"} in its place`
          : faint ? "it is transparent" : undefined;
        if (!why) {
          const guard = new AbortController();
          globalThis.press = { end: () => guard.abort(), hit: undefined };
          for (const type of ["touchstart", "pointerdown", "mousedown", "touchend", "pointerup", "mouseup", "click"]) {
            addEventListener(type, (event) => {
              press.hit ??= element.contains(event.target);
              if (press.hit) return;
              event.preventDefault();
              event.stopImmediatePropagation();
            }, { capture: true, passive: false, signal: guard.signal });
          }
        }
        return { x, y, why, faint };
      })()""";

  /**
   * Whether it was the element: it may have moved meanwhile, and what came in its place felt
   * nothing.
   */
  private static final String HIT =
      "globalThis.press === undefined || (press.end(), press.hit === true)";

  private final Browser.Tab tab;
  private final Screen screen;

  Pointer(Browser.Tab tab, Screen screen) {
    this.tab = tab;
    this.screen = screen;
  }

  /**
   * @param element an expression for what is pressed
   */
  void press(String element) {
    Awaitility.await("press " + element)
        .atMost(PATIENCE)
        .ignoreExceptionsMatching(
            fault -> String.valueOf(fault.getMessage()).contains("target navigated"))
        .untilAsserted(() -> assertThat(attempt(element)).isEmpty());
  }

  /** Why not, or nothing. */
  private String attempt(String element) {
    JsonNode at = tab.run(AIM.formatted(element));
    if (at.path("faint").asBoolean(false)) {
      comeNear(element, at);
    }
    if (at.has("why")) {
      return at.get("why").asString();
    }
    switch (screen) {
      case DESKTOP -> click(at);
      case PHONE -> tap(at);
    }
    return tab.run(HIT).asBoolean() ? "" : "it went away";
  }

  /** The tools of a message appear below a mouse, and once a finger has touched the message. */
  private void comeNear(String element, JsonNode at) {
    switch (screen) {
      case DESKTOP -> mouse("mouseMoved", at, 0);
      case PHONE -> {
        String message = "(%s)?.closest('.message')?.querySelector('.meta')".formatted(element);
        JsonNode meta = tab.run(AIM.formatted(message));
        if (!meta.has("why")) {
          tap(meta);
          tab.run(HIT);
        }
      }
    }
  }

  private void click(JsonNode at) {
    mouse("mouseMoved", at, 0);
    mouse("mousePressed", at, 1);
    mouse("mouseReleased", at, 1);
  }

  private void mouse(String type, JsonNode at, int clicks) {
    tab.command(
        "Input.dispatchMouseEvent",
        point(at)
            .put("type", type)
            .put("button", clicks == 0 ? "none" : "left")
            .put("clickCount", clicks));
  }

  private void tap(JsonNode at) {
    ObjectNode touch = JsonObjects.object().put("type", "touchStart");
    touch.putArray("touchPoints").add(point(at));
    tab.command("Input.dispatchTouchEvent", touch);
    ObjectNode end = JsonObjects.object().put("type", "touchEnd");
    end.putArray("touchPoints");
    tab.command("Input.dispatchTouchEvent", end);
  }

  private static ObjectNode point(JsonNode at) {
    return JsonObjects.object().put("x", at.get("x").asDouble()).put("y", at.get("y").asDouble());
  }
}
