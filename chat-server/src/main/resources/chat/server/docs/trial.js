import { element } from "./element.js";

const MOST_FRAMES = 200; // on the page

/** What the examples call a conversation of each kind. */
const EXAMPLES = { direct: "647721255406927872", group: "647721254970720256" };

/** A connection to try the requests on, with the frames as they go to and fro. */
export class Trial {
  #socket = /** @type {?WebSocket} */ (null);
  #requests = 0;
  #asked = new Map(); // id -> request without an answer
  #conversations = new Map(); // kind -> id of the one that an answer named last
  #status = element("p", { role: "status" }, "Not connected.");
  #frames = element("ol", { class: "frames", tabindex: "0", "aria-label": "Frames" });
  #frame = element("textarea", { id: "frame", rows: "6", spellcheck: "false" }, '{"type": "ping"}');
  #send = element("button", { type: "submit", disabled: true }, "Send");
  element = element("section", { class: "trial", "aria-labelledby": "trial" },
    element("h2", { id: "trial" }, "Try it"),
    element("p", null, "The examples name conversations of yours once you have connected, if you have any. The users bob and carol have to exist, and most requests want them to be your contacts."),
    element("form", { submit: (event) => this.#connect(event) },
      element("label", null, "E-mail", element("input", { name: "email", type: "email", autocomplete: "username", required: true })),
      element("label", null, "Password", element("input", { name: "password", type: "password", autocomplete: "current-password", required: true })),
      element("button", { type: "submit" }, "Log in and connect")),
    this.#status,
    element("form", { submit: (event) => this.#sendFrame(event) },
      element("label", { for: "frame" }, "Frame"), this.#frame, this.#send),
    this.#frames);

  /** Puts a request where it can be changed and sent, with conversations of this user in it. An `id` is given to it then. */
  take({ id, ...request }) {
    let text = JSON.stringify(request.client_message_id ? { ...request, client_message_id: crypto.randomUUID() } : request, null, 2);
    for (const [kind, known] of this.#conversations) text = text.replaceAll(EXAMPLES[kind], known);
    this.#frame.value = text;
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
    this.#conversations.clear();
    socket.onopen = () => {
      this.#say("Connected.");
      this.#ask({ type: "sync" });
    };
    socket.onmessage = ({ data }) => {
      this.#learn(JSON.parse(data));
      this.#show("received", data);
    };
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
    this.#ask(request);
  }

  #ask(request) {
    const frame = { id: String(++this.#requests), ...request };
    this.#asked.set(frame.id, frame);
    const text = JSON.stringify(frame);
    this.#socket?.send(text);
    this.#show("sent", text);
  }

  /** Which conversations there are. */
  #learn({ type, id, conversations = [], conversation_id }) {
    const request = this.#asked.get(id);
    this.#asked.delete(id);
    if (type !== "ok") return;
    for (const one of conversations) this.#conversations.set(one.kind, one.conversation_id);
    if (request?.type === "create_group" || request?.group) this.#conversations.set("group", conversation_id);
    else if (request?.type === "send" && request.to) this.#conversations.set("direct", conversation_id);
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
