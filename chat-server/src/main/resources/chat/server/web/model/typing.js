import { Cell, put } from "./cell.js";
import { client, on } from "./chat.js";

const EVERY_MS = 3_000; // others see it cease after six seconds
const LOST_MS = 7_000; // the server tells the end after six, unless that event is lost
const NOBODY = Object.freeze([]);

/** conversation id -> usernames */
export const typing = new Cell(new Map());
const timers = new Map();
let told = { id: "", at: 0 };

export const typingIn = (map, id) => map.get(id) ?? NOBODY;

function stop(id, username) {
  clearTimeout(timers.get(`${id}/${username}`));
  timers.delete(`${id}/${username}`);
  const left = typingIn(typing.value, id).filter((name) => name !== username);
  put(typing, id, left.length ? left : undefined);
}

on("typing", ({ conversation_id: id, username, on: begins }) => {
  stop(id, username);
  if (!begins) return;
  put(typing, id, [...typingIn(typing.value, id), username]);
  timers.set(`${id}/${username}`, setTimeout(() => stop(id, username), LOST_MS));
});
on("message", ({ conversation_id: id, from }) => typingIn(typing.value, id).includes(from) && stop(id, from));
on("offline", () => {
  timers.forEach(clearTimeout);
  typing.value = new Map();
});

/** Tells the others that this user is writing. */
export function tellTyping(id) {
  if (!id || (told.id === id && Date.now() - told.at < EVERY_MS)) return;
  told = { id, at: Date.now() };
  client.request("typing", { conversation_id: id, on: true }).catch(() => {});
}

export const toldNothing = () => (told = { id: "", at: 0 });
