// What Swagger UI leaves out for keyboards and screen readers.

/** Names, by what they are of. */
const NAMES = {
  ".information-container": () => "About this API",
  ".schemes-server-container": () => "Server and login",
  ".modal-ux": () => "Log in with an access token",
  ".close-modal": () => "Close",
  "#servers": () => "Server",
  ".responses-table": (table) => `${table.matches(".live-responses-table") ? "Answer" : "Responses"} of ${operationOf(table)}`,
  ".body-param__text, .body-param__example, .opblock-section-request-body input": (body) => `Body of ${operationOf(body)}`,
  ".parameters input, .parameters select": (field) => field.closest("tr").querySelector(".parameter__name").firstChild.textContent,
};

const ROLES = { ".information-container": "region", ".schemes-server-container": "region", ".modal-ux": "dialog" };

const operationOf = (part) => {
  const summary = part.closest(".opblock").querySelector(".opblock-summary");
  return `${summary.querySelector(".opblock-summary-method").textContent} ${summary.querySelector("[data-path]").dataset.path}`;
};

/**
 * Adds it to what Swagger UI draws within an element, now and later.
 *
 * @param {Element} root
 */
export function makeAccessible(root) {
  new MutationObserver(() => complete(root)).observe(root, { childList: true, subtree: true });
}

function complete(root) {
  for (const [selector, name] of Object.entries(NAMES)) {
    for (const part of root.querySelectorAll(selector)) {
      if (!part.hasAttribute("aria-label")) part.setAttribute("aria-label", name(part));
    }
  }
  for (const [selector, role] of Object.entries(ROLES)) {
    for (const part of root.querySelectorAll(selector)) part.setAttribute("role", role);
  }
  for (const link of root.querySelectorAll(".opblock-summary-control a[href]")) link.removeAttribute("href"); // the button that it is in does the same
  for (const text of root.querySelectorAll("pre")) text.tabIndex = 0; // it scrolls
}
