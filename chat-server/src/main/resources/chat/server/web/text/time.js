// Times as people say them, in the language of the browser.

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

/** Made with the first use: a browser takes its time for each of them. */
function format(options) {
  let made = /** @type {?Intl.DateTimeFormat} */ (null);
  return (time) => {
    const date = new Date(time);
    return Number.isNaN(date.getTime()) ? "" : (made ??= new Intl.DateTimeFormat(undefined, options)).format(date);
  };
}

/** For what does not tell the seconds: messages that are drawn together are often of the same minute. */
function perMinute(write) {
  let minute = NaN;
  let text = "";
  return (time) => {
    const asked = Math.floor(new Date(time).getTime() / MINUTE_MS);
    if (asked !== minute) [minute, text] = [asked, write(time)];
    return text;
  };
}

const weekday = format({ weekday: "long" });
const date = format({ day: "numeric", month: "long" });
const dateWithYear = format({ day: "numeric", month: "long", year: "numeric" });
const short = format({ day: "numeric", month: "short" });

const midnight = (time) => new Date(time).setHours(0, 0, 0, 0);
const daysAgo = (time) => Math.round((midnight(Date.now()) - midnight(time)) / DAY_MS);

export const clockTime = perMinute(format({ hour: "2-digit", minute: "2-digit" }));
export const fullTime = perMinute(format({ dateStyle: "long", timeStyle: "short" }));

let day = { begins: 0, ends: 0 };

/** The midnight that a time comes after. */
export function dayOf(time) {
  const at = new Date(time).getTime();
  if (!(at >= day.begins && at < day.ends)) day = { begins: midnight(at), ends: new Date(midnight(at)).setHours(24) };
  return day.begins;
}

/** So that the first message need not wait for it. */
export function prepareTimes() {
  const now = Date.now();
  clockTime(now);
  fullTime(now);
}

/** What stands between the messages of two days. */
export function dayName(time) {
  const days = daysAgo(time);
  if (days === 0) return "Today";
  if (days === 1) return "Yesterday";
  if (days > 1 && days < 7) return weekday(time);
  return (new Date(time).getFullYear() === new Date().getFullYear() ? date : dateWithYear)(time);
}

/** What stands beside a conversation in the list. */
export function shortTime(time) {
  const days = daysAgo(time);
  if (days === 0) return clockTime(time);
  if (days === 1) return "Yesterday";
  return short(time);
}

export function lastSeen(time) {
  if (!Number.isFinite(Date.parse(time))) return "offline";
  const minutes = Math.floor((Date.now() - Date.parse(time)) / 60_000);
  if (minutes < 1) return "last seen just now";
  if (minutes < 60) return `last seen ${minutes} min ago`;
  const days = daysAgo(time);
  if (days === 0) return `last seen at ${clockTime(time)}`;
  if (days === 1) return `last seen yesterday at ${clockTime(time)}`;
  return `last seen on ${short(time)}`;
}

export function until(time) {
  return Date.parse(time) > Date.now() + 3_650 * DAY_MS ? "" : `until ${fullTime(time)}`;
}
