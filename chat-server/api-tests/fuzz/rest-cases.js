import { createECDH, randomBytes } from "node:crypto";
import { poolOf } from "./links.js";
import { json } from "./values.js";

const METHODS = ["get", "post", "put", "delete"];
const TOO_LONG = 256 * 1024;
const FORM = "application/x-www-form-urlencoded";
const JSON_TYPE = "application/json";

/** How often an operation is tried, where it is not once as often as others: it hashes a password, waits, or always says the same. */
const WEIGHTS = {
  register: 0.4, logIn: 0.4, changePassword: 0.3, eraseAccount: 0.3, resetPassword: 0.3, adminConnections: 0.04,
  alive: 0.2, ready: 0.2, metrics: 0.2, webSocketAddress: 0.2, openapi: 0.1, asyncapi: 0.1, pushKey: 0.2,
};

/** Done to oneself, it ends what others go on with: only guests do it. */
const BY_GUESTS = new Set(["eraseAccount", "changePassword", "endLogin"]);

/** As a browser makes them. */
function subscription() {
  const keys = createECDH("prime256v1");
  return { endpoint: "https://127.0.0.1:9/send/1", keys: { p256dh: keys.generateKeys().toString("base64url"), auth: randomBytes(16).toString("base64url") } };
}

/** What goes together, which no schema can say. */
const TOGETHER = {
  logIn: ({ guest }) => ({ body: { email: guest.email, password: guest.password } }),
  changePassword: ({ guest }) => ({ body: { old_password: guest.password } }),
  eraseAccount: ({ guest }) => ({ body: { password: guest.password } }),
  refresh: ({ guest }) => ({ body: { refresh_token: guest.refresh } }),
  logOut: ({ guest }) => ({ body: { refresh_token: guest.refresh } }),
  registerDevice: () => ({ body: { kind: "webpush", token: subscription() } }),
  addMembers: ({ kept, friend }) => ({ body: { name: kept, members: [friend] } }),
  removeMembers: ({ kept, friend }) => ({ body: { name: kept, members: [friend] } }),
  endLogin: ({ guest }) => ({ path: { id: guest.login } }),
};

export function operationsOf(document, schemas) {
  return Object.entries(document.paths).flatMap(([path, item]) =>
    METHODS.filter((method) => item[method]).map((method) => {
      const operation = item[method];
      const content = operation.requestBody?.content ?? {};
      return {
        id: operation.operationId,
        prose: schemas.prose(operation),
        method: method.toUpperCase(),
        path,
        parameters: [...(item.parameters ?? []), ...(operation.parameters ?? [])].map((one) => schemas.resolve(one)),
        body: content[JSON_TYPE]?.schema,
        bytes: Boolean(content["application/octet-stream"]),
        open: operation.security?.length === 0,
        admin: path.startsWith("/v1/admin/"),
        responses: operation.responses,
        weight: WEIGHTS[operation.operationId] ?? 1,
      };
    }));
}

/** Requests of one operation: some as described, some broken in one place. */
export class RestCases {
  #values;
  #random;
  #world;

  constructor(values, random, world) {
    this.#values = values;
    this.#random = random;
    this.#world = world;
  }

  /**
   * `{operation, expect, how, request, actor, guest}`; `expect` is `valid`, `refused`, or a status.
   */
  next(operation) {
    const draft = this.#draft(operation);
    const dice = this.#random.next();
    if (dice < 0.45) {
      this.#adorn(draft);
    } else if (dice < 0.8 && (operation.body || operation.parameters.length)) {
      this.#break(draft);
    } else if (dice < 0.88 && operation.body) {
      this.#breakBody(draft);
    } else if (dice < 0.95 && !operation.open) {
      this.#breakAuthorization(draft);
    } else if (dice < 0.97) {
      this.#breakAddress(draft);
    } else {
      this.#adorn(draft);
    }
    return finished(draft);
  }

