import { Cell } from "./cell.js";
import { browserTexts } from "./storage.js";

const ITEM = "chat-appearance";
const RIGHT_TO_LEFT = new Set(["ar", "dv", "fa", "he", "ps", "sd", "ug", "ur", "yi"]);

/** How this browser shows the page: theme "system", "light" or "dark"; direction "language", "ltr" or "rtl". */
export const appearance = new Cell({ theme: "system", direction: "language", ...read() });

function read() {
  try {
    return JSON.parse(browserTexts.getItem(ITEM) ?? "{}");
  } catch {
    return {};
  }
}

export function setAppearance(part) {
  appearance.value = { ...appearance.value, ...part };
  browserTexts.setItem(ITEM, JSON.stringify(appearance.value));
  applyAppearance();
}

export function applyAppearance() {
  const { theme, direction } = appearance.value;
  const root = document.documentElement;
  if (theme === "system") root.removeAttribute("data-theme");
  else root.dataset.theme = theme;
  const ofLanguage = RIGHT_TO_LEFT.has(navigator.language.split("-")[0]) ? "rtl" : "ltr";
  root.dir = direction === "language" ? ofLanguage : direction;
}
