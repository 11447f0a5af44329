/** The page itself without a connection, notifications of closed pages: the browser's service worker does that. */
export async function serveOffline() {
  if (!navigator.serviceWorker) return; // there is none without https, but for localhost
  try {
    await navigator.serviceWorker.register(scriptAddress("/service-worker.js"));
  } catch {
    // switched off in this browser: the page needs a connection, then
  }
}

/** The one address of a script that the page makes; the content policy asks for a policy with a name. */
function scriptAddress(address) {
  const policy = globalThis.trustedTypes?.createPolicy("chat", { createScriptURL: (text) => text });
  return policy?.createScriptURL(address) ?? address;
}
