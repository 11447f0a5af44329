import { readFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { newWorld } from "./cast.js";
import { Http } from "./http.js";
import { Random } from "./random.js";
import { RestRow } from "./rest.js";
import { operationsOf } from "./rest-cases.js";
import { Schemas } from "./schemas.js";
import { Server } from "./server.js";
import { SocketRow } from "./socket-row.js";
import { Tally } from "./tally.js";

const ROWS = 4;

const { values: options } = parseArgs({
  options: {
    seed: { type: "string", default: String(Math.floor(Math.random() * 1e9)) },
    cases: { type: "string", default: "10000" },
    jar: { type: "string", default: "../target/chat-server.jar" },
    frames: { type: "string", default: "6000" },
    only: { type: "string" },
    base: { type: "string" },
    socket: { type: "string" },
    data: { type: "string" },
  },
});

async function description(name) {
  return JSON.parse(await readFile(new URL(`../generated/${name}.json`, import.meta.url), "utf8"));
}

/** One for each row of cases; the first administrator makes the others. */
async function newWorlds(server, http, seed) {
  const worlds = [];
  for (let row = 0; row < ROWS; row++) {
    const first = worlds[0]?.users.admin;
    worlds.push(await newWorld(http, new Random(`${seed}/world/${row}`), `${row}-${options.base ? Date.now().toString(36) : "row"}`, (username) =>
      first ? http.json("PUT", `/v1/admin/users/${username}/administrator`, first.token) : server.makeAdministrator(username)));
  }
  return worlds;
}

async function rest(http, worlds, document, seed, cases, only) {
  const tally = new Tally();
  const schemas = new Schemas(document, 2020);
  await Promise.all(worlds.map((world, row) =>
    new RestRow({ document, schemas, http, world, random: new Random(`${seed}/rest/${row}`), tally, only }).run(Math.ceil(cases / ROWS))));
  return tally;
}

async function sockets(address, worlds, document, seed, cases, only) {
  const tally = new Tally();
  const schemas = new Schemas(document, 7);
  const rows = worlds.map((world, row) =>
    new SocketRow({ document, schemas, address, world, random: new Random(`${seed}/socket/${row}`), tally, only }));
  await Promise.all(rows.map((row) => row.run(Math.ceil(cases / ROWS))));
  rows.forEach((row) => row.close());
  return tally;
}

console.log(`seed ${options.seed}`);
const begun = Date.now();
const server = options.base ? Server.running(options.jar, options.base, options.socket, options.data) : await Server.start(options.jar);
console.log(`server ${Date.now() - begun}`);
const http = new Http(server.base);
try {
  const openapi = await description("openapi");
  const worlds = await newWorlds(server, http, options.seed);
  console.log(`worlds ${Date.now() - begun}`);
  const framesTally = await sockets(server.socket, worlds, await description("asyncapi"), options.seed, Number(options.frames), options.only);
  framesTally.print();
  framesTally.printFailures();
  console.log(`${framesTally.cases} frames ${Date.now() - begun}`);
  const tally = await rest(http, worlds, openapi, options.seed, Number(options.cases), options.only);
  tally.print();
  tally.printFailures();
  console.log(`\n${tally.cases} requests in ${Math.round((Date.now() - begun) / 1000)} s, ${tally.kindsOfFailures} kinds of failures, seed ${options.seed}`);
  console.log(`repeated ${http.repeated}`);
  const idle = tally.idle(operationsOf(openapi, new Schemas(openapi, 2020)).map(({ id }) => id), (status) => status < 400);
  if (idle.length && !options.only) console.log(`never succeeded: ${idle.join(", ")}`);
} finally {
  http.close();
  await server.stop();
}
