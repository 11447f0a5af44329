import { useEffect } from "preact/hooks";
import { Cell } from "./cell.js";
import { client, on } from "./chat.js";
import { onEnter } from "./session.js";
import { attempt } from "./toasts.js";

const PATIENCE_MS = 1_500; // a short break is nobody's business

/** "online", "connecting" (for the first time, or again), "offline" (this computer is), or "over". */
export const connection = new Cell("online");
let timer = 0;

function away() {
  clearTimeout(timer);
  timer = setTimeout(() => {
    if (!client.online || !navigator.onLine) connection.value = navigator.onLine ? "connecting" : "offline";
  }, navigator.onLine ? PATIENCE_MS : 0);
}

onEnter(away);
addEventListener("offline", away);
addEventListener("online", () => (client.online ? (connection.value = "online") : away()));

/** After the server has ended the connection for good, which it may have done by mistake. */
export function connectAgain() {
  connection.value = "connecting";
  client.connect().catch(() => {}); // the events tell
}

on("offline", ({ forGood }) => {
  if (forGood) connection.value = "over";
  else away();
});

on("online", () => {
  clearTimeout(timer);
  connection.value = "online";
});

/**
 * For a component: asks the server for what it shows as soon as there is a connection, again with each later one, and when
 * an input changes.
 *
 * @param {() => Promise<any>} ask
 */
export function useFetched(ask, inputs = []) {
  useEffect(() => {
    const fetch = () => void attempt(ask);
    if (client.online) fetch();
    return on("online", fetch);
  }, inputs);
}
