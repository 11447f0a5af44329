package chat.server;

import static org.awaitility.Awaitility.await;

import chat.engine.protocol.JsonObjects;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A headless Chromium, driven through its DevTools protocol
 * (https://chromedevtools.github.io/devtools-protocol). Thread-safe.
 */
public final class Browser implements AutoCloseable {
  private static final Pattern LISTENING = Pattern.compile("DevTools listening on (ws://\\S+)");
  private static final Duration PATIENCE =
      Duration.ofSeconds(Integer.getInteger("chat.browser.patience", 60));

  private final Process process;
  private final AtomicInteger commands = new AtomicInteger();
  private final Map<Integer, CompletableFuture<JsonNode>> waiting = new ConcurrentHashMap<>();
  private final Queue<String> exceptions = new ConcurrentLinkedQueue<>();
  private final Queue<String> errors = new ConcurrentLinkedQueue<>();
  private final Queue<String> contexts = new ConcurrentLinkedQueue<>();
  private final StringBuilder partial = new StringBuilder();
  private final WebSocket socket;

  private Browser(Process process, URI address) throws Exception {
    this.process = process;
    this.socket =
        HttpClient.newHttpClient()
            .newWebSocketBuilder()
            .buildAsync(address, new Listener())
            .get(20, TimeUnit.SECONDS);
  }

  /** Where a Chromium is on this machine, if there is one. */
  public static Optional<Path> installed() {
    return Stream.of(System.getenv("PATH").split(File.pathSeparator))
        .flatMap(
            folder ->
                Stream.of("chromium", "chromium-browser", "google-chrome")
                    .map(name -> Path.of(folder, name)))
        .filter(path -> path.toFile().canExecute())
        .findFirst();
  }

  public static Browser start(Path executable, Path profile) throws Exception {
    Process process =
        new ProcessBuilder(
                List.of(
                    executable.toString(),
                    "--headless=new",
                    "--no-sandbox", // which root needs; the pages are our own
                    "--disable-gpu",
                    "--disable-dev-shm-usage",
                    "--no-first-run",
                    "--remote-debugging-port=0",
                    "--user-data-dir=" + profile,
                    "about:blank"))
            .redirectErrorStream(true)
            .start();
    BufferedReader out = process.inputReader();
    for (String line = out.readLine(); line != null; line = out.readLine()) {
      Matcher listening = LISTENING.matcher(line);
      if (listening.find()) {
        CompletableFuture.runAsync(() -> out.lines().forEach(more -> {})); // or its pipe fills up
        return new Browser(process, URI.create(listening.group(1)));
      }
    }
    throw new IOException("the browser did not start");
  }

  private final class Listener implements WebSocket.Listener {
    @Override
    public CompletableFuture<?> onText(WebSocket from, CharSequence data, boolean last) {
      partial.append(data);
      if (last) {
        received(JsonObjects.parse(partial.toString()));
        partial.setLength(0);
      }
      from.request(1);
      return null;
    }
  }

  private void received(ObjectNode message) {
    if (message.has("id")) {
      CompletableFuture<JsonNode> reply = waiting.remove(message.get("id").asInt());
      if (reply != null) {
        reply.complete(message);
      }
    } else if (message.path("method").asString("").equals("Runtime.exceptionThrown")) {
      exceptions.add(message.get("params").toString());
    } else if (message.path("method").asString("").equals("Log.entryAdded")
        && message.at("/params/entry/level").asString("").equals("error")) {
      errors.add(message.at("/params/entry").toString());
    }
  }

  private JsonNode command(String session, String method, ObjectNode parameters) {
    int id = commands.incrementAndGet();
    ObjectNode command = JsonObjects.object().put("id", id).put("method", method);
    command.set("params", parameters);
    if (!session.isEmpty()) {
      command.put("sessionId", session);
    }
    CompletableFuture<JsonNode> reply = new CompletableFuture<>();
    waiting.put(id, reply);
    synchronized (socket) {
      socket.sendText(command.toString(), true).join();
    }
    JsonNode answer = reply.orTimeout(PATIENCE.toSeconds(), TimeUnit.SECONDS).join();
    if (answer.has("error")) {
      throw new AssertionError(method + ": " + answer.get("error"));
    }
    return answer.get("result");
  }

  /** A window of its own, with its own storage, as of another person. */
  public Tab open(String url) {
    Tab tab = blank();
    tab.go(url);
    return tab;
  }

  /** The same, before it has gone anywhere. */
  public Tab blank() {
    String context =
        command("", "Target.createBrowserContext", JsonObjects.object())
            .get("browserContextId")
            .asString();
    contexts.add(context);
    return blank(context);
  }

  private Tab blank(String context) {
    String target =
        command(
                "",
                "Target.createTarget",
                JsonObjects.object().put("url", "about:blank").put("browserContextId", context))
            .get("targetId")
            .asString();
    String session = attach(target);
    command(session, "Runtime.enable", JsonObjects.object());
    command(session, "Log.enable", JsonObjects.object());
    command(
        session, "Emulation.setFocusEmulationEnabled", JsonObjects.object().put("enabled", true));
    return new Tab(session, context);
  }

  private String attach(String target) {
    return command(
            "",
            "Target.attachToTarget",
            JsonObjects.object().put("targetId", target).put("flatten", true))
        .get("sessionId")
        .asString();
  }

  /** Closes the windows of everybody, and forgets what went wrong in them. */
  public void closeAll() {
    for (String context = contexts.poll(); context != null; context = contexts.poll()) {
      command(
          "",
          "Target.disposeBrowserContext",
          JsonObjects.object().put("browserContextId", context));
    }
    exceptions.clear();
    errors.clear();
  }

  /** Exceptions in the pages that nobody caught. */
  public List<String> exceptions() {
    return List.copyOf(exceptions);
  }

  /** What the console shows in red, such as a request that failed. */
  public List<String> errors() {
    return List.copyOf(errors);
  }

  /** Waits for its helper processes too, which write to the profile until they end. */
  @Override
  public void close() throws Exception {
    List<ProcessHandle> all =
        Stream.concat(process.descendants(), Stream.of(process.toHandle())).toList();
    process.destroy();
    if (!haveEnded(all)) {
      all.forEach(ProcessHandle::destroyForcibly);
      haveEnded(all);
    }
  }

  private static boolean haveEnded(List<ProcessHandle> processes) throws InterruptedException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
    while (processes.stream().anyMatch(Processes::runs)) {
      if (System.nanoTime() - end >= 0) {
        return false;
      }
      Thread.sleep(20);
    }
    return true;
  }

  /** One page. */
  public final class Tab {
    private final String session;
    private final String context;

    private Tab(String session, String context) {
      this.session = session;
      this.context = context;
    }

    /** A command of the DevTools protocol. */
    public JsonNode command(String method, ObjectNode parameters) {
      return Browser.this.command(session, method, parameters);
    }

    public void go(String url) {
      command("Page.navigate", JsonObjects.object().put("url", url));
      // the empty page of before is complete, too
      until("location.href !== 'about:blank' && document.readyState === 'complete'");
    }

    /** A script that each page of this tab runs first. */
    public void runFirst(String script) {
      command("Page.enable", JsonObjects.object());
      command("Page.addScriptToEvaluateOnNewDocument", JsonObjects.object().put("source", script));
    }

    /** Answers yes before the page asks: such as "notifications". */
    public void permit(String permission) {
      ObjectNode grant = JsonObjects.object().put("browserContextId", context);
      grant.putArray("permissions").add(permission);
      Browser.this.command("", "Browser.grantPermissions", grant);
    }

    /** The service worker of this person. */
    public Tab serviceWorker() {
      return await()
          .atMost(PATIENCE)
          .until(this::findServiceWorker, Optional::isPresent)
          .orElseThrow();
    }

    private Optional<Tab> findServiceWorker() {
      for (JsonNode target :
          Browser.this.command("", "Target.getTargets", JsonObjects.object()).get("targetInfos")) {
        if (target.get("type").asString().equals("service_worker")
            && target.path("browserContextId").asString("").equals(context)) {
          return Optional.of(new Tab(attach(target.get("targetId").asString()), context));
        }
      }
      return Optional.empty();
    }

    /** The value of an expression. */
    public JsonNode run(String expression) {
      JsonNode result =
          command(
              "Runtime.evaluate",
              JsonObjects.object()
                  .put("expression", expression)
                  .put("awaitPromise", true)
                  .put("returnByValue", true));
      if (result.has("exceptionDetails")) {
        throw new AssertionError(expression + ": " + result.get("exceptionDetails"));
      }
      return result.get("result").path("value");
    }

    /** Waits for a condition, also while the page loads anew. */
    public void until(String condition) {
      await()
          .atMost(PATIENCE)
          .alias(condition)
          .ignoreExceptionsMatching(
              fault -> String.valueOf(fault.getMessage()).contains("target navigated"))
          .until(() -> run("Boolean(" + condition + ")").asBoolean());
    }

    /** As from the clipboard, where the focus is. */
    public void insert(String text) {
      command("Input.insertText", JsonObjects.object().put("text", text));
    }

    public void pressEnter() {
      press(Key.ENTER);
    }

    public void pressShiftEnter() {
      press(Key.ENTER, Key.Modifier.SHIFT);
    }

    public void pressEscape() {
      press(Key.ESCAPE);
    }

    public void pressArrowUp() {
      press(Key.ARROW_UP);
    }

    public void pressTab() {
      press(Key.TAB);
    }

    public void pressShiftTab() {
      press(Key.TAB, Key.Modifier.SHIFT);
    }

    /** A key that writes nothing, or a line. */
    public void press(Key key, Key.Modifier... held) {
      send(key.event(held));
    }

    /** A letter while Ctrl is held. */
    public void pressCtrl(char letter) {
      send(Key.event(letter, Key.Modifier.CTRL));
    }

    private void send(ObjectNode key) {
      command("Input.dispatchKeyEvent", key.deepCopy().put("type", "keyDown"));
      key.remove("text");
      key.remove("commands");
      command("Input.dispatchKeyEvent", key.put("type", "keyUp"));
    }

    /** A key that writes a character. */
    public void type(String character) {
      send(JsonObjects.object().put("text", character).put("key", character));
    }

    /** A key for each character. */
    public void typeAll(String text) {
      text.codePoints().mapToObj(Character::toString).forEach(this::type);
    }

    /** Turns the wheel of a mouse. */
    public void wheel(int x, int y, int deltaY) {
      command(
          "Input.dispatchMouseEvent",
          JsonObjects.object()
              .put("type", "mouseWheel")
              .put("x", x)
              .put("y", y)
              .put("deltaX", 0)
              .put("deltaY", deltaY));
    }

    /** As a desk has it. */
    public void becomeDesktop() {
      resize(1280, 800, false);
    }

    private void resize(int width, int height, boolean mobile) {
      command(
          "Emulation.setDeviceMetricsOverride",
          JsonObjects.object()
              .put("width", width)
              .put("height", height)
              .put("deviceScaleFactor", mobile ? 2 : 1)
              .put("mobile", mobile));
    }

    /** As a phone has it. */
    public void becomePhone() {
      resize(390, 844, true);
      command("Emulation.setTouchEmulationEnabled", JsonObjects.object().put("enabled", true));
    }

    /** What is seen, as PNG. */
    public byte[] screenshot() {
      JsonNode picture =
          command("Page.captureScreenshot", JsonObjects.object().put("format", "png"));
      return Base64.getDecoder().decode(picture.get("data").asString());
    }

    /** Another tab of the same person. */
    public Tab beside(String url) {
      Tab tab = blank(context);
      tab.go(url);
      return tab;
    }

    public void reload() {
      run("window.beforeReload = true");
      command("Page.reload", JsonObjects.object());
      until("!window.beforeReload && document.readyState === 'complete'");
    }
  }
}
