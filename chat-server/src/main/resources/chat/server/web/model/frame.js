const LATEST_MS = 100; // a window that is not seen has no frames

/** Does something with the next frame that is drawn: what comes in between is done at once. */
export function inNextFrame(work) {
  let done = false;
  const once = () => {
    if (done) return;
    done = true;
    cancelAnimationFrame(frame);
    clearTimeout(timer);
    work();
  };
  const frame = requestAnimationFrame(once);
  const timer = setTimeout(once, LATEST_MS);
}
