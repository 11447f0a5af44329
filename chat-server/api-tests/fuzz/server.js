import { execFile, spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";

const START_MILLIS = 90_000;
const PLENTY = "1000000";

/** An outgoing webhook to which nobody answers. */
export const WEBHOOK = "audit";

/** Runs the packaged server in its own process, with its own database and without rate limits. */
export class Server {
  #process;
  #jar;
  #directory;
  #data;

  /** One that runs already, and goes on. */
  static running(jar, base, socket, data) {
    const server = new Server();
    Object.assign(server, { base, socket });
    server.#jar = jar;
    server.#data = data;
    return server;
  }

  static async start(jar) {
    const server = new Server();
    server.#jar = jar;
    server.#directory = await mkdtemp(join(tmpdir(), "chat-fuzz-"));
    server.#data = join(server.#directory, "data");
    const integrations = join(server.#directory, "integrations.json");
    await writeFile(integrations, JSON.stringify({ webhooks: [{ name: WEBHOOK, url: "http://127.0.0.1:9/", secret: "not a secret, but long" }] }));
    server.#process = spawn("java", [
      "-Xmx768m", "-jar", jar, "--http-port=0", "--ws-port=0", `--data-dir=${server.#data}`, "--edit-history=true",
      `--messages-per-second=${PLENTY}`, `--messages-per-second-per-user=${PLENTY}`, "--failed-logins-per-account=0", "--failed-logins-per-address=0",
      "--registrations-per-address=0", "--calls-per-second-per-user=0", "--calls-per-second-per-address=0", "--drain-seconds=0",
      "--push-private-addresses=true", `--integrations=${integrations}`,
    ], { stdio: ["ignore", "pipe", "inherit"] });
    await server.#addresses();
    return server;
  }

  async #addresses() {
    const late = setTimeout(() => this.#process.kill(), START_MILLIS);
    for await (const line of createInterface({ input: this.#process.stdout })) {
      this.base = /REST +(http:\/\/[\d.:]+)\//.exec(line)?.[1] ?? this.base;
      this.socket = /WebSocket +(ws:\/\/[\d.:]+)\//.exec(line)?.[1] ?? this.socket;
      if (this.socket) {
        clearTimeout(late);
        this.#process.stdout.resume();
        return;
      }
    }
    throw new Error("the server did not start");
  }

  async makeAdministrator(username) {
    await promisify(execFile)("java", ["-jar", this.#jar, "admin", "make-administrator", username, `--data-dir=${this.#data}`]);
  }

  async stop() {
    if (!this.#process) {
      return;
    }
    const ended = this.#process.exitCode === null ? new Promise((resolve) => this.#process.once("exit", resolve)) : null;
    this.#process.kill();
    await ended;
    await rm(this.#directory, { recursive: true, force: true });
  }
}
