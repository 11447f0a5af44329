/**
 * What this browser keeps of the conversations of a user, to be read without a connection: the list, and of each
 * conversation that was open its newest messages. A cache and nothing more: a browser without IndexedDB does without.
 */

const STORE = "kept";
let opening = /** @type {?Promise<IDBDatabase | null>} */ (null);
let name = "";

export function useCacheOf(user) {
  name = `chat-cache-${user}`;
  opening = null;
}

function database() {
  opening ??= new Promise((resolve) => {
    const request = name ? opened() : null;
    if (!request) return resolve(null);
    request.onupgradeneeded = () => request.result.createObjectStore(STORE);
    request.onsuccess = () => resolve(request.result);
    request.onerror = request.onblocked = () => resolve(null);
  });
  return opening;
}

/** Some browsers throw where it is forbidden, others fail later. */
function opened() {
  try {
    return indexedDB.open(name, 1);
  } catch {
    return null;
  }
}

async function ask(mode, work) {
  const open = await database();
  if (!open) return undefined;
  return new Promise((resolve) => {
    try {
      const request = work(open.transaction(STORE, mode).objectStore(STORE));
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => resolve(undefined);
    } catch {
      resolve(undefined);
    }
  });
}

export const kept = (key) => ask("readonly", (store) => store.get(key));

export const keep = (key, value) => ask("readwrite", (store) => store.put(value, key));

export const forget = (key) => ask("readwrite", (store) => store.delete(key));

/** For signing out: nothing stays. */
export async function forgetAll() {
  const open = await database();
  open?.close();
  if (open) indexedDB.deleteDatabase(name);
  opening = null;
}
