import Ajv from "ajv";
import Ajv2020 from "ajv/dist/2020.js";
import addFormats from "ajv-formats";

const ROOT = "description";

/**
 * The schemas of one description: `$ref`s resolved, and validators. Lengths count UTF-16 code units, as the descriptions
 * say, and not code points, as JSON Schema does.
 */
export class Schemas {
  #document;
  #ajv;
  #validators = new Map();

  /** `dialect` is 2020 or 7. */
  constructor(document, dialect) {
    this.#document = document;
    const Dialect = dialect === 2020 ? Ajv2020 : Ajv;
    this.#ajv = new Dialect({ strict: false, allErrors: false, unicode: false, validateFormats: true, logger: false });
    addFormats(this.#ajv);
    this.#ajv.addSchema({ $id: ROOT, components: document.components });
  }

  resolve(node) {
    return node?.$ref ? this.resolve(node.$ref.slice(2).split("/").reduce((at, key) => at[key.replaceAll("~1", "/").replaceAll("~0", "~")], this.#document)) : node;
  }

  /** What is wrong with the value, or null. */
  fault(schema, value) {
    let validate = this.#validators.get(schema);
    if (!validate) {
      validate = this.#ajv.compile(absolute(schema));
      this.#validators.set(schema, validate);
    }
    if (validate(value)) {
      return null;
    }
    const { instancePath, message, params } = validate.errors[0];
    return `${instancePath || "it"} ${message} ${JSON.stringify(params)}`;
  }

  fits(schema, value) {
    return this.fault(schema, value) === null;
  }

  /** Every `description` in a part of the document, and in what it refers to. */
  prose(node, depth = 0) {
    if (node === null || typeof node !== "object" || depth > 12) {
      return "";
    }
    const inside = Object.values(node).map((value) => this.prose(value, depth + 1)).join(" ");
    const referred = typeof node.$ref === "string" ? this.prose(this.resolve(node), depth + 1) : "";
    return [typeof node.description === "string" ? node.description : "", inside, referred].join(" ");
  }

  /** One schema in place of `$ref` and `allOf`; `patterns` and `choices` (of anyOf and oneOf) are lists. */
  flat(schema) {
    const { $ref, allOf, anyOf, oneOf, pattern, ...rest } = schema === true ? {} : schema;
    let flat = { required: [], properties: {}, patterns: pattern ? [pattern] : [], choices: [anyOf, oneOf].filter(Boolean) };
    if ($ref) {
      flat = this.merged(flat, this.flat(this.resolve({ $ref })));
    }
    for (const part of allOf ?? []) {
      flat = this.merged(flat, this.flat(part));
    }
    return this.merged(flat, { ...rest, patterns: [], choices: [] });
  }

  merged(one, other) {
    const properties = { ...one.properties };
    for (const [name, schema] of Object.entries(other.properties ?? {})) {
      properties[name] = properties[name] ? { allOf: [properties[name], schema] } : schema;
    }
    return {
      ...one,
      ...other,
      properties,
      required: [...new Set([...one.required, ...(other.required ?? [])])],
      patterns: [...one.patterns, ...(other.patterns ?? [])],
      choices: [...one.choices, ...(other.choices ?? [])],
    };
  }
}

/** The schema for use outside of its document. */
function absolute(node) {
  if (Array.isArray(node)) {
    return node.map(absolute);
  }
  if (node === null || typeof node !== "object") {
    return node;
  }
  return Object.fromEntries(Object.entries(node).map(([key, value]) => [key, key === "$ref" && typeof value === "string" ? ROOT + value : absolute(value)]));
}
