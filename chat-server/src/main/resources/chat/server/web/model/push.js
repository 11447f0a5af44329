import { Cell } from "./cell.js";
import { client, on } from "./chat.js";
import { onEnter } from "./session.js";
import { browserTexts } from "./storage.js";

const ITEM = "chat-push-device";

/** "on", "off", "denied" by the browser, or "impossible" here. */
export const notifying = new Cell("off");

const canPush = () => !!navigator.serviceWorker && "PushManager" in globalThis && "Notification" in globalThis;

async function look() {
  if (!canPush()) notifying.value = "impossible";
  else if (Notification.permission === "denied") notifying.value = "denied";
  else notifying.value = browserTexts.getItem(ITEM) && Notification.permission === "granted" ? "on" : "off";
}

export async function setNotifying(wanted) {
  if (!wanted) return end();
  if ((await Notification.requestPermission()) !== "granted") return look();
  const registration = await navigator.serviceWorker.ready;
  const key = await client.devices.pushKey();
  const subscription = await registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key.public_key ?? key });
  const device = browserTexts.getItem(ITEM) ?? `browser-${crypto.getRandomValues(new Uint32Array(2)).join("-")}`;
  await client.devices.register({ device, kind: "webpush", token: subscription.toJSON() });
  browserTexts.setItem(ITEM, device);
  return look();
}

async function end() {
  const device = browserTexts.getItem(ITEM);
  browserTexts.removeItem(ITEM);
  const registration = await navigator.serviceWorker.getRegistration();
  await (await registration?.pushManager.getSubscription())?.unsubscribe();
  if (device) await client.devices.remove(device);
  return look();
}

onEnter(look);
on("loggedout", () => browserTexts.removeItem(ITEM)); // the server has forgotten the device with the login
