package chat.server;

import chat.engine.protocol.JsonObjects;
import java.util.Locale;
import java.util.stream.Stream;
import tools.jackson.databind.node.ObjectNode;

/** Keys that do something else than to write a character, as the DevTools protocol names them. */
public enum Key {
  ENTER("Enter", 13),
  TAB("Tab", 9),
  ESCAPE("Escape", 27),
  SPACE(" ", 32),
  END("End", 35),
  HOME("Home", 36),
  ARROW_LEFT("ArrowLeft", 37),
  ARROW_UP("ArrowUp", 38),
  ARROW_RIGHT("ArrowRight", 39),
  ARROW_DOWN("ArrowDown", 40);

  /** What is held down meanwhile. */
  public enum Modifier {
    CTRL(2),
    SHIFT(8);

    private final int bit;

    Modifier(int bit) {
      this.bit = bit;
    }
  }

  private final String name;
  private final int code;

  Key(String name, int code) {
    this.name = name;
    this.code = code;
  }

  ObjectNode event(Modifier... held) {
    ObjectNode event = event(name, code, held);
    if (this == ENTER) {
      event.put("text", "\r");
    } else if (this == SPACE) {
      event.put("text", " ");
    }
    return event;
  }

  /** A letter that is pressed together with something. */
  static ObjectNode event(char letter, Modifier... held) {
    ObjectNode event =
        event(Character.toString(letter), Character.toUpperCase(letter), held)
            .put("code", "Key" + Character.toString(letter).toUpperCase(Locale.ROOT));
    if (letter == 'a') {
      event.putArray("commands").add("selectAll"); // there is no keyboard that would say it
    }
    return event;
  }

  private static ObjectNode event(String name, int code, Modifier... held) {
    return JsonObjects.object()
        .put("key", name)
        .put("code", name.isBlank() ? "Space" : name)
        .put("windowsVirtualKeyCode", code)
        .put("modifiers", Stream.of(held).mapToInt(modifier -> modifier.bit).sum());
  }
}
