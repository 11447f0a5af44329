import { Cell, put } from "./cell.js";
import { client, on } from "./chat.js";
import { lastSeen } from "../text/time.js";

const MOST_PROFILES = 100;

/** No event tells of another name, so those that are drawn are asked for again after this time, in ms. */
const PROFILE_STAYS = 60_000;

/** username -> { username, online, last_seen_at } */
export const contacts = new Cell(new Map());

/** Of those who are no contacts, as far as somebody asked: the same. */
export const others = new Cell(new Map());

/** Who wants to be a contact: [{ username, requested_at }] */
export const requests = new Cell([]);

/** username -> { username, display_name, bot } */
export const profiles = new Cell(new Map());

/** username -> when it was asked for, in ms of Date.now() */
const asked = new Map();
let wanted = new Set();

/** How somebody is called; asks for it where it is not known, or was for a minute. */
export function nameOf(username) {
  if (!username) return "System";
  want(username);
  return profiles.value.get(username)?.display_name ?? username;
}

/** The same as far as it is known, without asking: for very many. */
export const knownName = (username) => profiles.value.get(username)?.display_name ?? username;

/** Whether a program writes under this name, as far as that is known; asks for it like nameOf. */
export function isBot(username) {
  if (username) want(username);
  return profiles.value.get(username)?.bot ?? false;
}

function want(username) {
  const now = Date.now();
  if (Math.abs(now - (asked.get(username) ?? -Infinity)) < PROFILE_STAYS) return;
  asked.set(username, now);
  if (!wanted.size) setTimeout(askForProfiles, 20);
  wanted.add(username);
}

async function askForProfiles() {
  const names = [...wanted];
  wanted = new Set();
  for (let i = 0; i < names.length; i += MOST_PROFILES) {
    const some = names.slice(i, i + MOST_PROFILES);
    try {
      const news = (await client.profiles(some)).filter(isNews);
      if (news.length) profiles.value = new Map([...profiles.value, ...news.map((profile) => [profile.username, profile])]);
    } catch {
      some.forEach((name) => asked.delete(name)); // again, the next time it is drawn
    }
  }
}

function isNews(profile) {
  const known = profiles.value.get(profile.username);
  return known?.display_name !== profile.display_name || known?.bot !== profile.bot;
}

export const presenceOf = (username) => contacts.value.get(username) ?? others.value.get(username);

/** Whether somebody is here, in words; nothing where that is not known. A bot always is. */
export function presenceText(username) {
  if (profiles.value.get(username)?.bot) return "bot";
  const presence = presenceOf(username);
  if (!presence) return "";
  return presence.online ? "online" : lastSeen(presence.last_seen_at);
}

export async function askPresence(username) {
  if (contacts.value.has(username)) return;
  const { users } = await client.request("presence", { usernames: [username] });
  for (const user of users) put(others, user.username, user);
}

export async function loadContacts() {
  const [{ users }, { received }] = await Promise.all([
    client.request("contacts"),
    client.request("contact_requests").catch(() => ({ received: [] })),
  ]);
  contacts.value = new Map(users.map((user) => [user.username, user]));
  requests.value = received;
}

/** @returns {Promise<"contact" | "requested">} */
export async function addContact(username) {
  const { status } = await client.request("add_contact", { username });
  await loadContacts();
  return status;
}

export async function removeContact(username) {
  await client.request("remove_contact", { username });
  put(contacts, username, undefined);
}

export async function setProfile(display_name) {
  const profile = await client.setProfile({ display_name: display_name || null });
  put(profiles, profile.username, profile);
}

let looksAgain = false;

/** There are other contacts, or other requests. */
function lookAgain() {
  if (looksAgain) return;
  looksAgain = true;
  setTimeout(() => {
    looksAgain = false;
    loadContacts().catch(() => {});
  }, 200); // all the news of a connection come together
}

on("online", () => {
  asked.clear();
  loadContacts().catch(() => {});
});
on("contacts_changed", lookAgain);
on("presence", (presence) => {
  if (!presenceOf(presence.username)) lookAgain(); // they have become contacts
  const known = contacts.value.has(presence.username) || !others.value.has(presence.username);
  put(known ? contacts : others, presence.username, { ...presenceOf(presence.username), ...presence });
});
