import fc from "fast-check";

const SAMPLES = 40;

/** Texts of many scripts, and texts that fit a pattern. */
export class Texts {
  #random;
  #batches = new Map();

  constructor(random) {
    this.#random = random;
  }

  #draw(key, arbitrary) {
    let batch = this.#batches.get(key);
    if (!batch?.length) {
      batch = fc.sample(arbitrary(), { seed: this.#random.below(2 ** 31), numRuns: SAMPLES });
      this.#batches.set(key, batch);
    }
    return batch.pop();
  }

  /** Any text that JSON and UTF-8 can carry, without U+0000. */
  any() {
    return this.#random.pick([
      () => this.#draw("words", () => fc.lorem({ maxCount: 4 })),
      () => this.#draw("plain", () => fc.string({ unit: "grapheme-ascii", minLength: 1, maxLength: 20 })),
      () => this.#draw("scripts", () => fc.string({ unit: "grapheme", minLength: 1, maxLength: 12 })),
      () => this.#draw("anything", () => fc.string({ unit: "binary", minLength: 1, maxLength: 8 })).replaceAll("\0", "") || "x",
    ])();
  }

  matching(pattern) {
    return this.#draw(pattern, () => fc.stringMatching(new RegExp(pattern, "u"), { size: "small" }));
  }
}
