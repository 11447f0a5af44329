import { ChatClient } from "../chat-client.js";
import { browserTexts, tabTexts } from "./storage.js";

/** The connection of this tab. Whatever the page knows of the server comes through it. */
export const client = new ChatClient({ logins: { tab: tabTexts, browser: browserTexts } });

/** Who this is, or was before the login ended: what they have written stays theirs. */
export const me = () => client.username ?? client.user;

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

const MOST_PAGES = 1_000; // of a server that does not come to an end

/** All entries of a verb that answers in pages; `key` is the field of an entry that the next page comes after, if it is none itself. */
export async function pages(type, fields, list, key) {
  const all = [];
  let after;
  for (let i = 0; i < MOST_PAGES; i++) {
    const page = await client.request(type, { ...fields, after });
    all.push(...page[list]);
    after = page[list].at(-1)?.[key] ?? page[list].at(-1);
    if (!page.has_more || !after) break;
  }
  return all;
}
