/** An AsyncAPI description, as a reader wants to see it. */
export class Description {
  #document;

  constructor(document) {
    this.#document = document;
  }

  get title() {
    return this.#document.info.title;
  }

  get text() {
    return this.#document.info.description;
  }

  /** The tags in their order: { name, description, operations }. */
  get tags() {
    return this.#document.info.tags.map(({ name, description }) => ({
      name, description, operations: this.#operations.filter((one) => one.tag === name),
    }));
  }

  get #operations() {
    return Object.entries(this.#document.operations).map(([id, { action, summary, description, tags, messages, reply }]) => ({
      id, summary, description, tag: tags[0].name,
      isEvent: action === "send", // sent without being asked for
      messages: messages.map((one) => this.#message(one)),
      replies: (reply?.messages ?? []).map((one) => this.#message(one)),
    }));
  }

  #message(reference) {
    const { name, payload, examples = [] } = this.#resolved(reference);
    return { name, fields: this.fields(payload), examples: examples.map((one) => one.payload) };
  }

  /** The fields of an object: { name, type, isRequired, description, fields of objects in it }. */
  fields(schema, depth = 0) {
    const { properties = {}, required = [] } = this.#resolved(schema);
    return Object.entries(properties).map(([name, property]) => {
      const one = this.#resolved(property);
      const inner = one.type === "array" && one.items ? this.#resolved(one.items) : one;
      return {
        name,
        type: this.#type(one),
        isRequired: required.includes(name),
        description: property.description ?? one.description ?? "",
        fields: depth < 3 ? this.fields(inner, depth + 1) : [],
      };
    });
  }

  #type(schema) {
    const { type, const: constant, enum: values, items } = schema;
    if (constant !== undefined) return JSON.stringify(constant);
    if (values) return values.map((value) => JSON.stringify(value)).join(" or ");
    if (type === "array" && items) return `array of ${this.#type(this.#resolved(items))}`;
    return [type].flat().filter(Boolean).join(" or ") || "any";
  }

  #resolved(schema) {
    let one = schema;
    while (one?.$ref) one = one.$ref.slice(2).split("/").reduce((part, key) => part[key.replaceAll("~1", "/")], this.#document);
    return one ?? {};
  }
}
