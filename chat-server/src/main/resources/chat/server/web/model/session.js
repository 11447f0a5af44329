import { Cell } from "./cell.js";
import { client, on } from "./chat.js";
import { browserTexts, tabTexts } from "./storage.js";

const PARTING_WORDS = "chat-parting-words"; // what the door says after a reload

/** Where the user is: "starting", at the "door", or in the "room". */
export const phase = new Cell("starting");

/** What the door has to say. */
export const doorNotice = new Cell(tabTexts.getItem(PARTING_WORDS) ?? "");
tabTexts.removeItem(PARTING_WORDS);

/** What the room says when the login was ended, but a reload would lose what this user has written; else nothing. */
export const signedOut = new Cell("");

let user = ""; // who is in, or was last
const entering = new Set();
const parting = new Set();
let leaving = false;

/** Calls a function with the username, and whether the login is new, each time that somebody comes in, before the room is shown. */
export function onEnter(work) {
  entering.add(work);
}

/** Calls a function, and waits for it, each time that somebody has signed out here. */
export function onPart(work) {
  parting.add(work);
}

/** Takes up the login of this browser. Without a connection too: what is kept can be read, and written for later. */
export async function start() {
  await client.restore();
  try {
    if (!(await client.resume())) return void (phase.value = "door");
  } catch (error) {
    if (!client.username) {
      doorNotice.value = error.message;
      return void (phase.value = "door");
    }
  }
  enter(false);
}

export async function signIn(email, password) {
  await client.logIn(email, password);
  enter(true);
}

export async function signUp(username, email, password) {
  await client.register(username, email, password);
  await signIn(email, password);
}

/** @param {boolean} isNew whether it is another login than that of the page before */
function enter(isNew) {
  user = client.username;
  for (const work of entering) work(user, isNew);
  doorNotice.value = "";
  signedOut.value = "";
  phase.value = "room";
  client.connect().catch(() => {}); // the events tell
}

/** Leaves nothing of this user in the browser. */
export async function signOut() {
  await client.logOut();
  await part();
}

/** Closes the account. The server ends the login with it, before or after it answers. */
export async function leaveForGood(password) {
  leaving = true;
  try {
    await client.eraseAccount(password);
  } catch (error) {
    leaving = false;
    throw error;
  }
  tabTexts.setItem(PARTING_WORDS, "Your account is deleted.");
  await part();
}

async function part() {
  forgetTexts();
  await Promise.allSettled([...parting].map((work) => work(user)));
  location.assign("/");
}

const own = (kind) => `${kind}/${encodeURIComponent(user)}/`; // others may use this browser, too

/** Whether a reload would lose something that this user has written. */
function wouldLoseTexts() {
  const isOutboxKept = client.storage === "ok" || client.outbox.every(({ kept }) => kept);
  return !browserTexts.lasts(own("chat-draft")) || !isOutboxKept;
}

addEventListener("beforeunload", (event) => phase.value === "room" && wouldLoseTexts() && event.preventDefault());

function forgetTexts() {
  browserTexts.keys().filter((key) => ["chat-draft", "chat-dismissed"].some((kind) => key.startsWith(own(kind)))).forEach((key) => browserTexts.removeItem(key));
}

on("loggedout", async ({ error }) => {
  if (leaving) return;
  await client.close(); // what it does not keep is among the drafts now
  const isForbidden = error.code === "forbidden";
  const why = isForbidden ? "This account is suspended, or does not exist any more. Ask the operator of this server."
    : "You were signed out: this login was ended elsewhere, or has expired.";
  if (wouldLoseTexts()) {
    signedOut.value = `${why} This browser does not keep what you wrote and did not send: copy it before you go on.`;
    return;
  }
  tabTexts.setItem(PARTING_WORDS, isForbidden ? why : `${why} Sign in to go on; what you wrote is kept.`);
  location.reload();
});
