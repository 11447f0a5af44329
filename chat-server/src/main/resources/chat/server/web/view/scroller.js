import { Component, createRef } from "preact";
import { html } from "./html.js";
import { drawNow } from "./later.js";

const NEAR = 800; // pixels from an end at which more is fetched
const AT_BOTTOM = 24;
const FLASH_MS = 1_600;

/**
 * The messages and where one is in them. Nothing that comes or goes moves what is being read: a row in sight is the
 * anchor, and stays where it is. Who is at the end stays at the end.
 *
 * Properties: rows; draw(row); atEnd (the last row is the newest); begin ("end", or the key of a row); jump ({ key } to be
 * gone to); older(), newer(); onView({ atBottom, seq }): the last message in sight.
 */
export class Scroller extends Component {
  #ref = createRef();
  #list = createRef();
  #atBottom = true;
  #placed = false;
  #jumped = /** @type {any} */ (null);
  #frame = 0;
  #size = "";
  #observer = new ResizeObserver(() => this.#resized());

  componentDidMount() {
    this.#observer.observe(this.#ref.current);
    this.#observer.observe(this.#list.current);
    this.#settle(null);
  }

  componentWillUnmount() {
    this.#observer.disconnect();
    cancelAnimationFrame(this.#frame);
  }

  getSnapshotBeforeUpdate({ atEnd }) {
    if (atEnd && this.#atBottom) return { stays: true };
    const { scrollTop } = this.#ref.current;
    const row = this.#anchor();
    return { stays: false, key: row?.dataset.key, offset: row ? row.offsetTop - scrollTop : 0 };
  }

  componentDidUpdate(before, state, snapshot) {
    this.#settle(snapshot, before);
  }

  /** Where to be after a change. */
  #settle(anchor, before) {
    const { rows, jump, begin, atEnd } = this.props;
    if (!rows.some(({ kind }) => kind === "message" || kind === "pending")) return;
    if (jump && jump !== this.#jumped && this.#row(jump.key)) {
      this.#jumped = jump;
      this.#placed = true;
      this.#show(jump.key);
    } else if (!this.#placed) {
      this.#placed = true;
      if (begin !== "end" && this.#row(begin)) this.#show(begin, false);
      else this.toEnd();
    } else {
      const sentOne = atEnd && before && count(rows) > count(before.rows);
      const row = anchor?.key && this.#row(anchor.key);
      if (sentOne || anchor?.stays) this.toEnd();
      else {
        if (row) this.#ref.current.scrollTop = row.offsetTop - anchor.offset;
        this.#atBottom = this.#distance() < AT_BOTTOM; // what was the end has more below it
      }
    }
    this.#look();
  }

  #show(key, flashes = true) {
    const { current: box } = this.#ref;
    const row = this.#row(key);
    box.scrollTop = row.offsetTop - box.clientHeight / 3;
    this.#atBottom = this.#distance() < AT_BOTTOM;
    if (!flashes) return;
    row.classList.add("flash");
    setTimeout(() => row.classList.remove("flash"), FLASH_MS);
  }

  toEnd() {
    const { current: box } = this.#ref;
    box.scrollTop = box.scrollHeight;
    this.#atBottom = true;
  }

  #row(key) {
    return this.#list.current.querySelector(`[data-key="${CSS.escape(key)}"]`);
  }

  #distance() {
    const { scrollHeight, scrollTop, clientHeight } = this.#ref.current;
    return scrollHeight - scrollTop - clientHeight;
  }

  /**
   * The first row in sight that is the same when more comes before it: not a day or the line above what is new, which go
   * elsewhere then, nor the first message, which may then belong to the one before it and be less high.
   */
  #anchor() {
    const { current: list } = this.#list;
    const first = list.querySelector("[data-seq]");
    let row = this.#firstInSight();
    while (row && (row === first || row.matches(".day, .unread-line"))) row = row.nextElementSibling;
    return row ?? first;
  }

  /** By halving: rows stand in order. */
  #firstInSight() {
    const { scrollTop } = this.#ref.current;
    const { children } = this.#list.current;
    let low = 0;
    let high = children.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const { offsetTop, offsetHeight } = children[middle];
      if (offsetTop + offsetHeight > scrollTop) high = middle;
      else low = middle + 1;
    }
    return children[low];
  }

  #lastMessageInSight() {
    const { scrollTop, clientHeight } = this.#ref.current;
    const { children } = this.#list.current;
    for (let i = children.length - 1; i >= 0; i--) {
      const { offsetTop, dataset } = children[i];
      if (dataset.seq && offsetTop < scrollTop + clientHeight - 12) return Number(dataset.seq);
    }
    return 0;
  }

  #measure() {
    const { scrollHeight, clientHeight } = this.#ref.current;
    return `${clientHeight} of ${scrollHeight}`;
  }

  #resized() {
    this.#size = this.#measure();
    if (this.#atBottom && this.#placed && this.props.atEnd) this.toEnd();
    this.#look();
  }

  /** That of the last scrolling may come when a keyboard has already made the box smaller, which #resized is yet to follow. */
  #onScroll = () => {
    if (this.#measure() === this.#size) this.#atBottom = this.#distance() < AT_BOTTOM;
    this.#look();
  };

  /** Once a frame: whether more is needed, and what is in sight. */
  #look() {
    this.#frame ||= requestAnimationFrame(() => {
      this.#frame = 0;
      const { current: box } = this.#ref;
      if (!box || !this.#placed) return;
      if (box.scrollTop < NEAR) this.props.older();
      if (this.#distance() < NEAR) this.props.newer();
      this.props.onView({ atBottom: this.#atBottom && this.props.atEnd, seq: this.#lastMessageInSight() });
    });
  }

  #onKeyDown = (event) => {
    const rows = [...this.#list.current.querySelectorAll("[tabindex]")].filter((row) => row.dataset.key);
    const at = rows.indexOf(document.activeElement);
    if (event.key === "ArrowUp" && event.target === this.#ref.current) rows.at(-1)?.focus();
    else if (at < 0) return;
    else if (event.key === "ArrowUp") rows[Math.max(0, at - 1)].focus();
    else if (event.key === "ArrowDown") rows[Math.min(rows.length - 1, at + 1)].focus();
    else if (event.key === "Enter") rows[at].querySelector("[aria-haspopup=menu]")?.click();
    else return;
    event.preventDefault();
  };

  #onNear = ({ target }) => {
    const row = target.closest(".row");
    if (row) drawNow(row);
  };

  render({ rows, draw }) {
    return html`<div class="scroller" role="log" aria-label="Messages" aria-live="off" tabindex="0" id="messages"
        ref=${this.#ref} onScroll=${this.#onScroll} onKeyDown=${this.#onKeyDown}>
      <ol class="rows" ref=${this.#list} onPointerOver=${this.#onNear} onFocusIn=${this.#onNear}>${rows.map(draw)}</ol>
    </div>`;
  }
}

const count = (rows) => rows.filter(({ kind }) => kind === "pending").length;