  #draft(operation) {
    const known = (name, type) => {
      const pool = poolOf(operation.id, name);
      const value = pool === "guest" ? this.#world.guest()?.username : pool && this.#world.take(pool);
      return type === "string" ? (value === undefined ? undefined : String(value)) : Number.isInteger(value) ? value : undefined;
    };
    const world = this.#world;
    const guest = world.guest();
    const actor = BY_GUESTS.has(operation.id) ? guest : operation.admin ? world.users.admin : this.#random.pick([world.users.ada, world.users.ada, world.users.bob, world.users.cleo]);
    const draft = { operation, expect: "valid", how: "as described", actor, guest, path: {}, query: [], headers: {}, suffix: "", body: undefined };
    for (const parameter of operation.parameters) {
      const value = () => this.#values.valid(parameter.schema, known, parameter.name);
      if (parameter.in === "path") {
        do {
          draft.path[parameter.name] = value();
        } while (["", ".", ".."].includes(draft.path[parameter.name])); // which no path can have
      } else if (parameter.in === "query" && (parameter.required || this.#random.chance(0.4))) {
        draft.query.push([parameter.name, value()]);
      }
    }
    if (operation.body) {
      draft.body = this.#values.valid(operation.body, known);
    } else if (operation.bytes) {
      draft.bytes = Buffer.from(this.#values.text());
    }
    const together = TOGETHER[operation.id];
    if (together && this.#random.chance(0.75)) {
      const { body, path } = together({ guest, kept: world.keptGroup, friend: this.#random.pick([world.users.bob, world.users.cleo]).username });
      Object.assign(draft.path, path);
      draft.body = body ? { ...draft.body, ...body } : draft.body;
    }
    if (operation.open ? this.#random.chance(0.1) : true) {
      draft.headers.Authorization = `Bearer ${actor.token}`;
    }
    return draft;
  }

  /** What makes no difference. */
  #adorn(draft) {
    const { operation } = draft;
    this.#random.pick([
      () => {},
      () => {},
      () => (draft.suffix = "/"),
      () => draft.query.push(["no_such_parameter", this.#values.text()]),
      () => draft.query.push(...draft.query.slice(0, 1).map(([name]) => [name, "of two the first counts"])),
      () => (draft.contentType = this.#random.pick(["text/plain", operation.bytes ? "image/png" : FORM, "application/json; charset=utf-8", "no type"])),
      () => operation.body && (draft.body = { ...draft.body, no_such_field: this.#random.pick([1, "x", null, { a: [] }]) }),
      () => operation.body && this.#nulls(draft),
      () => (draft.headers["Accept-Encoding"] = "gzip"),
      () => operation.method === "GET" && (draft.method = "HEAD"),
      () => Object.assign(draft.headers, { "X-Odd": "\u00e9".repeat(20), "If-None-Match": "\"no\", W/\"tag\"", "Accept-Language": "*;q=0.5" }),
      () => operation.id === "downloadFile" && (draft.headers.Range = this.#random.pick(["bytes=0-1", "bytes=-2", "bytes=1-", "bytes=5-4", "bytes=a-b", "lines=1-2", "bytes=999999999-"])),
    ])();
  }

  /** A field that is null counts as missing. */
  #nulls(draft) {
    const optional = Object.keys(draft.operation.body.properties ?? {}).filter((name) => !(name in draft.body));
    if (optional.length) {
      draft.body = { ...draft.body, [this.#random.pick(optional)]: null };
    }
  }

  #break(draft) {
    const { operation } = draft;
    const parameters = operation.parameters.filter(({ in: where, name }) => where === "path" || draft.query.some(([given]) => given === name));
    if (operation.body && (parameters.length === 0 || this.#random.chance(0.7))) {
      const broken = this.#values.broken(operation.body, draft.body);
      if (broken) {
        Object.assign(draft, { body: broken.value, how: `the body: ${broken.how}`, expect: "refused" });
      }
    } else if (parameters.length) {
      this.#breakParameter(draft, this.#random.pick(parameters));
    }
  }

  #breakParameter(draft, { name, in: where, schema, required }) {
    const wrong = this.#values.brokenText(schema);
    const breaks = wrong === null ? [] : [["is", encodeURIComponent(wrong)]];
    breaks.push(["has a broken escape", "%zz"], ["has half an escape", "a%2"], ["has U+0000", "a%00"]);
    if (where === "query" && required) {
      breaks.push(["is missing", undefined]);
    }
    if (schema.type !== "string" && !schema.$ref) {
      breaks.push(["is", "abc"], ["is", "1e3"], ["is", "%20"], ["is", "99999999999999999999"]);
      if (where === "query") {
        breaks.push(["is", ""]);
      }
    }
    const [how, value] = this.#random.pick(breaks);
    Object.assign(draft, { how: `${name} in the ${where} ${how} ${value ?? ""}`, expect: "refused" });
    if (where === "path") {
      draft.path[name] = { raw: value };
    } else {
      draft.query = draft.query.filter(([given]) => given !== name).concat(value === undefined ? [] : [[name, { raw: value }]]);
    }
  }

  #breakBody(draft) {
    const text = json(draft.body);
    const [how, body] = this.#random.pick([
      ["is empty", ""],
      ["is cut", text.slice(0, -1)],
      ["goes on", `${text}x`],
      ["is an array", `[${text}]`],
      ["is a text", "\"text\""],
      ["is null", "null"],
      ["is no UTF-8", Buffer.concat([Buffer.from(`{"a":"`), Buffer.from([0xc3, 0x28]), Buffer.from(`",${text.slice(1)}`)])],
      ["is nested too deep", `{"a":${"[".repeat(40)}${"]".repeat(40)},${text.slice(1)}`],
      ["has a number of 129 digits", `{"a":${"1".repeat(129)},${text.slice(1)}`],
      ["is too long", `{"a":"${"x".repeat(TOO_LONG)}"${text === "{}" ? "" : ","}${text.slice(1)}`],
      ["has a comma too many", text.replace("{", "{,")],
      ["is a form", "a=b&c=d"],
    ]);
    Object.assign(draft, { text: body, how: `the body ${how}`, expect: how === "is too long" ? 413 : "refused" });
    if (text === "{}" && /,\}$/.test(String(body))) {
      draft.text = "{,}";
    }
  }

  #breakAuthorization(draft) {
    const { ada, bob, sue } = this.#world.users;
    const token = draft.headers.Authorization.slice("Bearer ".length);
    const [how, header, status] = this.#random.pick([
      ["nobody", undefined, 401],
      ["a token without its end", `Bearer ${token.slice(0, -4)}`, 401],
      ["another scheme", `Basic ${token}`, 401],
      ["no token", "Bearer ", 401],
      ["two tokens", `Bearer ${token} ${token}`, 401],
      ["one who is suspended", `Bearer ${sue.token}`, 403],
      ["letters of another alphabet", "Bearer \u00e9\u00e8", 401],
      ["a token of somebody else", `Bearer ${token.replace(/\..*\./, ".eyJzdWIiOiIxIn0.")}`, 401],
      ...(draft.operation.admin ? [["no administrator", `Bearer ${this.#random.pick([ada, bob]).token}`, 403]] : []),
    ]);
    Object.assign(draft, { how, expect: status });
    if (header === undefined) {
      delete draft.headers.Authorization;
    } else {
      draft.headers.Authorization = header;
    }
  }

  #breakAddress(draft) {
    this.#random.pick([
      () => Object.assign(draft, { method: "PATCH", how: "another method", expect: 405 }),
      () => Object.assign(draft, { suffix: "/no/such/path", how: "another path", expect: 404 }),
      () => draft.operation.bytes && Object.assign(draft, { contentType: FORM, how: "a form", expect: 415 }),
      () => Object.assign(draft, { query: [...draft.query, ["long", "x".repeat(9000)]], how: "an address of more than 8 KiB", expect: 414 }),
      () => Object.assign(draft, { headers: { ...draft.headers, "X-Long": "x".repeat(9000) }, how: "headers of more than 8 KiB", expect: 431 }),
    ])();
  }
}

function finished(draft) {
  const { operation, expect, how, actor, guest } = draft;
  const escaped = (value) => (value?.raw === undefined ? encodeURIComponent(value) : value.raw);
  const path = operation.path.replace(/\{(\w+)\}/g, (_, name) => escaped(draft.path[name]));
  const query = draft.query.map(([name, value]) => `${encodeURIComponent(name)}=${escaped(value)}`).join("&");
  const headers = { ...draft.headers };
  let body = draft.text ?? draft.bytes;
  if (draft.body !== undefined && body === undefined) {
    body = json(draft.body);
  }
  if (body !== undefined) {
    headers["Content-Type"] = draft.contentType ?? (operation.bytes ? "application/octet-stream" : JSON_TYPE);
  }
  const target = path + draft.suffix + (query ? `?${query}` : "");
  return { operation, expect, how, actor, guest, sent: draft.body, request: { method: draft.method ?? operation.method, target, headers, body } };
}
