import { isExplained } from "./exceptions.js";

const ERROR = { $ref: "#/components/schemas/Error" };
const BUSY = 503;

/** What the description has once for all operations. */
const OUTSIDE = new Set([404, 405, 414, 431]);

/** What is wrong with an answer, in sentences; none if it is as described. */
export class RestChecks {
  #schemas;

  constructor(schemas) {
    this.#schemas = schemas;
  }

  faults(sent, answer) {
    const { operation, expect, request } = sent;
    const { status } = answer;
    if (status >= 500 && !(status === BUSY && operation.responses[BUSY])) {
      return [`a fault of the server: ${status}`];
    }
    if (status === BUSY) {
      return this.#description(operation, request, answer);
    }
    return [...this.#expectation(sent, answer), ...(OUTSIDE.has(expect) ? this.#outside(expect, operation, answer) : this.#description(operation, request, answer))];
  }

  #expectation({ operation, expect, how, request }, { status, body }) {
    if (expect === "refused") {
      return status < 400 ? [`a broken request was answered with ${status}: ${how}`] : [];
    }
    if (expect === "valid" && request.method !== "HEAD") {
      const wrong = [400, 405, 413, 414, 415].includes(status) && !isExplained(operation, message(body));
      return wrong ? [`a valid request was answered with ${status}: ${message(body)}`] : [];
    }
    return status === expect || expect === "valid" ? [] : [`${how}: ${expect} was expected, not ${status}`];
  }

  /** Answers that the description has for all operations at once. */
  #outside(status, operation, answer) {
    const faults = this.#schema("the error", ERROR, answer.body);
    if (status === 405 && !answer.headers.allow?.includes(operation.method)) {
      faults.push(`405 without an Allow that names ${operation.method}`);
    }
    return faults;
  }

  #description(operation, request, { status, headers, body }) {
    const response = this.#schemas.resolve(operation.responses[status]);
    if (!response) {
      return [`the status ${status} is not described: ${message(body)}`];
    }
    const faults = this.#headers(response, headers, status);
    if (!response.content) {
      return body.length ? [...faults, `${status} has a body`] : faults;
    }
    const type = (headers["content-type"] ?? "").replace(/;.*/, "").trim();
    const content = response.content[type] ?? response.content["*/*"];
    if (!content) {
      return [...faults, `${status} is ${type || "without a type"}, which is not described`];
    }
    if (request.method === "HEAD") {
      return body.length ? [...faults, "the answer to HEAD has a body"] : faults;
    }
    return type === "application/json" && !response.content["*/*"] ? [...faults, ...this.#schema(`the body of ${status}`, content.schema, body)] : faults;
  }

  #headers(response, headers, status) {
    return Object.entries(response.headers ?? {}).flatMap(([name, header]) => {
      const { required, schema } = this.#schemas.resolve(header);
      const value = headers[name.toLowerCase()];
      if (value === undefined) {
        return required ? [`${status} has no header ${name}`] : [];
      }
      const fault = this.#schemas.fault(schema, schema.type === "integer" ? Number(value) : value);
      return fault ? [`the header ${name} of ${status}: ${fault}`] : [];
    });
  }

  #schema(what, schema, body) {
    let value;
    try {
      value = JSON.parse(body.toString());
    } catch {
      return [`${what} is no JSON`];
    }
    const fault = this.#schemas.fault(schema, value);
    return fault ? [`${what}: ${fault} in ${JSON.stringify(value).slice(0, 300)}`] : [];
  }
}

function message(body) {
  try {
    return JSON.parse(body.toString()).error.message;
  } catch {
    return body.toString().slice(0, 200);
  }
}
