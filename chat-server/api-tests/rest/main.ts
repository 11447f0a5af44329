// node generated/rest/main.js http://127.0.0.1:8080: two users meet over REST.
import { User } from "./client.js";

declare const process: { argv: string[] };

function same(found: unknown, expected: unknown): void {
  if (JSON.stringify(found) !== JSON.stringify(expected)) throw new Error(`${JSON.stringify(found)} instead of ${JSON.stringify(expected)}`);
}

const base = process.argv[2] ?? "http://127.0.0.1:8080";
const run = Date.now().toString(36);
const ada = await User.registered(base, `ada-${run}`);
const bob = await User.registered(base, `bob-${run}`);
await ada.befriend(bob.username);
same(await ada.contacts(), [bob.username]);
same(await bob.contacts(), [ada.username]);
await ada.group(`hikers ${run}`, [bob.username]);
same(await bob.history(`hikers ${run}`), []);
same(typeof (await bob.ticket()), "string");
same(await bob.refusal(), "not_found");
console.log("The generated client of REST has registered, logged in, made contacts and a group, and read a history");
