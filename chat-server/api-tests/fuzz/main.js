import { readFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { newWorld } from "./cast.js";
import { FALSIFIED_REST, FALSIFIED_SOCKET } from "./falsified.js";
import { Http } from "./http.js";
import { Random } from "./random.js";
import { RestRow } from "./rest.js";
import { operationsOf } from "./rest-cases.js";
import { Schemas } from "./schemas.js";
import { Server } from "./server.js";
import { verbsOf } from "./socket-cases.js";
import { SocketRow } from "./socket-row.js";
import { Tally } from "./tally.js";

const ROWS = 8;
const ENOUGH_FOR_ALL = 5000;
const TRIES_OF_A_FALSE_ONE = 40; // at once
const MOST_ROUNDS = 20;

const { values: options } = parseArgs({
  options: {
    seed: { type: "string", default: String(Math.floor(Math.random() * 1e9)) },
    cases: { type: "string", default: "10000" },
    frames: { type: "string", default: "6000" },
    only: { type: "string" },
    jar: { type: "string", default: "../target/chat-server.jar" },
    base: { type: "string" },
    socket: { type: "string" },
    data: { type: "string" },
    "no-self-test": { type: "boolean", default: false },
  },
});

async function description(name) {
  return JSON.parse(await readFile(new URL(`../generated/${name}.json`, import.meta.url), "utf8"));
}

/** One for each row of cases; the first administrator makes the others. */
async function newWorlds(server, http) {
  const worlds = [];
  for (let row = 0; row < ROWS; row++) {
    const first = worlds[0]?.users.admin;
    const name = options.base ? `${row}-${Date.now().toString(36)}` : `row${row}`;
    worlds.push(await newWorld(http, new Random(`${options.seed}/world/${row}`), name, (username) =>
      first ? http.json("PUT", `/v1/admin/users/${username}/administrator`, first.token) : server.makeAdministrator(username)));
  }
  return worlds;
}

async function rest(http, worlds, document, cases, only, salt = "") {
  const tally = new Tally();
  const schemas = new Schemas(document, 2020);
  await Promise.all(worlds.map((world, row) =>
    new RestRow({ document, schemas, http, world, random: new Random(`${options.seed}/rest/${row}${salt}`), tally, only }).run(Math.ceil(cases / worlds.length))));
  return tally;
}

async function sockets(address, worlds, document, frames, only, salt = "") {
  const tally = new Tally();
  const schemas = new Schemas(document, 7);
  const rows = worlds.map((world, row) =>
    new SocketRow({ document, schemas, address, world, random: new Random(`${options.seed}/socket/${row}${salt}`), tally, only }));
  await Promise.all(rows.map((row) => row.run(Math.ceil(frames / worlds.length))));
  rows.forEach((row) => row.close());
  return tally;
}

/** Prints what was done; false if something was wrong. */
function told(what, tally, names, isSuccess) {
  console.log(`\n${what}`);
  tally.print();
  tally.printFailures();
  const idle = options.only || tally.cases < ENOUGH_FOR_ALL ? [] : tally.idle(names, isSuccess);
  if (idle.length) {
    console.log(`Never succeeded, so hardly tested: ${idle.join(", ")}`);
  }
  return tally.kindsOfFailures === 0 && idle.length === 0;
}

/** Whether each falsified description was found out. */
async function selfTest(document, falsified, run) {
  let found = 0;
  for (const [index, { of, change, says }] of falsified.entries()) {
    const wrong = structuredClone(document);
    change(wrong);
    let isFound = false;
    for (let round = 0; round < MOST_ROUNDS && !isFound; round++) {
      isFound = (await run(wrong, of, `/false/${index}/${round}`)).faults.some((fault) => says.test(fault));
    }
    found += isFound ? 1 : 0;
    if (!isFound) {
      console.log(`A falsified ${of} was not found out: ${says}`);
    }
  }
  console.log(`${found} of ${falsified.length} falsified descriptions were found out`);
  return found === falsified.length;
}

console.log(`Generated requests, seed ${options.seed}`);
const begun = Date.now();
const seconds = () => `${Math.round((Date.now() - begun) / 1000)} s`;
const server = options.base ? Server.running(options.jar, options.base, options.socket, options.data) : await Server.start(options.jar);
const http = new Http(server.base);
try {
  const worlds = await newWorlds(server, http);
  console.log(`The server and its users are there after ${seconds()}`);

  const asyncapi = await description("asyncapi");
  const frames = await sockets(server.socket, worlds, asyncapi, Number(options.frames), options.only);
  const verbs = verbsOf(asyncapi, new Schemas(asyncapi, 7)).map(({ id }) => id);
  const socketsAreRight = told("WebSocket", frames, verbs, (outcome) => outcome === "ok");

  const openapi = await description("openapi");
  const cases = await rest(http, worlds, openapi, Number(options.cases), options.only);
  const operations = operationsOf(openapi, new Schemas(openapi, 2020)).map(({ id }) => id);
  const restIsRight = told("REST", cases, operations, (status) => status < 400);
  console.log(`\n${frames.cases} frames and ${cases.cases} calls in ${seconds()}; the same again: npm run fuzz -- --seed ${options.seed}`);

  const tested = options["no-self-test"] || options.only
    || ((await selfTest(openapi, FALSIFIED_REST, (wrong, of, salt) => rest(http, worlds.slice(0, 1), wrong, TRIES_OF_A_FALSE_ONE, of, salt)))
      & (await selfTest(asyncapi, FALSIFIED_SOCKET, (wrong, of, salt) => sockets(server.socket, worlds.slice(0, 1), wrong, TRIES_OF_A_FALSE_ONE, of, salt))));
  console.log(`Generated requests: ${seconds()}, ${http.repeated} calls were repeated on another connection`);
  process.exitCode = socketsAreRight && restIsRight && tested ? 0 : 1;
} finally {
  http.close();
  await server.stop();
}
