/**
 * The tabs of a browser that share a storage, so that each thing in it has one owner: a tab holds a lock with its name
 * as long as it lives (https://w3c.github.io/web-locks). Where there are no locks, as in Node and in old browsers, a tab takes all
 * others for dead.
 */
export class Tabs {
  id;
  #prefix;
  #turn;
  #locks;
  #channel = /** @type {?BroadcastChannel} */ (null);
  #leave = () => {};
  #closed = false;
  #joined = /** @type {?Promise<void>} */ (null);
  #left;

  /**
   * @param {string} prefix of the names of the locks: of those who share
   * @param {() => void} left called when another tab has ended
   * @param {?LockManager} [locks]
   */
  constructor(prefix, left, locks) {
    this.#prefix = `${prefix}/tab/`;
    this.#turn = `${prefix}/turn`;
    this.#locks = locks ?? null;
    this.#left = left;
    this.id = [...crypto.getRandomValues(new Uint8Array(8))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  }

  /** Lets the others know of this tab, until close(). */
  join() {
    return (this.#joined ??= this.#join());
  }

  async #join() {
    const locks = this.#locks;
    if (!locks) return;
    await new Promise((joined) => {
      const holds = new Promise((leave) => { this.#leave = () => leave(undefined); });
      locks.request(this.#prefix + this.id, () => {
        joined(undefined);
        return holds;
      }).catch(joined);
    });
    if (this.#closed) return this.#leave();
    this.#channel = globalThis.BroadcastChannel ? new BroadcastChannel(this.#prefix) : null;
    if (this.#channel) {
      this.#channel.onmessage = ({ data }) => typeof data === "string" && this.#watch(data);
      this.#channel.postMessage(this.id);
    }
    for (const other of await this.others()) this.#watch(other);
  }

  /** The names of the other tabs that live. */
  async others() {
    if (!this.#locks) return new Set();
    const { held = [] } = await this.#locks.query();
    const own = held.filter(({ mode }) => mode === "exclusive"); // who watches shares the lock for a moment
    const names = own.map(({ name = "" }) => name).filter((name) => name.startsWith(this.#prefix));
    return new Set(names.map((name) => name.slice(this.#prefix.length)).filter((name) => name !== this.id));
  }

  /** Does something while no other tab does. @param {() => Promise<any>} work */
  alone(work) {
    return this.#locks ? this.#locks.request(this.#turn, work) : work();
  }

  close() {
    this.#closed = true;
    this.#channel?.close();
    this.#leave();
  }

  /** The lock of another tab is given here when that tab has ended. */
  #watch(other) {
    this.#locks?.request(this.#prefix + other, { mode: "shared" }, () => {
      if (!this.#closed) this.#left();
    }).catch(() => {});
  }
}
