import { ChatError } from "../chat-error.js";
import { readJson, refusal, unreachable } from "./rest.js";

const STALL_MS = 30_000; // without any progress

/**
 * The files of messages, over REST. It is the Authorization header that opens a file, so a page cannot name a file's
 * address to the browser: `url` fetches it and makes an address within the page.
 */
export class Files {
  #rest;
  #use;
  #urls = new Map(); // path -> promise of an object URL

  /**
   * @param {import("./rest.js").Rest} rest
   * @param {<T>(work: (token: string) => Promise<T>) => Promise<T>} use gives an access token
   */
  constructor(rest, use) {
    this.#rest = rest;
    this.#use = use;
  }

  /**
   * Uploads a file, for the `attachments` of messages. It fails after 30 seconds without progress.
   *
   * @param {Blob | ArrayBuffer | ArrayBufferView | string} content
   * @param {{ name?: string, type?: string, onProgress?: (progress: { sent: number, total: number }) => void, signal?: AbortSignal }} [options]
   *     name and type are those of a File unless given
   * @returns {Promise<any>} { file_id, name, type, size, sha256 }
   */
  async upload(content, { name = content?.["name"], type = content?.["type"], onProgress, signal } = {}) {
    const blob = content instanceof Blob ? content : new Blob([/** @type {any} */ (content)]);
    const query = new URLSearchParams({ ...(name && { name }), ...(type && { type }) });
    const path = `/v1/files?${query}`;
    const send = onProgress && globalThis.XMLHttpRequest ? this.#sendWithProgress : this.#send;
    return this.#use((token) => send.call(this, path, blob, token, signal, onProgress));
  }

