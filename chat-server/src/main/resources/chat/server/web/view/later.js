import { useLayoutEffect, useState } from "preact/hooks";
import { whenIdle } from "../model/frame.js";

const CALM_MS = 200;
const AT_ONCE = 10;

const waiting = new Map(); // element -> draws what belongs in it
let timer = 0;

/**
 * For a component with a part that nobody needs at once: whether it is drawn yet. Such parts are drawn while nothing else
 * happens, the latest first, and at once where somebody comes near.
 *
 * @param {{ current: Element }} place the element that the part belongs in
 */
export function useLater(place) {
  const [drawn, setDrawn] = useState(false);
  useLayoutEffect(() => {
    if (drawn) return undefined;
    const { current: element } = place;
    waiting.set(element, () => setDrawn(true));
    ask();
    return () => waiting.delete(element);
  }, [drawn]);
  return drawn;
}

/** Draws what waits inside of an element. */
export function drawNow(element) {
  for (const [place, draw] of waiting) {
    if (!element.contains(place)) continue;
    waiting.delete(place);
    draw();
  }
}

/** Once rows have ceased to come: while there are many, most go before anybody comes near them. */
function ask() {
  clearTimeout(timer);
  timer = setTimeout(() => whenIdle(drawSome), CALM_MS);
}

function drawSome() {
  const latest = [...waiting].slice(-AT_ONCE);
  for (const [place, draw] of latest) {
    waiting.delete(place);
    draw();
  }
  if (waiting.size) whenIdle(drawSome);
}
