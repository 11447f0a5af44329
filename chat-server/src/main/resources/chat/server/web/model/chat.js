import { ChatClient } from "../chat-client.js";
import { browserTexts, tabTexts } from "./storage.js";

/** The connection of this tab. Whatever the page knows of the server comes through it. */
export const client = new ChatClient({ logins: { tab: tabTexts, browser: browserTexts } });

const PATIENCE_MS = 10_000;

/** For what is done as soon as the page is there: the connection may need a moment more. */
export const whenOnline = () => client.connect({ timeoutMs: PATIENCE_MS });

/**
 * Calls a function with the detail of each event of a type.
 *
 * @returns {() => void} ends it
 */
export function on(type, listener) {
  const follower = ({ detail }) => listener(detail);
  client.addEventListener(type, follower);
  return () => client.removeEventListener(type, follower);
}

/** All entries of a verb that answers in pages, up to a number of them. */
export async function pages(type, fields, list, key, most = 1_000) {
  const all = [];
  let after;
  do {
    const page = await client.request(type, { ...fields, after });
    all.push(...page[list]);
    after = page.has_more ? page[list].at(-1)?.[key] ?? page[list].at(-1) : undefined;
  } while (after && all.length < most);
  return all;
}
