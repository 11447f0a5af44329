import { Cell } from "./cell.js";

/**
 * What is open, as the address of the page says it: a conversation by its id (#/c/ID), somebody with whom there is none
 * yet (#/u/NAME), or an invite (#/join/CODE). The browser's own "back" leaves a conversation on a phone.
 */
export const route = new Cell(read());

/** A place in the open conversation that was asked for: { seq }, or null. */
export const target = new Cell(null);

function read() {
  const [, kind, encoded = ""] = location.hash.split("/");
  const value = decoded(encoded);
  if (kind === "c" && value) return { conversation_id: value };
  if (kind === "u" && value) return { peer: value };
  if (kind === "join" && value) return { code: value };
  return {};
}

/** Nothing for what nobody has encoded, such as an address that was cut. */
function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return "";
  }
}

/** The name of what is open: for drafts, and to tell whether it is still the same. */
export const keyOf = ({ conversation_id, peer }) => conversation_id ?? (peer ? `@${peer}` : "");

export function openConversation(conversation_id, seq = null) {
  target.value = seq === null ? null : { conversation_id, seq };
  go(`#/c/${encodeURIComponent(conversation_id)}`);
}

export function openPerson(peer) {
  go(`#/u/${encodeURIComponent(peer)}`);
}

/** The first message has given the open conversation its id. */
export function replaceRoute(conversation_id) {
  history.replaceState(null, "", `#/c/${encodeURIComponent(conversation_id)}`);
  route.value = read();
}

export function closeConversation() {
  go("#/");
}

function go(hash) {
  if (location.hash === hash) return;
  history.pushState(null, "", hash);
  route.value = read();
}

addEventListener("popstate", () => (route.value = read()));
addEventListener("hashchange", () => (route.value = read()));
