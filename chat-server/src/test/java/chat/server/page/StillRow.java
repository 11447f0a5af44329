package chat.server.page;

import static org.assertj.core.api.Assertions.assertThat;

import chat.server.Browser;

/** The message in the middle of what one reads. It is looked at in each frame that is drawn. */
final class StillRow {
  private static final String WATCH =
      """
      (() => {
        const { top, height } = document.getElementById("messages").getBoundingClientRect();
        const row = [...document.querySelectorAll("[data-seq]")]
          .find((one) => one.getBoundingClientRect().bottom > top + height / 2);
        const place = () => row.getBoundingClientRect().top;
        const still = { seq: row.dataset.seq, before: place(), places: [] };
        globalThis.still = still;
        const look = () => {
          if (globalThis.still !== still) return;
          const now = row.isConnected ? place() : NaN;
          if (!(Math.abs(now - still.before) <= 1)) still.places.push(now); // pixels are counted in whole ones
          requestAnimationFrame(look);
        };
        look();
      })()""";

  private static final String TWO_FRAMES =
      "new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(() => drawn())))";

  private final Browser.Tab tab;

  private StillRow(Browser.Tab tab) {
    this.tab = tab;
  }

  static StillRow watch(Browser.Tab tab) {
    tab.run(WATCH);
    return new StillRow(tab);
  }

  /** Nor has it, for as little as one frame, since it is watched. */
  void hasNotMoved() {
    tab.run(TWO_FRAMES);
    String seen =
        tab.run("`message ${still.seq} was at ${still.before}, then at ${still.places}`")
            .asString();
    assertThat(tab.run("still.places.length").asInt()).as(seen).isZero();
  }
}
