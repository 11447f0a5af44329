import { useLayoutEffect, useReducer } from "preact/hooks";

/**
 * A value that views follow. Values are never changed in place: another state is another value.
 *
 * @template T
 */
export class Cell {
  #value;
  #followers = new Set();

  /** @param {T} value */
  constructor(value) {
    this.#value = value;
  }

  get value() {
    return this.#value;
  }

  set value(value) {
    if (Object.is(value, this.#value)) return;
    this.#value = value;
    for (const follower of [...this.#followers]) follower(value);
  }

  /** @returns {() => void} ends it */
  follow(follower) {
    this.#followers.add(follower);
    return () => this.#followers.delete(follower);
  }
}

/** A Cell of a Map, with one entry set or, by undefined, removed. */
export function put(cell, key, value) {
  const map = new Map(cell.value);
  if (value === undefined) map.delete(key);
  else map.set(key, value);
  cell.value = map;
}

/** For a component: what is selected of a cell. Draws the component again only when that changes. */
export function useCell(cell, select = (value) => value, ...inputs) {
  const [, draw] = useReducer((count) => count + 1, 0);
  const selected = select(cell.value);
  useLayoutEffect(() => {
    let shown = selected;
    const check = (value) => {
      const next = select(value);
      if (Object.is(next, shown)) return;
      shown = next;
      draw(undefined);
    };
    check(cell.value); // it may have changed since it was drawn
    return cell.follow(check);
  }, [cell, selected, ...inputs]);
  return selected;
}
