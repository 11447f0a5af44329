import { Cell } from "./cell.js";

const narrow = matchMedia("(max-width: 44rem)");
const coarse = matchMedia("(pointer: coarse)");

/** Whether there is room for one pane only. */
export const isNarrow = new Cell(narrow.matches);
narrow.addEventListener("change", ({ matches }) => (isNarrow.value = matches));

/** Where people write on glass, Enter is a new line, and a button sends. */
export const enterSends = () => !coarse.matches;

/** With the keyboard up a phone has less room than the layout thinks. */
export function watchKeyboard() {
  const view = globalThis.visualViewport;
  if (!view) return;
  const fit = () => {
    if (view.scale > 1.01) return; // somebody looks closer
    document.documentElement.style.setProperty("--height", `${view.height}px`);
    document.documentElement.style.setProperty("--top", `${view.offsetTop}px`);
  };
  view.addEventListener("resize", fit);
  view.addEventListener("scroll", fit);
  fit();
}
