import { stateAfter } from "./storage.js";
import { Tabs } from "./tabs.js";

const PATIENCE_MS = 2_000; // for a storage that does not answer

/**
 * Keeps the entries of an outbox over the end of the page, by user: one record for each. An entry belongs to the tab that
 * has it; what a tab leaves behind goes to another one.
 */
export class OutboxStorage {
  /** "none" without a storage, "ok", "full" or "unavailable". */
  state;
  #storage;
  #prefix;
  #listener;
  #locks;
  #tabs = /** @type {?Tabs} */ (null);
  #writing = new Set();

  /**
   * @param {?import("./storage.js").ClientStorage} storage
   * @param {string} prefix
   * @param {?LockManager | undefined} locks
   * @param {{ changed(): void, orphans(): void }} listener `changed` is the state; `orphans` tells that a tab has ended
   */
  constructor(storage, prefix, locks, listener) {
    this.#storage = storage;
    this.#prefix = prefix;
    this.#locks = locks;
    this.#listener = listener;
    this.state = storage ? "ok" : "none";
  }

  /**
   * Takes over what nobody else has, in order.
   *
   * @param {string} user
   * @param {(kept: any[]) => void} late given it where the storage has answered after this has given up
   */
  async takeOver(user, late) {
    if (!this.#storage) return [];
    const taking = this.#join().then((tabs) => tabs.alone(() => this.#takeOver(user)));
    try {
      return (await patiently(taking)) ?? [];
    } catch (error) {
      this.#stands(stateAfter(error));
      taking.then((kept) => {
        this.#stands("ok");
        late(kept ?? []);
      }, () => {});
      return [];
    }
  }

  async #join() {
    this.#tabs ??= new Tabs(this.#prefix, () => this.#listener.orphans(), this.#locks);
    await this.#tabs.join();
    return this.#tabs;
  }

  async #takeOver(user) {
    const [records = [], others] = await Promise.all([this.#storage?.read(this.#folder(user)), this.#tabs?.others()]);
    const own = records.filter(([, record]) => record?.fields?.client_message_id && !others?.has(record.tab));
    await this.#storage?.write(own.map(([key, record]) => [key, { ...record, tab: this.#tabs?.id }]));
    return own.map(([key, { order, fields, failure }]) => ({ key, order, fields, failure })).sort((a, b) => a.order - b.order);
  }

  /** Keeps an entry; its `kept` says whether that is so. */
  keep(user, entry) {
    if (user === null || !this.#storage) return Promise.resolve();
    const { order, fields, failure } = entry;
    entry.key = this.#folder(user) + encodeURIComponent(fields.client_message_id);
    const record = { order, fields, tab: this.#tabs?.id, ...(failure && { failure: { code: failure.code, message: failure.message } }) };
    return this.#write([[entry.key, record]]).then((kept) => { entry.kept = kept; });
  }

  forget(entry) {
    if (!entry.key) return Promise.resolve(false);
    const { key } = entry;
    entry.key = "";
    entry.kept = false;
    return this.#write([[key, undefined]]);
  }

  /** Removes what a user has here, in all tabs. */
  async clear(user) {
    try {
      const records = await this.#storage?.read(this.#folder(user));
      if (records?.length) await this.#write(records.map(([key]) => [key, undefined]));
    } catch (error) {
      this.#stands(stateAfter(error));
    }
  }

  /** Resolves when everything is written, or will not be. */
  async settled() {
    await Promise.all(this.#writing);
  }

  /** What is kept goes to another tab, or waits for the next one. */
  leave() {
    this.#tabs?.close();
    this.#tabs = null;
  }

  #folder(user) {
    return `${this.#prefix}/${encodeURIComponent(user)}/`;
  }

  async #write(entries) {
    const writing = patiently(this.#storage?.write(entries));
    this.#writing.add(writing);
    try {
      await writing;
      this.#stands("ok");
      return true;
    } catch (error) {
      this.#stands(stateAfter(error));
      return false;
    } finally {
      this.#writing.delete(writing);
    }
  }

  #stands(state) {
    if (state === this.state) return;
    this.state = state;
    this.#listener.changed();
  }
}

/** @template T @param {Promise<T> | undefined} work @returns {Promise<T | undefined>} */
async function patiently(work) {
  if (!work) return undefined;
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error("the storage does not answer")), PATIENCE_MS);
  });
  try {
    return await Promise.race([work, /** @type {Promise<T>} */ (late)]);
  } finally {
    clearTimeout(timer);
  }
}