  async #send(path, blob, token, signal, onProgress) {
    const limited = limit(signal);
    try {
      const headers = { "Content-Type": "application/octet-stream" };
      onProgress?.({ sent: 0, total: blob.size });
      const response = await this.#rest.call("POST", path, { headers, body: blob, token, signal: limited.signal });
      onProgress?.({ sent: blob.size, total: blob.size });
      return await readJson(response);
    } finally {
      limited.end();
    }
  }

  /** fetch does not tell how much has left. */
  #sendWithProgress(path, blob, token, signal, onProgress) {
    return new Promise((resolve, reject) => {
      const request = new XMLHttpRequest();
      const limited = limit(signal);
      limited.signal.addEventListener("abort", () => request.abort());
      request.open("POST", this.#rest.address(path));
      request.setRequestHeader("Content-Type", "application/octet-stream");
      request.setRequestHeader("Authorization", `Bearer ${token}`);
      request.upload.onprogress = ({ loaded, total }) => {
        limited.moves();
        onProgress({ sent: loaded, total });
      };
      request.onload = () => {
        if (request.status === 201) resolve(readJson(new Response(request.responseText)));
        else reject(refusal(request.status, request.responseText, request.getResponseHeader("Retry-After")));
      };
      request.onerror = () => reject(unreachable());
      request.onabort = () => reject(signal?.aborted ? new ChatError("closed", "the upload was ended") : unreachable());
      request.onloadend = () => limited.end();
      if (limited.signal.aborted) reject(new ChatError("closed", "the upload was ended"));
      else request.send(blob);
    });
  }

  /**
   * @param {string} fileId
   * @param {{ onProgress?: (progress: { received: number, total: number }) => void, signal?: AbortSignal }} [options]
   * @returns {Promise<Blob>}
   */
  download(fileId, options) {
    return this.#download(pathOf(fileId), options);
  }

  /** The thumbnail of a picture; `not_found` for everything else, and in the first moments after an upload. @param {string} fileId */
  thumbnail(fileId) {
    return this.#download(`${pathOf(fileId)}/thumbnail`);
  }

  /**
   * What a file is, without its content.
   *
   * @param {string} fileId
   * @returns {Promise<{ file_id: string, name: string, type: string, size: number }>}
   */
  async describe(fileId) {
    return this.#use(async (token) => {
      const limited = limit();
      try {
        const headers = { Range: "bytes=0-0" };
        const response = await this.#rest.call("GET", pathOf(fileId), { headers, token, signal: limited.signal });
        await response.body?.cancel();
        const size = response.headers.get("Content-Range")?.split("/")[1] ?? response.headers.get("Content-Length");
        return {
          file_id: fileId,
          name: nameIn(response.headers.get("Content-Disposition") ?? ""),
          type: response.headers.get("Content-Type") ?? "",
          size: Number(size ?? 0),
        };
      } finally {
        limited.end();
      }
    });
  }

  /** An address of the file within this page, the same for all calls until `revoke`. @param {string} fileId */
  url(fileId) {
    return this.#url(pathOf(fileId));
  }

  /** An address of the thumbnail within this page. @param {string} fileId */
  thumbnailUrl(fileId) {
    return this.#url(`${pathOf(fileId)}/thumbnail`);
  }

  /** Gives back the memory of the addresses of a file, or of all files. @param {string} [fileId] */
  revoke(fileId) {
    const paths = fileId === undefined ? [...this.#urls.keys()] : [pathOf(fileId), `${pathOf(fileId)}/thumbnail`];
    for (const path of paths) {
      this.#urls.get(path)?.then((url) => URL.revokeObjectURL(url), () => {});
      this.#urls.delete(path);
    }
  }

  #url(path) {
    const there = this.#urls.get(path);
    if (there) return there;
    const made = this.#download(path).then((blob) => URL.createObjectURL(blob));
    this.#urls.set(path, made);
    made.catch(() => {
      if (this.#urls.get(path) === made) this.#urls.delete(path); // the next call tries again
    });
    return made;
  }

  /** @param {string} path @param {{ onProgress?: (progress: { received: number, total: number }) => void, signal?: AbortSignal }} [options] */
  async #download(path, { onProgress, signal } = {}) {
    return this.#use(async (token) => {
      const limited = limit(signal);
      try {
        const response = await this.#rest.call("GET", path, { token, signal: limited.signal });
        const total = Number(response.headers.get("Content-Length") ?? 0);
        const parts = [];
        let received = 0;
        const body = /** @type {ReadableStream<Uint8Array<ArrayBuffer>>} */ (response.body);
        for (const reader = body.getReader(); ; ) {
          const { done, value } = await reader.read();
          if (done) break;
          parts.push(value);
          received += value.length;
          limited.moves();
          onProgress?.({ received, total: Math.max(total, received) });
        }
        return new Blob(parts, { type: response.headers.get("Content-Type") ?? "" });
      } catch (error) {
        throw error instanceof ChatError ? error : unreachable(signal?.aborted ? error : undefined);
      } finally {
        limited.end();
      }
    });
  }
}

const pathOf = (fileId) => `/v1/files/${encodeURIComponent(fileId)}`;

/** The caller's signal, and one that ends what does not move any more. @param {AbortSignal} [signal] */
function limit(signal) {
  const controller = new AbortController();
  const abort = () => controller.abort(signal?.reason);
  if (signal?.aborted) abort();
  signal?.addEventListener("abort", abort);
  const stall = () => setTimeout(() => controller.abort(new Error("no progress")), STALL_MS);
  let timer = stall();
  return {
    signal: controller.signal,
    moves() {
      clearTimeout(timer);
      timer = stall();
    },
    end() {
      clearTimeout(timer);
      signal?.removeEventListener("abort", abort);
    },
  };
}

/** The name in a Content-Disposition (RFC 6266). */
function nameIn(disposition) {
  const encoded = /filename\*=UTF-8''([^;]+)/i.exec(disposition)?.[1];
  try {
    if (encoded) return decodeURIComponent(encoded);
  } catch {
    // it has the plain name, too
  }
  return /filename="((?:[^"\\]|\\.)*)"/i.exec(disposition)?.[1].replaceAll(/\\(.)/g, "$1") ?? "";
}
