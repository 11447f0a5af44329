package chat.server;

/** What people do on the web page, and what they see, as expressions for {@link Browser.Tab}. */
final class ChatPage {
  static final String CONNECTED =
      "!document.getElementById('room').hidden && !document.getElementById('notice').textContent";

  /** The texts of the open conversation. */
  static final String SHOWN =
      "[...document.querySelectorAll('#messages li')].map((item) =>"
          + " (item.querySelector(':scope > .reactions')?.previousSibling ?? item.lastChild)"
          + ".textContent).join()";

  /** Where one writes. */
  static final String FIELD = "document.getElementById('write').elements.text";

  private ChatPage() {}

  static String signUp(String name) {
    return """
        (() => {
          const form = document.getElementById("door");
          form.elements.email.value = "%1$s@example.org";
          form.elements.password.value = "secret99";
          form.elements.username.value = "%1$s";
          form.elements.up.click();
        })()"""
        .formatted(name);
  }

  /** With the password of {@link ChatClient#register}. */
  static String signIn(String name) {
    return """
        (() => {
          const form = document.getElementById("door");
          form.elements.email.value = "%1$s@example.org";
          form.elements.password.value = "correct horse";
          form.requestSubmit();
        })()"""
        .formatted(name);
  }

  static String submit(String form, String field, String value) {
    return """
        (() => {
          const form = document.getElementById("%s");
          form.elements.%s.value = "%s";
          form.requestSubmit();
        })()"""
        .formatted(form, field, value);
  }

  static String write(String text) {
    return submit("write", "text", text);
  }

  static String choose(String talk) {
    return "[...document.querySelectorAll('#talks button')]"
        + ".find((button) => button.textContent.includes('%s')).click()".formatted(talk);
  }

  static String count(String selector, int expected) {
    return "document.querySelectorAll('%s').length === %d".formatted(selector, expected);
  }

  static String text(String id) {
    return "document.getElementById('%s').textContent".formatted(id);
  }
}
