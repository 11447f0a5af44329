const RECORDS = "records";
const OPEN_MS = 5_000; // another tab may hold an older version of the database

/**
 * A storage of the browser that has room for far more than localStorage, see storage.js. Opened with the first use, and
 * opened again after the browser has closed it.
 */
export class IndexedDbStorage {
  #name;
  #factory;
  #opened = /** @type {?Promise<IDBDatabase>} */ (null);

  /**
   * @param {string} name of the database
   * @param {IDBFactory} [factory]
   */
  constructor(name, factory = globalThis.indexedDB) {
    this.#name = name;
    this.#factory = factory;
  }

  /** @param {string} prefix */
  read(prefix) {
    return this.#within("readonly", async (records) => {
      const range = IDBKeyRange.bound(prefix, `${prefix}\uffff`);
      const [keys, values] = await Promise.all([done(records.getAllKeys(range)), done(records.getAll(range))]);
      return keys.map((key, i) => [String(key), values[i]]);
    });
  }

  /** @param {[string, any][]} entries */
  async write(entries) {
    if (!entries.length) return;
    await this.#within("readwrite", (records) => {
      for (const [key, value] of entries) {
        if (value === undefined) records.delete(key);
        else records.put(value, key);
      }
    });
  }

  /** Forgets everything. */
  async clear() {
    await this.#within("readwrite", (records) => records.clear());
  }

  async #within(mode, work) {
    const database = await (this.#opened ??= this.#open());
    return new Promise((resolve, reject) => {
      const transaction = database.transaction(RECORDS, mode);
      let result;
      transaction.oncomplete = () => resolve(result);
      transaction.onabort = () => reject(transaction.error ?? new Error("the storage gave up"));
      try {
        Promise.resolve(work(transaction.objectStore(RECORDS))).then((value) => { result = value; }, reject);
      } catch (error) { // such as for a value that cannot be stored
        reject(error);
        transaction.abort();
      }
    });
  }

  #open() {
    const opened = new Promise((resolve, reject) => {
      if (!this.#factory) throw new Error("there is no IndexedDB here");
      const request = this.#factory.open(this.#name, 1);
      setTimeout(() => reject(new Error("the storage does not open")), OPEN_MS);
      request.onupgradeneeded = () => request.result.createObjectStore(RECORDS);
      request.onsuccess = () => {
        request.result.onclose = request.result.onversionchange = () => {
          request.result.close();
          this.#opened = null;
        };
        resolve(request.result);
      };
      request.onerror = () => reject(request.error);
    });
    opened.catch(() => { this.#opened = null; }); // the next use tries again
    return opened;
  }
}

/** @param {IDBRequest} request */
function done(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}
