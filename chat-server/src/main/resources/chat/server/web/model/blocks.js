import { Cell } from "./cell.js";
import { client, on, pages } from "./chat.js";
import { loadContacts } from "./people.js";

/** Whom this user has blocked. */
export const blocked = new Cell(/** @type {Set<string>} */ (new Set()));

export async function setBlocked(username, isBlocked) {
  await client.request(isBlocked ? "block" : "unblock", { username });
  const names = new Set(blocked.value);
  if (isBlocked) names.add(username);
  else names.delete(username);
  blocked.value = names;
  await loadContacts();
}

on("online", async () => {
  try {
    blocked.value = new Set(await pages("blocked", { limit: 1_000 }, "usernames", ""));
  } catch {
    // asked again with the next connection
  }
});
