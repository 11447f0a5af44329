// The client of chat-server: that of chat-engine, with accounts, logins, files and devices over REST.
//
//   const client = new ChatClient();
//   await client.logIn(email, password);
//   client.addEventListener("message", ({ detail }) => show(detail));
//   await client.connect();
//   await client.send({ to: "bob", text: "hello" }); // committed

import { ChatClient as EngineClient } from "../chat-client.js";
import { ChatError } from "../chat-error.js";
import { IndexedDbStorage } from "../storage/indexed-db.js";
import { OwnAccount } from "./account.js";
import { Devices } from "./devices.js";
import { Files } from "./files.js";
import { browserStorage, Login } from "./login.js";
import { Rest } from "./rest.js";

export * from "../chat-client.js";

/**
 * A user of a chat-server. It comes in by a login of its own (`logIn`, `resume`), by an access token of an external
 * issuer (the option `token`), or by tickets that another server of the application gets (the option `ticket`). Events: those of chat-engine's client.
 */
export class ChatClient extends EngineClient {
  #rest;
  #login;
  #token;
  #ticket;
  #username;
  #files;
  #devices;
  #account;

  /**
   * @param {{ base?: string, fetch?: typeof fetch, logins?: object, token?: Function, ticket?: Function, username?: string, [option: string]: any }} [options]
   *     see chat-server.d.ts
   */
  constructor({ base = "", fetch, logins, token, ticket, username, ...options } = {}) {
    const database = globalThis.indexedDB ? new IndexedDbStorage(`chat ${base}`.trim()) : null;
    super({
      url: () => this.#socketUrl(base),
      login: (state) => this.#credentials(state),
      storage: database ?? browserStorage("localStorage"),
      archive: database,
      ...options,
    });
    this.#rest = new Rest(base, fetch);
    this.#login = new Login(this.#rest, logins);
    this.#token = token;
    this.#ticket = ticket;
    this.#username = username;
    this.#files = new Files(this.#rest, (work) => this.#use(work));
    this.#devices = new Devices((...call) => this.#json(...call));
    this.#account = new OwnAccount((...call) => this.#json(...call), (path) => this.#blob(path));
    this.addEventListener("loggedout", () => this.#login.forget());
  }

  /** The user of the login, or the one that the options name; null before. */
  get username() {
    return this.#login.user?.username ?? this.#username ?? null;
  }

  /** Uploads and downloads, see files.js. */
  get files() {
    return this.#files;
  }

  /** Where this user is told of messages while away, see devices.js. */
  get devices() {
    return this.#devices;
  }

  /** The user's own account: logins, password and export, see account.js. */
  get account() {
    return this.#account;
  }

  /**
   * @param {string} username
   * @param {string} email
   * @param {string} password
   * @returns {Promise<any>} { id, username, email }
   */
  register(username, email, password) {
    return this.#rest.json("POST", "/v1/auth/register", { username, email, password });
  }

  /** @param {string} email @param {string} password */
  async logIn(email, password) {
    this.#login.begin(await this.#rest.json("POST", "/v1/auth/login", { email, password }));
  }

  /**
   * Takes up the login of this tab before a reload, or of another tab; false if there is none.
   *
   * @returns {Promise<boolean>}
   */
  resume() {
    return this.#login.resume();
  }

  /**
   * Takes up what was seen last by the user of the login that this tab or browser has kept, without a network: before
   * `resume()`, which needs one.
   *
   * @param {string} [user]
   * @returns {Promise<boolean>} whether there was anything
   */
  async restore(user = this.#login.keptUser?.username ?? this.username ?? undefined) {
    return user === undefined ? false : super.restore(user);
  }

  /** Ends the login. Fails if the server cannot be told: it would live on. */
  async logOut() {
    await this.#login.end();
    await this.#leave();
  }

  /** Closes the account, and has all that its user wrote erased. Fails with `forbidden` if the password is wrong. @param {string} password */
  async eraseAccount(password) {
    await this.#json("DELETE", "/v1/account", { password });
    await this.#leave();
  }

  /** Keeps nothing of the user. */
  async #leave() {
    const discarded = this.discard();
    this.#files.revoke();
    this.#login.forget();
    await discarded;
  }

  /** @param {{ timeoutMs?: number }} [options] */
  async connect(options = {}) {
    if (!this.#login.user && !this.#token && !this.#ticket) throw new ChatError("unauthorized", "call logIn() or resume() first");
    return super.connect({ ...options, user: this.username ?? undefined });
  }

  // ---- what each connection needs

  async #socketUrl(base) {
    const { ws_url, ws_port } = await this.#rest.json("GET", "/config.json");
    const rest = new URL(base || "/", globalThis.location?.href);
    return new URL(ws_url ?? `//${rest.hostname}:${ws_port}/v1/ws`, rest);
  }

  async #credentials(state) {
    if (this.#ticket) return this.#ticket(state);
    return this.#use(async (token) => {
      const { otp } = await this.#rest.json("POST", "/v1/auth/otp", undefined, { token });
      return { otp, username: this.username };
    }, state);
  }

  /** Does something with an access token. */
  async #use(work, { refused = false } = {}) {
    if (!this.#token) return this.#login.use(work, { refused });
    try {
      return await work(await this.#token({ refused }));
    } catch (error) {
      if (error.code !== "unauthorized" || refused) throw error;
      return work(await this.#token({ refused: true }));
    }
  }

  #json(method, path, body) {
    return this.#use((token) => this.#rest.json(method, path, body, { token }));
  }

  #blob(path) {
    return this.#use(async (token) => (await this.#rest.call("GET", path, { token })).blob());
  }
}
