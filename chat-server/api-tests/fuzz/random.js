/** Numbers that a seed decides. Two with the same seed draw the same. */
export class Random {
  #state;

  constructor(seed) {
    this.#state = 0x811c9dc5; // FNV-1a, so that similar seeds begin far apart
    for (const character of String(seed)) {
      this.#state = Math.imul(this.#state ^ character.codePointAt(0), 0x01000193) >>> 0;
    }
  }

  /** From 0 up to but without 1 (mulberry32). */
  next() {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  /** A whole number from 0 up to but without this one. */
  below(count) {
    return Math.floor(this.next() * count);
  }

  /** A whole number from the first to the last. */
  between(first, last) {
    return first + Math.floor(this.next() * (last - first + 1));
  }

  chance(probability) {
    return this.next() < probability;
  }

  pick(array) {
    return array[this.below(array.length)];
  }
}
