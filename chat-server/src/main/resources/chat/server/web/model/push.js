import { Cell } from "./cell.js";
import { client, on } from "./chat.js";
import { onEnter, onPart } from "./session.js";
import { browserTexts } from "./storage.js";

const ITEM = "chat-push-device";

/** "on", "off", "denied" by the browser, or "impossible" here. */
export const notifying = new Cell("off");

let user = "";

const canPush = () => !!navigator.serviceWorker && "PushManager" in globalThis && "Notification" in globalThis;

/** The registration of this browser: { user, device }. It has one for all its users, so the last one who asked for it is told. */
function registered() {
  try {
    const { user: of, device } = JSON.parse(browserTexts.getItem(ITEM) ?? "{}");
    return { of, device };
  } catch {
    return {}; // of a version before
  }
}

/** The device of this user here; undefined if this browser tells them nothing. */
function ownDevice() {
  const { of, device } = registered();
  return of === user ? device : undefined;
}

async function look() {
  if (!canPush()) notifying.value = "impossible";
  else if (Notification.permission === "denied") notifying.value = "denied";
  else notifying.value = ownDevice() && Notification.permission === "granted" ? "on" : "off";
}

export async function setNotifying(wanted) {
  if (!wanted) return end();
  if ((await Notification.requestPermission()) !== "granted") return look();
  const registration = await navigator.serviceWorker.ready;
  const key = await client.devices.pushKey();
  const subscription = await registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key.public_key ?? key });
  const device = ownDevice() ?? `browser-${crypto.getRandomValues(new Uint32Array(2)).join("-")}`;
  await client.devices.register({ device, kind: "webpush", token: subscription.toJSON() });
  browserTexts.setItem(ITEM, JSON.stringify({ user, device }));
  return look();
}

async function end() {
  const device = ownDevice();
  await forget();
  if (device) await client.devices.remove(device);
  return look();
}

/** Here; the server is not told. */
async function forget() {
  if (!ownDevice()) return;
  browserTexts.removeItem(ITEM);
  const registration = await navigator.serviceWorker.getRegistration();
  await (await registration?.pushManager.getSubscription())?.unsubscribe();
}

onEnter((username, isNew) => {
  user = username;
  look();
  if (isNew && ownDevice()) end().catch(() => {}); // the server has forgotten it with the login before
});
onPart(forget); // so it has now
on("loggedout", () => forget().catch(() => {}));
addEventListener("storage", ({ key }) => key === ITEM && look()); // another tab, maybe of another user
