import { Texts } from "./texts.js";

const TRIES = 60;
const MOST_INTEGER = Number.MAX_SAFE_INTEGER;
const RAW = /"raw:([^"]+)"/g;

/** JSON of a value in which `raw:` begins what stands for itself, such as a number that JavaScript does not have. */
export function json(value) {
  return JSON.stringify(value).replace(RAW, "$1");
}

/**
 * Values that fit a schema, and values that miss it in one place. `known(name)` gives a value that earlier answers had
 * for a field of this name, or undefined.
 */
export class Values {
  #schemas;
  #random;
  #texts;

  #longest;

  /** `longest` is the length of texts that may have any. */
  constructor(schemas, random, longest = 3000) {
    this.#schemas = schemas;
    this.#longest = longest;
    this.#random = random;
    this.#texts = new Texts(random);
  }

  valid(schema, known, name = "") {
    for (let optional = this.#random.pick([0.1, 0.2, 0.5]), tries = 0; tries < TRIES; tries++, optional = tries > TRIES / 2 ? 0 : optional) {
      const value = this.#value(schema, known, name, optional);
      if (value !== undefined && this.#schemas.fits(schema, value)) {
        return value;
      }
    }
    throw new Error(`no value found for ${name}: ${JSON.stringify(schema)}`);
  }

