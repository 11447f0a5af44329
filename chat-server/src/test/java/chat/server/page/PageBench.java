package chat.server.page;

import chat.engine.protocol.JsonObjects;
import chat.server.Browser;
import chat.server.ChatClient;
import chat.server.ChatServer;
import chat.server.TestServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import tools.jackson.databind.JsonNode;

/**
 * What the page costs a browser, measured in Chromium and printed: the first load, a conversation
 * of 100,000 messages, 1,000 messages that arrive while one types, and the memory after 50,000.
 * Arguments name parts: load, long, arrivals, memory.
 *
 * <p>Tasks and delays are what the browser itself reports, through PerformanceObserver; times are
 * those of performance.now() in the page. {@code probe.js} keeps them.
 */
public final class PageBench {
  private static final int LONG = 100_000;
  private static final int OPENINGS = 9;
  private static final int SEEN = 50_000;
  private static final int SLOWED = 4;
  private static final int WHEEL_PIXELS = 400;

  private final Browser browser;
  private final ChatServer server;
  private final String url;

  private PageBench(Browser browser, ChatServer server) {
    this.browser = browser;
    this.server = server;
    this.url = "http://127.0.0.1:" + server.httpPort() + "/";
  }

  public static void main(String[] arguments) throws Exception {
    Path profile = Files.createTempDirectory("chat-page-bench");
    try (ChatServer server =
            TestServer.start("--messages-per-second=100000", "--heartbeat-seconds=60");
        Browser browser = Browser.start(Browser.installed().orElseThrow(), profile)) {
      new PageBench(browser, server).run(List.of(arguments));
    }
    System.exit(0); // the shared PostgreSQL has threads
  }

  private void run(List<String> parts) throws Exception {
    say(
        "%s, %d processors, Java %s",
        System.getProperty("os.name"),
        Runtime.getRuntime().availableProcessors(),
        Runtime.version().feature());
    if (wanted(parts, "load")) {
      loads();
    }
    ChatClient.registered(server, "ada");
    if (wanted(parts, "long")) {
      try (Flood bob = friend("bob")) {
        bob.send(LONG, 20_000);
        opening(1);
        opening(SLOWED);
        scrolling(1);
        scrolling(SLOWED);
      }
    }
    if (wanted(parts, "arrivals")) {
      try (Flood cleo = friend("cleo")) {
        cleo.send(100, 1_000);
        arrivals(cleo, 100, 1);
        arrivals(cleo, 1_100, SLOWED);
      }
    }
    if (wanted(parts, "memory")) {
      try (Flood dora = friend("dora")) {
        dora.send(100, 1_000);
        memory(dora);
      }
    }
  }

  private static boolean wanted(List<String> parts, String part) {
    return parts.isEmpty() || parts.contains(part);
  }

  private Flood friend(String name) throws Exception {
    ChatClient friend = ChatClient.registered(server, name);
    friend.call("POST", "/v1/contact/add", JsonObjects.object().put("friend_username", "ada"));
    return new Flood(server, friend, "ada");
  }

  // ---- the first load

  private void loads() throws IOException {
    browser.open(url); // so that the server is warm
    browser.closeAll();
    load("no network between", 0, 0);
    load("no network between", 0, 0);
    load("10 Mbit/s, 40 ms there and back", 10, 40);
  }

  private void load(String network, int megabits, int roundTrip) throws IOException {
    Browser.Tab tab = probed(SLOWED);
    if (megabits > 0) {
      tab.command("Network.enable", JsonObjects.object());
      tab.command(
          "Network.emulateNetworkConditions",
          JsonObjects.object()
              .put("offline", false)
              .put("latency", roundTrip)
              .put("downloadThroughput", megabits * 1_000_000 / 8)
              .put("uploadThroughput", megabits * 1_000_000 / 8));
    }
    tab.go(url);
    tab.until("probe.shown && performance.now() > probe.shown + 2000");
    JsonNode load = tab.run("probe.load()");
    say(
        "first load, CPU slowed %d times, %s: %.1f KB in %d files; shown after %.0f ms,"
            + " interactive after %.0f ms (tasks over 100 ms: %d, longest %.0f ms)",
        SLOWED,
        network,
        load.get("bytes").asDouble() / 1_000,
        load.get("files").asInt(),
        load.get("shown").asDouble(),
        load.get("interactive").asDouble(),
        load.get("over").asInt(),
        load.get("longest").asDouble());
    tab.go(url + "#again");
    tab.reload();
    tab.until("probe.shown");
    say("  the same again: shown after %.0f ms", tab.run("probe.shown").asDouble());
  }

  private Browser.Tab probed(int slowed) throws IOException {
    Browser.Tab tab = browser.blank();
    tab.becomeDesktop();
    try (var in = PageBench.class.getResourceAsStream("probe.js")) {
      tab.runFirst(new String(in.readAllBytes(), java.nio.charset.StandardCharsets.UTF_8));
    }
    slow(tab, slowed);
    return tab;
  }

  private static void slow(Browser.Tab tab, int slowed) {
    tab.command("Emulation.setCPUThrottlingRate", JsonObjects.object().put("rate", slowed));
  }

  private Browser.Tab ada(int slowed) throws IOException {
    Browser.Tab tab = probed(1);
    tab.go(url);
    new ChatPage(tab, Screen.DESKTOP).signIn("ada");
    slow(tab, slowed);
    return tab;
  }

  // ---- a long conversation

