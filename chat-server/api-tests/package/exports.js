// Run where the packed client is installed: what each entry exports is what its types declare, and nothing else.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import ts from "typescript";

/** The public names of a module or a class in a .d.ts that are there when it runs. */
function declared(nodes) {
  return nodes.flatMap((node) => {
    if (ts.isClassDeclaration(node)) return [[node.name.text, declared([...node.members])]];
    if (ts.isFunctionDeclaration(node) || ts.isMethodDeclaration(node) || ts.isGetAccessor(node)) return [[node.name.text, []]];
    return [];
  });
}

const methods = (made) => Object.getOwnPropertyNames(made.prototype ?? {}).filter((name) => name !== "constructor");

/** Of a class and those that it extends. */
function allMethods(made) {
  const all = [];
  for (let one = made; one !== EventTarget && one !== Error && one.prototype; one = Object.getPrototypeOf(one)) all.push(...methods(one));
  return new Set(all);
}

const folder = new URL("../", import.meta.resolve("@chat-engine/client/server"));
const { exports } = JSON.parse(await readFile(new URL("package.json", folder), "utf8"));
const inherited = new Set();
for (const [entry, { types }] of Object.entries(exports)) {
  if (!types) continue;
  const module = await import(`@chat-engine/client${entry.slice(1)}`);
  const text = await readFile(new URL(types, folder), "utf8");
  const names = declared([...ts.createSourceFile(types, text, ts.ScriptTarget.Latest).statements]);
  for (const [name, members] of names) {
    assert.ok(name in module, `${entry} has no ${name}`);
    const own = new Set(members.map(([member]) => member).filter((member) => !(member in EventTarget.prototype)));
    for (const member of own) assert.ok(allMethods(module[name]).has(member), `${entry}: ${name} has no ${member}`);
    if (typeof module[name] === "function" && members.length > 0) {
      own.forEach((member) => inherited.add(member));
      for (const member of allMethods(module[name])) assert.ok(inherited.has(member), `${entry}: the types have no ${name}.${member}`);
    }
  }
  if (entry !== "./server") assert.deepEqual(Object.keys(module).sort(), names.map(([name]) => name).sort(), `what ${entry} exports`);
}
