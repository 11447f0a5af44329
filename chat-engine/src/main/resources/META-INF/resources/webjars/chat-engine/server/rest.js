import { ChatError } from "../chat-error.js";
import { id } from "../fields.js";

const REST_MS = 15_000;

/** Calls of the server's REST API: with a deadline, and each failure is a ChatError. */
export class Rest {
  #base;
  #fetch;

  /**
   * @param {string} base where it is, such as "https://chat.example.org"; empty for the page's own origin
   * @param {typeof fetch} [fetch] the one that is there at the time of a call unless given
   */
  constructor(base, fetch) {
    this.#base = base.replace(/\/$/, "");
    this.#fetch = fetch;
  }

  /** The address of a path. @param {string} path */
  address(path) {
    return this.#base + path;
  }

  /**
   * A call with JSON, and an answer in JSON.
   *
   * @param {string} method
   * @param {string} path
   * @param {object} [body]
   * @param {{ token?: ?string }} [options]
   * @returns {Promise<any>}
   */
  async json(method, path, body, { token } = {}) {
    const headers = { "Content-Type": "application/json" };
    const response = await this.call(method, path, { headers, body: body && JSON.stringify(body), token, signal: AbortSignal.timeout(REST_MS) });
    return readJson(response);
  }

  /**
   * @param {string} method
   * @param {string} path
   * @param {{ headers?: Record<string, string>, body?: any, token?: ?string, signal?: AbortSignal }} options
   * @returns {Promise<Response>} whose status is a success
   */
  async call(method, path, { headers = {}, token, ...options }) {
    const authorization = token && { Authorization: `Bearer ${token}` };
    const fetch = this.#fetch ?? globalThis.fetch;
    let response;
    try {
      response = await fetch(this.address(path), { method, headers: { ...headers, ...authorization }, ...options });
    } catch (error) {
      throw unreachable(error);
    }
    if (response.ok) return response;
    throw refusal(response.status, await response.text().catch(() => ""), response.headers.get("Retry-After"));
  }
}

/** @param {Response} response @returns {Promise<any>} */
export async function readJson(response) {
  try {
    return await response.json();
  } catch (error) {
    throw unreachable(error);
  }
}

/** What a call without an answer throws; one that the caller has ended is `closed`. */
export function unreachable(error) {
  return error?.name === "AbortError" ? new ChatError("closed", "the call was ended") : new ChatError("unavailable", "the server cannot be reached");
}

/**
 * What an answer throws that is no success.
 *
 * @param {number} status
 * @param {string} text of the answer; a proxy answers with something else than JSON
 * @param {?string} retryAfter seconds
 */
export function refusal(status, text, retryAfter) {
  const seconds = Number.parseInt(retryAfter ?? "", 10);
  const details = Number.isNaN(seconds) ? {} : { retryAfterMs: seconds * 1_000 };
  let error;
  try {
    ({ error } = JSON.parse(text));
  } catch {
    // no answer of this server
  }
  const code = id(error?.code) ?? BY_STATUS[status] ?? "unavailable";
  return new ChatError(code, id(error?.message) ?? `the server answers with ${status}`, details);
}

const BY_STATUS = { 401: "unauthorized", 403: "forbidden", 404: "not_found", 413: "too_large", 429: "rate_limited" };
