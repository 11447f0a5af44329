// Runs client-tests.js in Node: node in-node.js [words of a test's name]. One line for each test, and 1 as the exit code if one fails.

import { readFile } from "node:fs/promises";

const page = new EventTarget(); // a page has these; Node does not
Object.assign(globalThis, {
  window: page,
  location: { href: "http://127.0.0.1/" },
  addEventListener: page.addEventListener.bind(page),
  removeEventListener: page.removeEventListener.bind(page),
});
const folder = new URL("..", import.meta.url);
globalThis.fetch = async (path) => ({ text: () => readFile(new URL(`.${path}`, folder), "utf8") });

process.on("unhandledRejection", (error) => {
  if (error?.name !== "ChatError") throw error; // tests that watch events leave promises alone
});

const { run, tests } = await import("./client-tests.js");
const words = process.argv.slice(2).join(" ");
for (const name of Object.keys(tests).filter((one) => one.includes(words))) {
  try {
    await run(name);
    console.log(`ok ${name}`);
  } catch (error) {
    process.exitCode = 1;
    console.log(`not ok ${name}: ${error.stack ?? error}`.replaceAll("\n", " | "));
  }
}
