import { Cell } from "./cell.js";
import { client, on } from "./chat.js";
import { onEnter } from "./session.js";
import { browserTexts } from "./storage.js";

/** What the operator says to all users, and this user has not dismissed on this device. Warnings come first. */
export const announcements = new Cell([]);

const item = () => `chat-dismissed/${encodeURIComponent(client.username)}/announcements`;
const keyOf = ({ id, at }) => `${id} ${at}`; // another database counts from 1, too
const dismissed = () => (browserTexts.getItem(item()) ?? "").split("\n");

/** Whether it is to be read aloud at once. */
export const isWarning = ({ kind }) => kind === "warning";

function show() {
  const gone = dismissed();
  const shown = client.announcements.filter((one) => !gone.includes(keyOf(one)));
  announcements.value = [...shown.filter(isWarning), ...shown.filter((one) => !isWarning(one))];
}

export function dismiss(id) {
  const gone = dismissed();
  const kept = client.announcements.filter((one) => one.id === id || gone.includes(keyOf(one)));
  browserTexts.setItem(item(), kept.map(keyOf).join("\n"));
  show();
}

onEnter(show);
on("announcements", show);
addEventListener("storage", ({ key }) => {
  if (client.username && key === item()) show(); // dismissed in another tab
});
