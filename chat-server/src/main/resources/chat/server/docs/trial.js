import { element } from "./element.js";

const MOST_FRAMES = 200; // on the page

/** A connection to try the requests on, with the frames as they go to and fro. */
export class Trial {
  #socket = /** @type {?WebSocket} */ (null);
  #requests = 0;
  #status = element("p", { role: "status" }, "Not connected.");
  #frames = element("ol", { class: "frames", tabindex: "0", "aria-label": "Frames" });
  #frame = element("textarea", { id: "frame", rows: "6", spellcheck: "false" }, '{"type": "ping"}');
  #send = element("button", { type: "submit", disabled: true }, "Send");
  element = element("section", { class: "trial", "aria-labelledby": "trial" },
    element("h2", { id: "trial" }, "Try it"),
    element("form", { submit: (event) => this.#connect(event) },
      element("label", null, "E-mail", element("input", { name: "email", type: "email", autocomplete: "username", required: true })),
      element("label", null, "Password", element("input", { name: "password", type: "password", autocomplete: "current-password", required: true })),
      element("button", { type: "submit" }, "Log in and connect")),
    this.#status,
    element("form", { submit: (event) => this.#sendFrame(event) },
      element("label", { for: "frame" }, "Frame"), this.#frame, this.#send),
    this.#frames);

  /** Puts a request where it can be changed and sent. An `id` is given to it then. */
  take({ id, ...request }) {
    this.#frame.value = JSON.stringify(request.client_message_id ? { ...request, client_message_id: crypto.randomUUID() } : request, null, 2);
    this.#frame.focus();
  }

  async #connect(event) {
    event.preventDefault();
    const { email, password } = Object.fromEntries(new FormData(event.target));
    this.#socket?.close(1000);
    this.#say("Connecting …");
    try {
      const login = await post("/v1/auth/login", { email, password });
      const { ws_url, ws_port } = await (await fetch("/config.json")).json();
      const address = new URL(ws_url ?? `//${location.hostname}:${ws_port}/v1/ws`, location.href);
      address.protocol = address.protocol.replace("http", "ws");
      address.searchParams.set("otp", login.otp);
      address.searchParams.set("username", login.user.username);
      this.#open(new WebSocket(address));
    } catch (error) {
      this.#say(error.message);
    }
  }

  #open(socket) {
    this.#socket = socket;
    socket.onopen = () => this.#say("Connected.");
    socket.onmessage = ({ data }) => this.#show("received", data);
    socket.onclose = ({ code, reason }) => {
      if (this.#socket !== socket) return;
      this.#socket = null;
      this.#say(`Closed with ${code}${reason && `: ${reason}`}.`);
    };
  }

  #say(text) {
    this.#status.textContent = text;
    this.#send.disabled = this.#socket?.readyState !== WebSocket.OPEN;
  }

  #sendFrame(event) {
    event.preventDefault();
    let request;
    try {
      request = JSON.parse(this.#frame.value);
    } catch (error) {
      this.#say(`Not sent: ${error.message}`);
      return;
    }
    const text = JSON.stringify({ id: String(++this.#requests), ...request });
    this.#socket?.send(text);
    this.#show("sent", text);
  }

  #show(direction, text) {
    let pretty = text;
    try {
      pretty = JSON.stringify(JSON.parse(text), null, 2);
    } catch {
      // shown as it came
    }
    this.#frames.prepend(element("li", { class: direction }, element("span", null, direction), element("pre", null, pretty)));
    while (this.#frames.children.length > MOST_FRAMES) this.#frames.lastChild.remove();
  }
}

async function post(path, body) {
  const response = await fetch(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.message ?? `The server answers ${response.status}.`);
  return answer;
}
