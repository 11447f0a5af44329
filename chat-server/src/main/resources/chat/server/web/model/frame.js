const LATEST_MS = 100; // a window that is not seen has no frames
const AT_ONCE = 5; // draws that may follow one another without a pause
const IDLE_MS = 2_000;
const EVERY_MS = 50; // between draws, while more is to be drawn all the time

/** Does something when the page has nothing better to do, but not never. */
export const whenIdle = (work) =>
  globalThis.requestIdleCallback ? requestIdleCallback(work, { timeout: IDLE_MS }) : setTimeout(work); // Safari has none

const works = new Set();
let left = AT_ONCE; // draws without a pause, of which another one is had each EVERY_MS
let countedAt = 0;
let waits = false;

/**
 * Does something with the next frame that is drawn: whatever is asked for until then is done together, and the same function only once.
 * While more comes all the time, there are twenty such frames a second, which leaves the time between them to the keyboard.
 */
export function inNextFrame(work) {
  works.add(work);
  if (waits) return;
  waits = true;
  const now = performance.now();
  left = Math.min(AT_ONCE, left + (now - countedAt) / EVERY_MS);
  countedAt = now;
  if (left >= 1) withNextFrame();
  else setTimeout(withNextFrame, (1 - left) * EVERY_MS);
}

function withNextFrame() {
  const once = () => {
    if (!waits) return;
    waits = false;
    cancelAnimationFrame(frame);
    clearTimeout(timer);
    left -= 1;
    const due = [...works];
    works.clear();
    for (const work of due) attempt(work);
  };
  const frame = requestAnimationFrame(once);
  const timer = setTimeout(once, LATEST_MS);
}

/** One that fails is reported as any error is, and does not take the others with it. */
function attempt(work) {
  try {
    work();
  } catch (fault) {
    reportError(fault);
  }
}
