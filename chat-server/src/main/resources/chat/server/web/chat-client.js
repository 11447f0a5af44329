// The client of chat-server: that of chat-engine, with accounts and logins over REST.
//
//   const client = new ChatClient();
//   await client.logIn(email, password);
//   client.addEventListener("message", ({ detail }) => show(detail));
//   await client.connect();
//   await client.send({ to: "bob", text: "hello" }); // committed

import {
  ChatClient as EngineClient, ChatError, newMessageId, previewOf, withOwnReactions, withPreviewOf, withReaction,
} from "./webjars/chat-engine/chat-client.js";

export { ChatError, newMessageId, previewOf, withOwnReactions, withPreviewOf, withReaction };

const SESSION = "chat-session"; // the item of both storages
const REST_MS = 15_000;
const SOON_MS = 10_000; // an access token that ends within this time is renewed first

/**
 * A login of a user, in this tab and in those that are opened beside it. Events: those of chat-engine's client.
 *
 * The tokens are kept twice. sessionStorage has those of this tab, also after a reload. localStorage has the
 * latest ones of the browser: a new tab begins with them, and a tab that was frozen while another one renewed
 * them takes the new ones, for the old ones would end the login.
 */
export class ChatClient extends EngineClient {
  #base;
  #session = null;
  #tabs = new BroadcastChannel(SESSION);

  /**
   * @param {object} [options] those of chat-engine's client, and
   *     base: where REST is, such as "https://chat.example.org"; this page's origin unless set
   */
  constructor({ base = "", ...options } = {}) {
    super({
      url: () => this.#socketUrl(),
      login: ({ refused }) => this.#ticket(refused),
      storage: localStorage,
      ...options,
    });
    this.#base = base;
    this.#tabs.onmessage = ({ data: { used, renewed } }) => {
      if (this.#session?.refresh_token === used) this.#renewWith(renewed);
    };
    this.addEventListener("loggedout", () => this.#forget());
  }

  get username() {
    return this.#session?.user.username ?? null;
  }

  register(username, email, password) {
    return this.#rest("POST", "/v1/auth/register", { username, email, password });
  }

  async logIn(email, password) {
    this.#session = await this.#rest("POST", "/v1/auth/login", { email, password });
    localStorage.setItem(SESSION, JSON.stringify(this.#session)); // new tabs begin with this login
    this.#remember();
  }

  /** Takes up the login of this tab before a reload, or of another tab; false if there is none. */
  async resume() {
    const kept = sessionStorage.getItem(SESSION) ?? localStorage.getItem(SESSION);
    if (!kept) return false;
    this.#session = JSON.parse(kept);
    try {
      await this.#refresh();
      return true;
    } catch (error) {
      if (error.code !== "unauthorized") throw error;
      this.#forget();
      return false;
    }
  }

  /** Fails if the server cannot be told: the login would live on. */
  async logOut() {
    const { refresh_token } = this.#session;
    await this.#rest("DELETE", "/v1/auth/logout", { refresh_token });
    this.discard();
    this.#forget();
  }

  async connect() {
    if (!this.#session) throw new ChatError("unauthorized", "call logIn() or resume() first");
    return super.connect({ user: this.#session.user.username });
  }

  // ---- what each connection needs

  async #socketUrl() {
    const { ws_url, ws_port } = await this.#rest("GET", "/config.json");
    const rest = new URL(this.#base || "/", location.href);
    return new URL(ws_url ?? `//${rest.hostname}:${ws_port}/v1/ws`, rest);
  }

  /** Whatever this clock says, the access token may have ended, and the login not. */
  async #ticket(refused) {
    if (!this.#session) throw new ChatError("unauthorized", "logged out");
    const renews = refused || Date.parse(this.#session.access_token_expires_at) < Date.now() + SOON_MS;
    if (renews) await this.#refresh();
    try {
      const { otp } = await this.#rest("POST", "/v1/auth/otp");
      return { otp, username: this.username };
    } catch (error) {
      if (error.code !== "unauthorized" || renews) throw error;
      return this.#ticket(true);
    }
  }

  // ---- the tokens

  async #refresh() {
    this.#session = this.#latest() ?? this.#session;
    const { refresh_token: used } = this.#session;
    const renewed = await this.#rest("POST", "/v1/auth/token", { refresh_token: used });
    this.#tabs.postMessage({ used, renewed }); // other tabs have the same tokens
    if (this.#session?.refresh_token === used) this.#renewWith(renewed);
  }

  #renewWith(renewed) {
    this.#session = { ...this.#session, ...renewed };
    this.#remember();
  }

  #remember() {
    const session = JSON.stringify(this.#session);
    sessionStorage.setItem(SESSION, session);
    if (this.#latest()) localStorage.setItem(SESSION, session);
  }

  #forget() {
    if (this.#latest()) localStorage.removeItem(SESSION);
    sessionStorage.removeItem(SESSION);
    this.#session = null;
  }

  /** What the browser has of this login; null if its latest one is another. */
  #latest() {
    const latest = JSON.parse(localStorage.getItem(SESSION) ?? "null");
    return latest?.session_id === this.#session?.session_id ? latest : null;
  }

  async #rest(method, path, body) {
    const headers = { "Content-Type": "application/json" };
    if (this.#session) headers.Authorization = `Bearer ${this.#session.access_token}`;
    const options = { method, headers, body: body && JSON.stringify(body), signal: AbortSignal.timeout(REST_MS) };
    let response;
    let reply;
    try {
      response = await fetch(this.#base + path, options);
      reply = await response.json();
    } catch {
      throw new ChatError("unavailable", "the server cannot be reached");
    }
    if (response.ok) return reply;
    throw new ChatError(reply.error?.code ?? "unavailable", reply.error?.message ?? `the server answers with ${response.status}`);
  }
}
