// Times as people say them, in the language of the browser.

const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
const weekday = new Intl.DateTimeFormat(undefined, { weekday: "long" });
const date = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "long" });
const dateWithYear = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "long", year: "numeric" });
const short = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short" });
const full = new Intl.DateTimeFormat(undefined, { dateStyle: "long", timeStyle: "short" });
const DAY_MS = 86_400_000;

const midnight = (time) => new Date(time).setHours(0, 0, 0, 0);
const daysAgo = (time) => Math.round((midnight(Date.now()) - midnight(time)) / DAY_MS);

export const dayOf = (time) => midnight(time);
export const clockTime = (time) => clock.format(new Date(time));
export const fullTime = (time) => full.format(new Date(time));

/** What stands between the messages of two days. */
export function dayName(time) {
  const days = daysAgo(time);
  if (days === 0) return "Today";
  if (days === 1) return "Yesterday";
  if (days > 1 && days < 7) return weekday.format(new Date(time));
  return (new Date(time).getFullYear() === new Date().getFullYear() ? date : dateWithYear).format(new Date(time));
}

/** What stands beside a conversation in the list. */
export function shortTime(time) {
  const days = daysAgo(time);
  if (days === 0) return clockTime(time);
  if (days === 1) return "Yesterday";
  return short.format(new Date(time));
}

export function lastSeen(time) {
  if (!time) return "offline";
  const minutes = Math.floor((Date.now() - Date.parse(time)) / 60_000);
  if (minutes < 1) return "last seen just now";
  if (minutes < 60) return `last seen ${minutes} min ago`;
  const days = daysAgo(time);
  if (days === 0) return `last seen at ${clockTime(time)}`;
  if (days === 1) return `last seen yesterday at ${clockTime(time)}`;
  return `last seen on ${short.format(new Date(time))}`;
}

export function until(time) {
  return Date.parse(time) > Date.now() + 3_650 * DAY_MS ? "" : `until ${fullTime(time)}`;
}
