import { ChatError } from "../chat-error.js";

const SESSION = "chat-session"; // the item of both storages, and the lock
const SOON_MS = 10_000; // an access token that ends within this time is renewed first

/**
 * A login of a user at the server: its tokens, in this tab and in those that are opened beside it.
 *
 * The tokens are kept twice. The storage of the tab has those of this tab, also after a reload. That of the browser has the
 * latest ones of the browser: a new tab begins with them, and a tab that was frozen while another one renewed
 * them takes the new ones, for the old ones would end the login. For the same reason one tab at a time renews them.
 */
export class Login {
  #rest;
  #tab;
  #browser;
  #locks;
  #channel;
  /** @type {?Record<string, any>} the answer to the login, and when its access token is to be renewed */
  #session = null;
  #renewing = /** @type {?Promise<void>} */ (null);

  /**
   * @param {import("./rest.js").Rest} rest
   * @param {{ tab?: ?Storage, browser?: ?Storage, locks?: ?LockManager }} [storages] those of the browser unless set; null for none
   */
  constructor(rest, { tab = browserStorage("sessionStorage"), browser = browserStorage("localStorage"), locks = globalThis.navigator?.locks } = {}) {
    this.#rest = rest;
    this.#tab = quiet(tab);
    this.#browser = quiet(browser);
    this.#locks = locks;
    if (!globalThis.document || !globalThis.BroadcastChannel) return; // no tabs, and a channel would keep Node alive
    this.#channel = new BroadcastChannel(SESSION);
    this.#channel.onmessage = ({ data }) => {
      if (data?.renewed && this.#session?.refresh_token === data.used) this.#renewWith(data.renewed);
    };
  }

  get user() {
    return this.#session?.user ?? null;
  }

  /** Takes up these tokens, the answer to a login. */
  begin(session) {
    this.#session = withDeadline(session);
    this.#browser.setItem(SESSION, JSON.stringify(this.#session)); // new tabs begin with this login
    this.#remember();
  }

  /** Takes up the login of this tab before a reload, or of another tab; false if there is none. */
  async resume() {
    const kept = parsed(this.#tab.getItem(SESSION)) ?? parsed(this.#browser.getItem(SESSION));
    if (!kept) return false;
    this.#session = kept;
    try {
      await this.renew();
      return true;
    } catch (error) {
      if (error.code !== "unauthorized") throw error;
      this.forget();
      return false;
    }
  }

  /** Whom the login was of that this tab or the browser has kept; null if there is none. */
  get keptUser() {
    return (parsed(this.#tab.getItem(SESSION)) ?? parsed(this.#browser.getItem(SESSION)))?.user ?? null;
  }

  /** Ends the login at the server. Fails if the server cannot be told: the login would live on. */
  async end() {
    if (this.#session) await this.#rest.json("DELETE", "/v1/auth/logout", { refresh_token: this.#session.refresh_token });
  }

  forget() {
    if (this.#latest()) this.#browser.removeItem(SESSION);
    this.#tab.removeItem(SESSION);
    this.#session = null;
  }

  /**
   * Does something with an access token; whatever this clock says, it may have ended, and the login not.
   *
   * @template T
   * @param {(token: string) => Promise<T>} work
   * @param {{ refused?: boolean }} [state] whether the last token was not accepted elsewhere
   * @returns {Promise<T>}
   */
  async use(work, { refused = false } = {}) {
    if (!this.#session) throw new ChatError("unauthorized", "logged out");
    const renews = refused || !(this.#session.renew_at > Date.now());
    if (renews) await this.renew();
    try {
      return await work(this.#session.access_token);
    } catch (error) {
      if (error.code !== "unauthorized" || renews || !this.#session) throw error;
      await this.renew();
      return work(this.#session.access_token);
    }
  }

  /** Gets new tokens; calls at the same time are one. */
  renew() {
    this.#renewing ??= this.#alone(() => this.#renew()).finally(() => { this.#renewing = null; });
    return this.#renewing;
  }

  async #renew() {
    this.#session = this.#latest() ?? this.#session;
    if (!this.#session) throw new ChatError("unauthorized", "logged out");
    const { refresh_token: used } = this.#session;
    const answer = await this.#rest.json("POST", "/v1/auth/token", { refresh_token: used });
    const renewed = withDeadline(answer);
    this.#channel?.postMessage({ used, renewed }); // other tabs have the same tokens
    if (this.#session?.refresh_token === used) this.#renewWith(renewed);
  }

  async #alone(work) {
    return this.#locks ? this.#locks.request(SESSION, work) : work();
  }

  #renewWith(renewed) {
    this.#session = { ...this.#session, ...renewed };
    this.#remember();
  }

  #remember() {
    const session = JSON.stringify(this.#session);
    this.#tab.setItem(SESSION, session);
    if (this.#latest()) this.#browser.setItem(SESSION, session);
  }

  /** What the browser has of this login; null if its latest one is another. */
  #latest() {
    const latest = parsed(this.#browser.getItem(SESSION));
    return latest && latest.session_id === this.#session?.session_id ? latest : null;
  }
}

/** By this clock, which may be wrong by days: from now on for as long as the token lives. */
function withDeadline(session) {
  const { iat, exp } = claims(session.access_token);
  const livesMs = (exp - iat) * 1_000;
  const endsAt = livesMs > 0 ? Date.now() + livesMs : Date.parse(session.access_token_expires_at);
  return { ...session, renew_at: endsAt - SOON_MS };
}

function claims(token) {
  try {
    return JSON.parse(atob(token.split(".")[1].replaceAll("-", "+").replaceAll("_", "/")));
  } catch {
    return {};
  }
}

function parsed(text) {
  try {
    return JSON.parse(text ?? "null");
  } catch {
    return null; // something else has written it
  }
}

/** A storage of the browser, where it has one and allows it. @param {"localStorage" | "sessionStorage"} name */
export function browserStorage(name) {
  try {
    return globalThis[name];
  } catch {
    return null;
  }
}

/** A storage that is full, forbidden or not there keeps nothing. @param {?Storage | undefined} storage */
function quiet(storage) {
  const attempt = (work) => {
    try {
      return work();
    } catch {
      return null;
    }
  };
  return {
    getItem: (key) => attempt(() => storage?.getItem(key) ?? null),
    setItem: (key, value) => attempt(() => storage?.setItem(key, value)),
    removeItem: (key) => attempt(() => storage?.removeItem(key)),
  };
}
