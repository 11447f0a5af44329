const LONGEST_MS = 2 ** 31 - 1; // a timer takes no more

/**
 * What the operator of the server says to all users: the welcome has what is shown at its moment, and events tell what
 * changes from then on. That one is over nobody tells.
 */
export class Announcements {
  #now;
  #emit;
  #shown = []; // the oldest first; another array after each change
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer; // there while one will be over

  /**
   * @param {() => number} now the time of the server
   * @param {(type: string, detail?: any) => void} emit
   */
  constructor(now, emit) {
    this.#now = now;
    this.#emit = emit;
  }

  get shown() {
    return this.#shown;
  }

  /** Takes the place of all that was told before. */
  welcome(announcements = []) {
    this.#show(announcements);
  }

  /** @returns {boolean} whether the frame was about them */
  received({ type, ...detail }) {
    if (type === "announcement") {
      this.#show([...this.#shown.filter(({ id }) => id !== detail.id), detail]);
      return true;
    }
    if (type === "announcement_withdrawn") {
      this.#show(this.#shown.filter(({ id }) => id !== detail.id));
      this.#emit(type, detail);
      return true;
    }
    return false;
  }

  /** For the end of the client. */
  end() {
    this.#show([]);
  }

  #show(announcements) {
    clearTimeout(this.#timer);
    const before = this.#shown;
    const shown = announcements.filter(({ until }) => Date.parse(until) > this.#now());
    const known = new Set(before.map(({ id }) => id));
    const added = shown.filter(({ id }) => !known.has(id));
    if (shown.length) {
      const next = Math.min(...shown.map(({ until }) => Date.parse(until) - this.#now()));
      this.#timer = setTimeout(() => this.#show(this.#shown), Math.min(next, LONGEST_MS));
    }
    if (!added.length && shown.length === before.length) return;
    this.#shown = shown;
    for (const one of added) this.#emit("announcement", one);
    this.#emit("announcements");
  }
}