  /** In pages that were opened for it. */
  private void opening(int slowed) throws IOException {
    List<Double> times = new ArrayList<>();
    List<Double> waits = new ArrayList<>();
    for (int i = 0; i < OPENINGS; i++) {
      Browser.Tab tab = ada(slowed);
      tab.until("document.querySelectorAll('.item').length > 0");
      JsonNode opened = tab.run("probe.open('bob')");
      times.add(opened.get("ms").asDouble());
      waits.add(opened.get("waited").asDouble());
      browser.closeAll();
    }
    times.sort(null);
    waits.sort(null);
    say(
        "%,d messages, CPU slowed %d times: opened in %.0f ms (median of %d), %.0f ms (longest);"
            + " the answer of the server takes %.0f ms of it (median)",
        LONG,
        slowed,
        times.get(OPENINGS / 2),
        OPENINGS,
        times.get(OPENINGS - 1),
        waits.get(OPENINGS / 2));
  }

  private void scrolling(int slowed) throws IOException {
    Browser.Tab tab = ada(slowed);
    new ChatPage(tab, Screen.DESKTOP).open("bob");
    goToEnd(tab, LONG);
    tab.run("probe.forget()");
    long begun = System.nanoTime();
    int first = LONG;
    int wheels = 0;
    while (first > LONG - 5_000 && wheels < 3_000) {
      tab.wheel(800, 400, -WHEEL_PIXELS);
      wheels++;
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(30));
      if (wheels % 20 == 0) {
        first = tab.run("+document.querySelector('[data-seq]').dataset.seq").asInt();
      }
    }
    double seconds = (System.nanoTime() - begun) / 1e9;
    say(
        "CPU slowed %d times: %,d messages up by %d turns of the wheel in %.0f s: %s",
        slowed, LONG - first, wheels, seconds, tasks(tab));
    browser.closeAll();
  }

  // ---- many messages at once

  private void arrivals(Flood flood, int newest, int slowed) throws Exception {
    Browser.Tab tab = ada(slowed);
    new ChatPage(tab, Screen.DESKTOP).open("cleo");
    goToEnd(tab, newest);
    tab.run("document.getElementById('text').focus(); probe.forget()");
    Thread sender = new Thread(() -> sendQuietly(flood));
    sender.start();
    int typed = 0;
    while (sender.isAlive()) {
      tab.type(Character.toString('a' + typed % 26));
      typed++;
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(100));
    }
    tab.until("document.getElementById('text').value.length === " + typed);
    JsonNode keys = tab.run("probe.keys()");
    say(
        "1,000 messages in 5 s, CPU slowed %d times, while %d keys are typed: %s; a key waits %.0f ms"
            + " (median), %.0f ms (longest), and is drawn after %.0f ms (median), %.0f ms (longest)",
        slowed,
        typed,
        tasks(tab),
        keys.get("delay").asDouble(),
        keys.get("longestDelay").asDouble(),
        keys.get("drawn").asDouble(),
        keys.get("longestDrawn").asDouble());
    browser.closeAll();
  }

  private static void sendQuietly(Flood flood) {
    try {
      flood.send(1_000, 200);
    } catch (InterruptedException ended) {
      Thread.currentThread().interrupt();
    }
  }

  // ---- memory

  private void memory(Flood flood) throws Exception {
    Browser.Tab tab = ada(1);
    new ChatPage(tab, Screen.DESKTOP).open("dora");
    goToEnd(tab, 100);
    tab.command("Performance.enable", JsonObjects.object());
    StringBuilder heaps = new StringBuilder(heap(tab));
    for (int seen = 0; seen < SEEN; seen += SEEN / 5) {
      flood.send(SEEN / 5, 1_000);
      tab.until(drawn(100 + seen + SEEN / 5));
      LockSupport.parkNanos(TimeUnit.SECONDS.toNanos(3));
      heaps.append(", ").append(heap(tab));
    }
    say(
        "heap after 0, 10,000, ... 50,000 messages seen in an open conversation: %s; rows drawn: %d",
        heaps, tab.run("document.querySelectorAll('.message').length").asInt());
    browser.closeAll();
  }

  /** A conversation opens at the first unread message; from here on it follows what comes. */
  private static void goToEnd(Browser.Tab tab, int newest) {
    tab.until("document.querySelector('[data-seq]')");
    tab.until(
        "(document.querySelector('#to-end')?.click(), !document.querySelector('#to-end')) && "
            + drawn(newest));
  }

  private static String drawn(int seq) {
    return "document.querySelector('[data-seq=\"%d\"]')".formatted(seq);
  }

  private static String heap(Browser.Tab tab) {
    tab.command("HeapProfiler.collectGarbage", JsonObjects.object());
    for (JsonNode metric :
        tab.command("Performance.getMetrics", JsonObjects.object()).get("metrics")) {
      if (metric.get("name").asString().equals("JSHeapUsedSize")) {
        return String.format(Locale.ROOT, "%.1f MB", metric.get("value").asDouble() / 1e6);
      }
    }
    throw new IllegalStateException("no such metric");
  }

  private static String tasks(Browser.Tab tab) {
    JsonNode tasks = tab.run("probe.tasks()");
    return String.format(
        Locale.ROOT,
        "%d tasks over 100 ms, longest %.0f ms",
        tasks.get("over").asInt(),
        tasks.get("longest").asDouble());
  }

  private static void say(String format, Object... values) {
    System.out.println(String.format(Locale.ROOT, format, values));
  }
}
