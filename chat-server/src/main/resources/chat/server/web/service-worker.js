// Shows the page without a connection, and notifications of messages while it is closed. The assets of a version never
// change, so they are taken from the cache; the page itself is fetched, and taken from there only if that fails.

const CACHE = "chat-page";
const ASSET = /\/assets\/[^"' ]+/g;

addEventListener("install", (event) => {
  skipWaiting();
  event.waitUntil(fetch("/").then(keepPage));
});
addEventListener("activate", (event) => event.waitUntil(clients.claim()));

/** Keeps the page and all that it names, and forgets what another version had. */
async function keepPage(response) {
  if (!response.ok) return;
  const cache = await caches.open(CACHE);
  const html = await response.clone().text();
  const wanted = new Set(html.match(ASSET)?.filter((path) => /\.\w+$/.test(path)));
  const kept = (await cache.keys()).map(({ url }) => new URL(url).pathname);
  await cache.addAll([...wanted, "/favicon.svg"].filter((path) => !kept.includes(path)));
  await cache.put("/", response);
  const old = kept.filter((path) => path.startsWith("/assets/") && !wanted.has(path));
  await Promise.all(old.map((path) => cache.delete(path)));
}

addEventListener("fetch", (event) => {
  const { pathname, origin } = new URL(event.request.url);
  if (event.request.method !== "GET" || origin !== location.origin) return;
  if (event.request.mode === "navigate" && pathname === "/") event.respondWith(page(event));
  else if (pathname.startsWith("/assets/") || pathname === "/favicon.svg") event.respondWith(asset(event.request));
});

async function page(event) {
  try {
    const response = await fetch(event.request);
    event.waitUntil(keepPage(response.clone()).catch(() => {}));
    return response;
  } catch (error) {
    const kept = await caches.match("/", { ignoreVary: true });
    if (kept) return kept;
    throw error;
  }
}

// The server varies by origin, for other pages; what is kept was asked for by this one.
const asset = async (request) => (await caches.match(request, { ignoreVary: true })) ?? fetch(request);

// ---- notifications

addEventListener("push", (event) => {
  const { notifications = [], badge } = event.data?.json() ?? {};
  if (badge) navigator.setAppBadge?.(badge);
  event.waitUntil(Promise.all(notifications.map(show)).then(() => closeOthers(notifications, badge)));
});

const COUNTED = 1000; // of a conversation; beyond that a badge says nothing of the others

/** If the badge counts nothing but what was told now, the messages of other notifications were read elsewhere. */
async function closeOthers(told, badge) {
  const unread = told.reduce((sum, one) => sum + one.unread, 0);
  if (!badge || badge > unread || unread >= COUNTED) return;
  const ids = told.map(({ conversation_id }) => conversation_id);
  for (const shown of await registration.getNotifications()) if (!ids.includes(shown.tag)) shown.close();
}

async function show({ conversation_id, kind, name, unread, messages = [] }) {
  const windows = await clients.matchAll({ type: "window" });
  if (windows.some(({ visibilityState }) => visibilityState === "visible")) return; // the page tells
  const lines = messages.map(({ from, text }) => (kind === "group" ? `${from}: ${text}` : text));
  const title = name ?? messages.at(-1)?.from ?? "Chat";
  await registration.showNotification(title, {
    body: lines.join("\n") || `${unread} new ${unread === 1 ? "message" : "messages"}`,
    tag: conversation_id, icon: "/favicon.svg", data: { conversation_id },
  });
}

addEventListener("notificationclick", (event) => {
  event.notification.close();
  const { conversation_id } = event.notification.data;
  event.waitUntil(open(conversation_id));
});

async function open(conversation_id) {
  const [window] = await clients.matchAll({ type: "window" });
  if (!window) return clients.openWindow(`/#/c/${conversation_id}`);
  await window.focus();
  return window.postMessage({ conversation_id });
}