  #value(schema, known, name, optional) {
    let flat = this.#schemas.flat(schema);
    for (const choice of flat.choices) {
      const branch = this.#schemas.flat(this.#random.pick(choice));
      flat = this.#schemas.merged(flat, branch);
      if (branch.choices.length) {
        return this.#value({ ...branch, anyOf: branch.choices[0] }, known, name, optional);
      }
    }
    if ("const" in flat) {
      return flat.const;
    }
    if (flat.enum) {
      return this.#random.pick(flat.enum);
    }
    const types = [flat.type ?? implied(flat)].flat();
    const some = types.filter((one) => one !== "null");
    const type = types.length > some.length && this.#random.chance(0.15) ? "null" : this.#random.pick(some);
    const given = type !== "object" && type !== "array" && type !== "null" && this.#random.chance(0.85) ? known(name, type) : undefined;
    return given !== undefined ? given : this.#made(type, flat, known, name, optional);
  }

  #made(type, flat, known, name, optional) {
    const random = this.#random;
    switch (type) {
      case "null":
        return null;
      case "boolean":
        return random.chance(0.5);
      case "integer":
        return this.#integer(flat);
      case "number":
        return this.#integer(flat) + (random.chance(0.5) ? 0.5 : 0);
      case "string":
        return this.#string(flat);
      case "array": {
        const least = flat.minItems ?? 0;
        const count = random.between(least, Math.min(flat.maxItems ?? 4, Math.max(least, 4)));
        const items = Array.from({ length: count }, () => this.#value(flat.items ?? {}, known, name, optional));
        return flat.uniqueItems ? [...new Set(items)] : items;
      }
      default:
        return this.#object(flat, known, optional);
    }
  }

  #object(flat, known, optional) {
    const value = {};
    for (const [name, schema] of Object.entries(flat.properties)) {
      if (flat.required.includes(name) || this.#random.chance(optional)) {
        value[name] = this.#value(schema, known, name, optional);
      }
    }
    if (flat.propertyNames && flat.additionalProperties) {
      for (let more = this.#random.below(3); more > 0; more--) {
        value[this.#value(flat.propertyNames, known, "key", optional)] = this.#value(flat.additionalProperties, known, "", optional);
      }
    } else if (Object.keys(flat.properties).length === 0 && flat.additionalProperties !== false) {
      for (let more = this.#random.below(3); more > 0; more--) {
        value[this.#texts.any()] = this.#random.pick([this.#texts.any(), this.#random.below(1e6), 1.5, true, null, [1, "x"], { a: [] }]);
      }
    }
    return value;
  }

  #integer(flat) {
    const least = flat.minimum ?? 0;
    const most = flat.maximum ?? MOST_INTEGER;
    return this.#random.pick([least, Math.min(most, least + 1), Math.min(most, this.#random.between(least, least + 50)), most]);
  }

  #string(flat) {
    const random = this.#random;
    switch (flat.format) {
      case "date-time":
        return this.time();
      case "uuid":
        return `${this.#hex(8)}-${this.#hex(4)}-4${this.#hex(3)}-a${this.#hex(3)}-${this.#hex(12)}`;
      default:
    }
    const least = flat.minLength ?? 0;
    const most = Math.min(flat.maxLength ?? Infinity, this.#longest);
    const fits = (text) => text.length >= least && text.length <= most && flat.patterns.every((pattern) => new RegExp(pattern, "u").test(text));
    for (let tries = 0; tries < TRIES; tries++) {
      let text = flat.patterns.length && random.chance(0.7) ? this.#texts.matching(random.pick(flat.patterns)) : this.#texts.any();
      if (text && random.chance(0.08)) {
        text = text.repeat(Math.ceil(most / text.length)).slice(0, most).replace(/[\ud800-\udbff]$/, "x"); // as long as can be
      }
      if (least === 0 && random.chance(0.03)) {
        text = "";
      }
      if (fits(text)) {
        return text;
      }
    }
    return undefined;
  }

  #hex(digits) {
    return Array.from({ length: digits }, () => this.#random.below(16).toString(16)).join("");
  }

  /** Years ahead, in one of the ways in which RFC 3339 may be written. */
  time() {
    const day = `${this.#random.between(2100, 2400)}-0${this.#random.between(1, 9)}-${this.#random.between(10, 28)}T1${this.#random.below(10)}:30:00`;
    return day + this.#random.pick(["Z", ".000Z", ".123Z", "+01:00", ".5-11:30", ".000Z", ".000Z"]);
  }

  text() {
    return this.#texts.any();
  }


  // ---- parameters, which are texts

  /** A text that stands for no value that fits, or null if each does. */
  brokenText(schema) {
    const flat = this.#schemas.flat(schema);
    const numbers = ["-1", "0", "1.5", "0050", "+5", String((flat.maximum ?? 0) + 1), "9223372036854775808", "1".repeat(200), "true", "null", "\u0665", "5 "];
    const texts = ["\u202e", "a\u0007", " ", "x".repeat((flat.maxLength ?? 400) + 1), "-1", "01", "no such thing", "9223372036854775808", "10000000000000000000", "\u{1f600}"];
    const wrong = (flat.type === "string" ? texts : numbers).filter((text) => !this.#schemas.fits(schema, this.#read(flat, text)));
    return wrong.length ? this.#random.pick(wrong) : null;
  }

  #read(flat, text) {
    if (flat.type === "integer") {
      return /^(0|-?[1-9]\d{0,18})$/.test(text) ? Number(text) : text;
    }
    return flat.type === "boolean" && ["true", "false"].includes(text) ? text === "true" : text;
  }
  // ---- one place broken

  /** `{value, how}`, or null if there is nothing to break. The given value is left as it is. */
  broken(schema, value) {
    for (let tries = 0; tries < TRIES; tries++) {
      const copy = { root: structuredClone(value) };
      const place = this.#random.pick(this.#places(schema, copy, "root", false));
      const [how, change, anyway] = this.#random.pick(this.#breaks(place));
      if (change === undefined) {
        delete place.parent[place.key];
      } else {
        place.parent[place.key] = change;
      }
      if (anyway || !this.#schemas.fits(schema, copy.root)) {
        return { value: copy.root, how: `${place.path || "the whole"} ${how}` };
      }
    }
    return null;
  }

  #places(schema, parent, key, required, path = "") {
    const value = parent[key];
    let flat = this.#schemas.flat(schema);
    for (const choice of flat.choices) {
      const branch = choice.find((one) => this.#schemas.fits(one, value)) ?? choice[0];
      flat = this.#schemas.merged(flat, this.#schemas.flat(branch));
    }
    const places = path || typeof value !== "object" ? [{ parent, key, required, flat, path }] : [];
    if (Array.isArray(value)) {
      value.forEach((_, index) => places.push(...this.#places(flat.items ?? {}, value, index, true, `${path}[${index}]`)));
    } else if (value !== null && typeof value === "object") {
      for (const name of Object.keys(value)) {
        const inside = flat.properties[name] ?? flat.additionalProperties;
        if (inside && name !== "__proto__") {
          places.push(...this.#places(inside === true ? {} : inside, value, name, flat.required.includes(name), path ? `${path}.${name}` : name));
        }
      }
    }
    return places.length ? places : [{ parent, key, required, flat, path }];
  }

  #breaks({ parent, key, required, flat }) {
    const value = parent[key];
    const breaks = [];
    if (required && !Array.isArray(parent)) {
      breaks.push(["is missing", undefined], ["is null", null]);
    }
    for (const other of [17, "seventeen", true, [], ["x"], { a: 1 }, 1.5]) {
      if (typeof other !== typeof value || Array.isArray(other) !== Array.isArray(value)) {
        breaks.push([`is ${JSON.stringify(other)}`, other]);
      }
    }
    if (typeof value === "string") {
      breaks.push(["has half a character", `${value}\ud83d`, true], ["has U+0000", `a\0${value}`, true]);
      breaks.push(["is empty", ""], ["is blank", " \t\n"], ["has a control character", `${value}\u0007`], ["turns its direction", `\u202e${value}`]);
      breaks.push(["is no time", "2026-02-30T12:00:00Z"], ["is a word", "none of these"], ["is negative", "-1"], ["begins with 0", `0${value}`], ["is beyond 63 bits", "9223372036854775808"], ["has twenty digits", "10000000000000000000"]);
      if (flat.maxLength) {
        breaks.push(["is too long by one", "x".repeat(flat.maxLength + 1)], ["is far too long", "\u00e9".repeat(flat.maxLength * 20)]);
      }
    } else if (typeof value === "number") {
      breaks.push(["is below the least", (flat.minimum ?? 0) - 1], ["is above the most", (flat.maximum ?? NaN) + 1]);
      breaks.push(["is 1e400", "raw:1e400", true], ["is 10^30", `raw:1${"0".repeat(30)}`, true], ["has 129 digits", `raw:1${"0".repeat(128)}`, true], ["is 2^63", "raw:9223372036854775808", true], ["is -0.1", -0.1]);
    } else if (Array.isArray(value)) {
      breaks.push(["has too many", Array.from({ length: (flat.maxItems ?? 0) + 1 }, (_, index) => value[0] ?? `x${index}`)], ["has too few", value.slice(0, Math.max(0, (flat.minItems ?? 0) - 1))]);
      breaks.push(["repeats", [...value, ...value]], ["has a null", [...value, null]], ["has a number", [...value, 5]]);
    }
    return breaks.filter(([, change]) => change === undefined || change === null || !Number.isNaN(change));
  }
}

function implied(flat) {
  if (flat.items) {
    return "array";
  }
  return flat.patterns.length || flat.minLength || flat.maxLength || flat.format ? "string" : "object";
}
