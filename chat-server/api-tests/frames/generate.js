// Makes TypeScript types of the messages that asyncapi.yaml describes: generated/asyncapi.d.ts, of the bundled generated/asyncapi.json.
import { readFile, writeFile } from "node:fs/promises";
import openapiTS, { astToString } from "openapi-typescript";

const SHAPES = ["$ref", "type", "const", "enum"];

/** The schema without the parts that only restrict it (`not`, `pattern`, one of these has to be there): TypeScript can say none of them. */
function shape(schema) {
  if (Array.isArray(schema)) return schema.map(shape);
  if (schema === null || typeof schema !== "object") return schema;
  const { not, required = [], ...rest } = Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, shape(value)]));
  for (const key of ["anyOf", "oneOf", "allOf"]) {
    if (!Array.isArray(rest[key])) continue;
    if (key === "allOf") required.push(...rest[key].filter((part) => !hasShape(part)).flatMap((part) => part.required ?? []));
    rest[key] = rest[key].filter(hasShape);
    if (rest[key].length === 0) delete rest[key];
  }
  return required.length === 0 ? rest : { ...rest, required };
}

const hasShape = (schema) => SHAPES.some((key) => key in schema);

const generated = new URL("../generated/", import.meta.url);
const { components, info } = JSON.parse(await readFile(new URL("asyncapi.json", generated), "utf8"));
const payloads = Object.entries(components.messages).map(([name, { payload }]) => [name, payload]);
const schemas = Object.entries({ ...components.schemas, ...Object.fromEntries(payloads) }).map(([name, schema]) => [name, shape(schema)]);
const types = await openapiTS(
  { openapi: "3.1.0", info, paths: {}, components: { schemas: Object.fromEntries(schemas) } },
  { emptyObjectsUnknown: true, defaultNonNullable: false },
);
await writeFile(new URL("asyncapi.d.ts", generated), astToString(types));
