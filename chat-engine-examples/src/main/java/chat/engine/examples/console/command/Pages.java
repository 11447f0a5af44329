package chat.engine.examples.console.command;

import chat.engine.examples.console.link.Link;
import chat.engine.examples.console.link.Refusal;
import chat.engine.examples.console.screen.Screen;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Long lists, of which {@code /more} shows the next page. For the terminal's thread. */
public final class Pages {
  private static final int PAGE = 50;

  private final Link link;
  private final Screen screen;
  private @Nullable Runnable next;

  public Pages(Link link, Screen screen) {
    this.link = link;
    this.screen = screen;
  }

  /** Shows what a page has. */
  public interface Page {
    /**
     * @param last whether nothing follows
     * @return behind which entry the next page begins
     */
    String show(JsonNode reply, boolean last);
  }

  /** Shows the first page of a list that goes on with {@code after}. */
  public void show(ObjectNode request, Page page) {
    leave(null);
    ObjectNode reply = link.ask(request.deepCopy().put("limit", PAGE));
    boolean last = !reply.get("has_more").asBoolean();
    String after = page.show(reply, last);
    if (!last) {
      leave(() -> show(request.deepCopy().put("after", after), page));
      screen.note("(/more shows more)");
    }
  }

  /**
   * @param rest shows what follows; null if nothing does
   */
  public void leave(@Nullable Runnable rest) {
    next = rest;
  }

  /**
   * @throws Refusal if nothing follows
   */
  public void more() {
    Runnable rest = next;
    if (rest == null) {
      throw new Refusal("There is no more to show.");
    }
    rest.run();
  }
}
