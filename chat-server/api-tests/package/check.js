// Packs the JavaScript client as it would be published, installs the package in an empty folder, and uses it there: generated/package.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const here = fileURLToPath(new URL(".", import.meta.url));
const tools = join(here, "../node_modules");
const source = join(here, "../../../chat-engine/src/main/resources/META-INF/resources/webjars/chat-engine");
const target = join(here, "../generated/package");

const run = (program, args, cwd = target) => execFileSync(program, args, { cwd, encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] });

rmSync(target, { recursive: true, force: true });
mkdirSync(target, { recursive: true });

const [{ filename, files }] = JSON.parse(run("npm", ["pack", "--json", "--pack-destination", target], source));
const all = readdirSync(source, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
assert.deepEqual(files.map(({ path }) => path).sort(), all.map(({ name, parentPath, path }) => join(parentPath ?? path, name).slice(source.length + 1)).sort());

writeFileSync(join(target, "package.json"), JSON.stringify({ private: true, type: "module" }));
run("npm", ["install", "--offline", "--ignore-scripts", "--no-audit", "--no-fund", filename]);
assert.deepEqual(readdirSync(join(target, "node_modules")).filter((name) => !name.startsWith(".")), ["@chat-engine"], "it needs nothing else");

symlinkSync(join(tools, "typescript"), join(target, "node_modules/typescript"));
copyFileSync(join(here, "exports.js"), join(target, "exports.js"));
run("node", ["exports.js"]);

const example = /```js\n([\s\S]*?)```/.exec(readFileSync(join(source, "README.md"), "utf8"))[1];
writeFileSync(join(target, "readme.js"), example.replace("http://127.0.0.1:8080", '" + process.argv[2] + "')); // run by `npm run live`
writeFileSync(join(target, "readme.ts"), example.replaceAll("(username)", "(username: string)"));
for (const name of ["program.ts", "tsconfig.json"]) copyFileSync(join(here, name), join(target, name));
try {
  run(join(tools, ".bin/tsc"), ["--project", "."]);
} catch (error) {
  console.error(error.stdout);
  process.exit(1);
}
console.log(`The package of the client has ${files.length} files; it installs, runs and compiles`);
