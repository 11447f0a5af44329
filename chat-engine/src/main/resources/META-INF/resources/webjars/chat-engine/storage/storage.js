/**
 * Where a client keeps what has to outlive it: values by key. `read` gives all entries whose keys begin with a prefix;
 * `write` stores values, and removes those that are undefined, all of them or none. Both answer with a promise, which
 * rejects where the storage is full (a QuotaExceededError) or is not there.
 *
 * @typedef {{
 *   read(prefix: string): Promise<[string, any][]>,
 *   write(entries: [string, any][]): Promise<void>,
 * }} ClientStorage
 */

/**
 * What the option `storage` names: something of this kind, or localStorage and anything alike.
 *
 * @param {any} storage
 * @returns {?ClientStorage}
 */
export function storageOf(storage) {
  if (!storage) return null;
  return typeof storage.read === "function" ? storage : new WebStorage(storage);
}

/** How a storage stands after a failure. */
export function stateAfter(error) {
  const isFull = error?.name === "QuotaExceededError" || error?.code === "ENOSPC" || /full|quota/i.test(error?.message ?? "");
  return isFull ? "full" : "unavailable";
}

/** localStorage and anything alike. It writes at once, before the promise is made. */
class WebStorage {
  #items;

  /** @param {Pick<Storage, "length" | "key" | "getItem" | "setItem" | "removeItem">} items */
  constructor(items) {
    this.#items = items;
  }

  /** @param {string} prefix @returns {Promise<[string, any][]>} */
  async read(prefix) {
    const keys = [];
    for (let i = 0; i < this.#items.length; i++) keys.push(this.#items.key(i) ?? "");
    const entries = /** @type {[string, any][]} */ ([]);
    for (const key of keys.filter((one) => one.startsWith(prefix))) {
      try {
        entries.push([key, JSON.parse(this.#items.getItem(key) ?? "")]);
      } catch {
        // not one of ours
      }
    }
    return entries;
  }

  async write(entries) {
    const before = entries.map(([key]) => [key, this.#items.getItem(key)]);
    try {
      for (const [key, value] of entries) this.#set(key, value === undefined ? null : JSON.stringify(value));
    } catch (error) {
      for (const [key, text] of before) this.#set(key, text);
      throw error;
    }
  }

  #set(key, text) {
    if (text === null) this.#items.removeItem(key);
    else this.#items.setItem(key, text);
  }
}
