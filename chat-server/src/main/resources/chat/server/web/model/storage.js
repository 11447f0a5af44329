/**
 * What the browser keeps as texts: for good, or while this tab is open. Where it may not, or has no room, the texts last
 * as long as the page.
 */
class Texts {
  #storage;
  #here = new Map(); // what the storage did not take

  /** @param {() => Storage} find throws where it is forbidden */
  constructor(find) {
    try {
      this.#storage = find();
    } catch {
      this.#storage = null;
    }
  }

  getItem(key) {
    return this.#here.get(key) ?? attempt(() => this.#storage?.getItem(key)) ?? null;
  }

  setItem(key, text) {
    this.#here.delete(key);
    const taken = attempt(() => {
      this.#storage?.setItem(key, text);
      return this.#storage !== null;
    });
    if (!taken) this.#here.set(key, text);
  }

  removeItem(key) {
    this.#here.delete(key);
    attempt(() => this.#storage?.removeItem(key));
  }

  /** Whether the texts whose keys begin so outlive the page. */
  lasts(prefix) {
    return ![...this.#here.keys()].some((key) => key.startsWith(prefix));
  }

  keys() {
    return [...this.#here.keys(), ...(attempt(() => Object.keys(this.#storage ?? {})) ?? [])];
  }
}

function attempt(work) {
  try {
    return work();
  } catch {
    return undefined;
  }
}

export const browserTexts = new Texts(() => localStorage);
export const tabTexts = new Texts(() => sessionStorage);
