import http from "node:http";
import { setTimeout as later } from "node:timers/promises";
import { gunzipSync } from "node:zlib";

const TIMEOUT_MILLIS = 30_000;
const MOST_TRIES = 60;
const PAUSE_MILLIS = 500;

/** Calls of one server, over connections that are kept. */
export class Http {
  repeated = 0;
  #base;
  #agent = new http.Agent({ keepAlive: true });

  constructor(base) {
    this.#base = new URL(base);
  }

  /** `{status, headers, body}`, the body as a Buffer. A kept connection may end just as a call begins; then there is another one. */
  async call(request) {
    try {
      return await this.#exchange(request);
    } catch (fault) {
      if (fault.code === "ECONNRESET" && fault.kept) {
        this.repeated++;
        return this.#exchange(request);
      }
      throw fault;
    }
  }

  #exchange({ method, target, headers = {}, body }) {
    return new Promise((resolve, reject) => {
      const request = http.request({
        agent: this.#agent, host: this.#base.hostname, port: this.#base.port, method, path: target,
        headers: body === undefined ? headers : { ...headers, "Content-Length": Buffer.byteLength(body) },
      }, (answer) => {
        const parts = [];
        answer.on("data", (part) => parts.push(part));
        answer.on("error", reject);
        answer.on("end", () => {
          clearTimeout(late);
          const bytes = Buffer.concat(parts);
          const zipped = answer.headers["content-encoding"] === "gzip" && bytes.length > 0;
          resolve({ status: answer.statusCode, headers: answer.headers, body: zipped ? gunzipSync(bytes) : bytes });
        });
      });
      const late = setTimeout(() => request.destroy(new Error(`no answer within ${TIMEOUT_MILLIS} ms`)), TIMEOUT_MILLIS);
      request.on("error", (fault) => {
        clearTimeout(late);
        reject(Object.assign(fault, { kept: request.reusedSocket }));
      });
      request.end(body);
    });
  }

  /** The object of an answer that has to be a success, in the end. */
  async json(method, target, token, body) {
    const headers = { "Content-Type": "application/json", ...(token ? { Authorization: `Bearer ${token}` } : {}) };
    const request = { method, target, headers, body: body === undefined ? undefined : JSON.stringify(body) };
    let answer = await this.call(request);
    for (let tries = 1; answer.status === 503 && tries < MOST_TRIES; tries++) {
      await later(PAUSE_MILLIS);
      answer = await this.call(request);
    }
    if (answer.status >= 300) {
      throw new Error(`${method} ${target} was answered with ${answer.status}: ${answer.body}`);
    }
    return JSON.parse(answer.body.toString() || "null");
  }

  curl({ method, target, headers = {}, body }) {
    const quoted = (text) => `'${text.replaceAll("'", "'\\''")}'`;
    const parts = ["curl", "-i", method === "HEAD" ? "-I" : `-X ${method}`, "--path-as-is", quoted(this.#base.origin + target)];
    Object.entries(headers).forEach(([name, value]) => parts.push("-H", quoted(`${name}: ${value.length > 4000 ? `${value.slice(0, 10)}... (${value.length} characters)` : value}`)));
    if (body === undefined) {
      return parts.join(" ");
    }
    const text = Buffer.from(body).toString();
    const plain = Buffer.from(text).equals(Buffer.from(body)) && text.length < 4000 && !text.includes("\0");
    const feed = plain ? "" : `printf %s ${Buffer.from(body).toString("base64").slice(0, 4000)} | base64 -d | `;
    return `${feed}${parts.join(" ")} --data-binary ${plain ? quoted(text.startsWith("@") ? ` ${text}` : text) : "@-"}`;
  }

  close() {
    this.#agent.destroy();
  }
}
