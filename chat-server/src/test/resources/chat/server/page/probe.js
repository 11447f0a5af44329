// What PageBench asks of a page. Runs before the page does.
{
  let tasks = [];
  let keys = [];

  new PerformanceObserver((list) => {
    tasks.push(...list.getEntries().map(({ startTime, duration }) => ({ startTime, duration })));
  }).observe({ type: "longtask", buffered: true });
  new PerformanceObserver((list) => {
    keys.push(...list.getEntries().filter(({ name }) => name === "keydown")
      .map(({ startTime, processingStart, duration }) => ({ delay: processingStart - startTime, drawn: duration })));
  }).observe({ type: "event", durationThreshold: 16, buffered: true });

  const median = (values) => values.sort((a, b) => a - b)[values.length >> 1] ?? 0;
  const painted = () => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));

  // how long the last "history" waited for its answer
  let asked = 0;
  let waited = 0;
  const Socket = WebSocket;
  globalThis.WebSocket = class extends Socket {
    constructor(...all) {
      super(...all);
      this.addEventListener("message", ({ data }) => {
        if (asked && data.includes('"messages":[')) [waited, asked] = [performance.now() - asked, 0];
      });
    }

    send(text) {
      if (text.includes('"type":"history"')) asked = performance.now();
      super.send(text);
    }
  };

  globalThis.probe = {
    shown: 0,

    /** The first load: until the last long task before a quiet time, as "time to interactive" has it. */
    load() {
      const entries = [...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")];
      const before = tasks.filter(({ startTime }) => startTime < probe.shown + 2_000);
      return {
        bytes: entries.reduce((sum, { encodedBodySize }) => sum + encodedBodySize, 0),
        files: entries.length,
        shown: probe.shown,
        interactive: Math.max(probe.shown, ...before.map(({ startTime, duration }) => startTime + duration)),
        ...probe.tasks(),
      };
    },

    /** Clicks on a conversation; the time until its messages are painted. */
    async open(title) {
      const item = [...document.querySelectorAll(".item")].find((one) => one.textContent.includes(title));
      const begun = performance.now();
      item.click();
      while (!document.querySelector("[data-seq]")) await painted();
      await painted();
      return { ms: performance.now() - begun, waited };
    },

    forget() {
      tasks = [];
      keys = [];
    },

    tasks: () => ({
      over: tasks.filter(({ duration }) => duration > 100).length,
      longest: Math.max(0, ...tasks.map(({ duration }) => duration)),
    }),

    keys: () => ({
      delay: median(keys.map(({ delay }) => delay)),
      longestDelay: Math.max(0, ...keys.map(({ delay }) => delay)),
      drawn: median(keys.map(({ drawn }) => drawn)),
      longestDrawn: Math.max(0, ...keys.map(({ drawn }) => drawn)),
    }),
  };

  const look = async () => {
    while (!document.querySelector("form[name=sign-in], .room")) await painted();
    await painted();
    probe.shown = performance.now();
  };
  look();
}
