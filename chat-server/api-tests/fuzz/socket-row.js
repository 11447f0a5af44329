import { isExplained } from "./exceptions.js";
import { harvest } from "./links.js";
import { Socket } from "./socket.js";
import { SocketCases, verbsOf } from "./socket-cases.js";
import { Values } from "./values.js";

/** Sends cases to the WebSocket, one after the other, as the users of one world, and looks at the events that they cause. */
export class SocketRow {
  #document;
  #schemas;
  #address;
  #world;
  #random;
  #tally;
  #verbs;
  #cases;
  #sockets = new Map();
  #sent = new Map();

  constructor({ document, schemas, address, world, random, tally, only }) {
    this.#document = document;
    this.#schemas = schemas;
    this.#address = address;
    this.#world = world;
    this.#random = random;
    this.#tally = tally;
    this.#verbs = verbsOf(document, schemas).filter(({ id }) => !only || only === id);
    this.#cases = new SocketCases(new Values(schemas, random), random, world);
  }

  async run(count) {
    const heaviest = Math.max(...this.#verbs.map(({ weight }) => weight));
    for (let done = 0; done < count; ) {
      const verb = this.#random.pick(this.#verbs);
      if (this.#random.chance(verb.weight / heaviest)) {
        await this.#one(verb);
        done++;
      }
    }
  }

  async #socket(name) {
    if (!this.#sockets.has(name)) {
      this.#sockets.set(name, await Socket.open(this.#address, this.#world.users[name].token, (event) => this.#event(event)));
    }
    return this.#sockets.get(name);
  }

  #event(event) {
    this.#tally.count(`event ${event.type}`, "event", "seen");
    const message = this.#document.components.messages[`${event.type}_event`];
    const fault = message ? this.#schemas.fault(message.payload, event) : "there is no such event in the description";
    if (fault) {
      this.#tally.failed(event.type, fault, "an event", JSON.stringify(event));
    }
    harvest(this.#world, event.type, event);
  }

  async #one(verb) {
    const user = this.#random.pick(["ada", "ada", "bob", "cleo"]);
    const own = this.#sent.get(user);
    const sent = this.#cases.next(verb, own && this.#random.pick(own));
    let reply;
    try {
      reply = await (await this.#socket(user)).ask(sent.text);
    } catch (fault) {
      this.#sockets.delete(user);
      this.#tally.count(verb.id, sent.expect, "none");
      this.#tally.failed(verb.id, fault.message, sent.how, `as ${user}: ${sent.text}`);
      return;
    }
    this.#tally.count(verb.id, sent.expect, reply.type === "ok" ? "ok" : reply.code);
    this.#faults(sent, reply).forEach((fault) => this.#tally.failed(verb.id, fault, sent.how, `as ${user}: ${sent.text}\n  ${JSON.stringify(reply)}`));
    if (reply.type === "ok") {
      harvest(this.#world, verb.id, reply);
      if (verb.id === "send") {
        const { conversation_id, seq } = reply;
        this.#sent.set(user, [...(this.#sent.get(user) ?? []).slice(-9), { conversation_id, seq }]);
      }
      if (verb.id === "create_group") {
        this.#world.add("group", reply.name);
      }
    }
  }

  #faults({ verb, expect, id }, reply) {
    const faults = [];
    if ((reply.id ?? null) !== (id ?? null)) {
      faults.push(`the reply has the id ${reply.id} in place of ${id}`);
    }
    if (reply.type === "ok") {
      const fault = this.#schemas.fault(verb.reply, reply);
      return [...faults, ...(expect === "refused" ? ["a broken request was answered with ok"] : []), ...(fault ? [`the reply: ${fault}`] : [])];
    }
    const fault = this.#schemas.fault(this.#document.components.messages.error_reply.payload, reply);
    if (fault) {
      faults.push(`the error: ${fault}`);
    }
    if (reply.code === "internal") {
      faults.push("a fault of the server");
    } else if (expect === "valid") {
      if (reply.code === "bad_request" && !isExplained(verb, reply.message)) {
        faults.push(`a valid request was answered with bad_request: ${reply.message}`);
      } else if (!verb.codes.has(reply.code)) {
        faults.push(`the error code ${reply.code} is not listed: ${reply.message}`);
      }
    }
    return faults;
  }

  close() {
    this.#sockets.forEach((socket) => socket.close());
  }
}
