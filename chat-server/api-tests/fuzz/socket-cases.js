import { poolOf } from "./links.js";
import { json } from "./values.js";

/** How often a request is tried, where it is not once as often as others: it takes away what others need, or gives it. */
const WEIGHTS = { send: 4, leave: 0.2, add_members: 2, ban: 0.4, block: 0.4, unblock: 2, remove_contact: 0.4, add_contact: 2, unban: 2, silence: 0.5, set_role: 0.5 };

const ALWAYS = ["rate_limited", "busy", "unavailable"];

/** What no schema says of two fields together, and what has to be new each time. */
const FRESH = { send: "client_message_id", create_group: "client_group_id" };

/** What is done to messages that one has sent oneself. */
const OF_ONES_OWN = new Set(["edit", "delete"]);

/** The requests of the description, each with its schemas and the error codes that its prose lists. */
export function verbsOf(document, schemas) {
  const verbs = Object.entries(document.operations).filter(([, { action }]) => action === "receive");
  const codes = (name) => {
    const errors = /Errors: ([^]*)/.exec(document.operations[name].description)?.[1] ?? "";
    const same = /^as `(\w+)`/.exec(errors)?.[1];
    const never = /never ([^;.]*)/.exec(errors)?.[1] ?? "";
    const listed = [...errors.replace(/never [^;.]*/, "").matchAll(/`(\w+)`/g)].map(([, code]) => code);
    return [...ALWAYS, ...listed, ...(same ? codes(same) : [])].filter((code) => !never.includes(`\`${code}\``));
  };
  const prose = (name) => {
    const { description } = document.operations[name];
    const same = /Errors: as `(\w+)`/.exec(description)?.[1];
    return `${description} ${schemas.prose(document.components.messages[`${name}_request`].payload)} ${same ? prose(same) : ""}`;
  };
  return verbs.map(([name, { reply }]) => ({
    id: name,
    prose: prose(name),
    schema: document.components.messages[`${name}_request`].payload,
    reply: reply.messages.map(({ $ref }) => schemas.resolve(schemas.resolve({ $ref }))).find((message) => message.name === "ok").payload,
    codes: new Set(codes(name)),
    weight: WEIGHTS[name] ?? 1,
  }));
}

export class SocketCases {
  #values;
  #random;
  #world;
  #made = 0;

  constructor(values, random, world) {
    this.#values = values;
    this.#random = random;
    this.#world = world;
  }

  /** `{verb, expect, how, text, id}`, of which the reply has to have this `id`; none if it is undefined. `own` names a message of the user, if there is one. */
  next(verb, own) {
    const known = (name, type) => {
      const pool = poolOf(verb.id, name);
      const value = pool && this.#world.take(pool);
      return type === "string" ? (value === undefined ? undefined : String(value)) : Number.isInteger(value) ? value : undefined;
    };
    const frame = this.#values.valid(verb.schema, known);
    frame.id = this.#random.chance(0.05) ? this.#values.text().slice(0, 30).replace(/[\ud800-\udbff]$/, "") || "1" : `${++this.#made}`;
    if (this.#random.chance(0.05)) {
      delete frame.id;
    }
    if (OF_ONES_OWN.has(verb.id) && this.#random.chance(0.5)) {
      Object.assign(frame, own);
    }
    if (FRESH[verb.id] && this.#random.chance(0.9)) {
      frame[FRESH[verb.id]] = `fresh ${++this.#made}`;
    }
    const dice = this.#random.next();
    if (dice < 0.35) {
      const broken = this.#values.broken(verb.schema, frame);
      if (broken) {
        return { verb, expect: "refused", how: broken.how, text: json(broken.value), id: /^id |129 digits$/.test(broken.how) ? null : frame.id };
      }
    } else if (dice < 0.42) {
      return { verb, ...this.#raw(frame) };
    } else if (dice < 0.5) {
      return { verb, expect: "valid", how: "with a field that is not known", text: json({ ...frame, no_such_field: this.#random.pick([1, null, { a: [] }]) }), id: frame.id };
    }
    return { verb, expect: "valid", how: "as described", text: json(frame), id: frame.id };
  }

  #raw(frame) {
    const rest = json(frame).slice(1);
    const id = frame.id;
    const [how, text, whose] = this.#random.pick([
      ["no JSON", "{", null],
      ["nothing", "", null],
      ["an array", `[${json(frame)}]`, null],
      ["a text", "\"ping\"", null],
      ["nested too deep", `{"a":${"[".repeat(40)}${"]".repeat(40)},${rest}`, null],
      ["with a number of 129 digits", `{"a":${"1".repeat(129)},${rest}`, null],
      ["of an unknown type", json({ ...frame, type: "no_such_type" }), id],
      ["without a type", json({ ...frame, type: undefined }), id],
      ["with an id of 65 characters", json({ ...frame, id: "x".repeat(65) }), null],
      ["with an empty id", json({ ...frame, id: "" }), null],
      ["with an id that is a number", json({ ...frame, id: 7 }), null],
    ]);
    return { expect: "refused", how: `a frame ${how}`, text, id: whose };
  }
}
