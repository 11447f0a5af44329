package chat.server.page;

import static chat.server.page.ChatPage.count;
import static chat.server.page.ChatPage.exists;
import static org.assertj.core.api.Assertions.assertThat;

import chat.server.ChatClient;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.node.ObjectNode;

/** Files that are pasted or dropped onto a conversation. */
@Tag("thorough")
@Timeout(180)
final class FilesOnThePageTest {
  @RegisterExtension static final PageWorld WORLD = new PageWorld("--max-file-bytes=200000");

  /** A picture as a canvas makes it, and how a browser hands files over. */
  private static final String HANDS =
      """
      (async () => {
        const canvas = new OffscreenCanvas(640, 400);
        const brush = canvas.getContext("2d");
        brush.fillStyle = "teal";
        brush.fillRect(0, 0, 640, 400);
        brush.fillStyle = "gold";
        brush.fillRect(200, 100, 240, 200);
        const picture = await canvas.convertToBlob({ type: "image/png" });
        const carrying = (...files) => {
          const carried = new DataTransfer();
          files.forEach((file) => carried.items.add(file));
          return carried;
        };
        window.paste = () => document.getElementById("text").dispatchEvent(new ClipboardEvent("paste", {
          bubbles: true, cancelable: true, clipboardData: carrying(new File([picture], "image.png", { type: "image/png" })),
        }));
        window.drag = (type, text, name) => document.querySelector(".rows, .middle").dispatchEvent(new DragEvent(type, {
          bubbles: true, cancelable: true, dataTransfer: carrying(new File([text], name, { type: "text/plain" })),
        }));
      })()""";

  @ParameterizedTest
  @EnumSource
  void aPictureIsPastedAndAFileIsDropped(Screen screen) throws Exception {
    ChatPage ada = WORLD.onPage(screen, "ada");
    ChatPage bob = WORLD.onPage(screen, "bob");
    ada.begin(WORLD.name("bob"));
    ada.tab().run(HANDS);
    ada.tab().run("paste()");
    ada.tab().until(exists(".tray .upload img") + " && !document.querySelector('.tray progress')");
    ada.isAccessible("pasted");
    ada.type("Look");
    ada.tab().run("drag('dragover', 'some notes', 'notes.txt')");
    ada.tab().until(exists(".pane.dropping"));
    ada.show("dropping");
    ada.tab().run("drag('drop', 'some notes', 'notes.txt')");
    ada.tab().until(count(".tray .upload", 2) + " && !document.querySelector('.dropping')");
    ada.tab().until("!document.querySelector('.tray progress')");
    ada.show("tray");
    ada.tab().run("document.getElementById('write').requestSubmit()");
    ada.seesMessages(1);
    ada.tab().until(count(".tray", 0));

    bob.open(WORLD.name("ada"));
    bob.sees(".message .text", "Look");
    bob.tab().until(exists(".message .picture img") + "?.naturalWidth > 0");
    bob.sees(".message .attachment bdi", "notes.txt");
    bob.isAccessible("files");
    bob.click(".message .picture");
    bob.tab().until(exists("dialog[data-name=picture] img") + "?.naturalWidth === 640");
    bob.isAccessible("picture");
  }

  @ParameterizedTest
  @EnumSource
  void whatIsTooLargeSaysSoAndTheRestGoesOut(Screen screen) throws Exception {
    ChatPage ada = WORLD.onPage(screen, "ada");
    ChatClient bob = WORLD.atProtocol("bob");
    WORLD.befriend(bob, "ada");
    WORLD.say(bob, "ada", "hello");
    ada.open(WORLD.name("bob"));
    ada.tab().run(HANDS);
    ada.tab().run("drag('drop', 'x'.repeat(200_001), 'large.txt')");
    ada.sees(".upload.failed [role=alert]", "A file may have at most 200 KB.");
    ada.tab().run("drag('drop', 'small', 'small.txt')");
    ada.tab().until(count(".upload", 2) + " && !document.querySelector('.tray progress')");
    ada.isAccessible("too-large");
    ada.tab().run("document.getElementById('write').requestSubmit()");
    ObjectNode message = bob.next("message");
    assertThat(message.get("attachments")).hasSize(1);
    ada.seesMessages(2);
  }
}
