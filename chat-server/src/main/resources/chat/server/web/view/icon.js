import { html } from "./html.js";

/** Strokes in a square of 24. */
const PATHS = {
  back: "M15 5l-7 7 7 7",
  search: "M11 4a7 7 0 1 1 0 14 7 7 0 0 1 0-14zM20 20l-4-4",
  more: "M12 5.5v.01M12 12v.01M12 18.5v.01",
  plus: "M12 5v14M5 12h14",
  send: "M4 12l16-8-5 16-3.5-6.5zM11.5 13.5L20 4",
  smile: "M12 3a9 9 0 1 1 0 18 9 9 0 0 1 0-18zM8.5 14.5c1.8 2.3 5.2 2.3 7 0M9 9.5v.01M15 9.5v.01",
  clip: "M20 11.5l-8 8a5 5 0 0 1-7-7l8.5-8.5a3.3 3.3 0 0 1 4.7 4.7l-8.4 8.4a1.7 1.7 0 0 1-2.4-2.4l7.6-7.6",
  reply: "M10 8V4.5L3.5 11l6.5 6.5V14c5 0 8 1.5 10.5 5-.5-6-4-11-10.5-11z",
  forward: "M14 8V4.5l6.5 6.5-6.5 6.5V14c-5 0-8 1.5-10.5 5 .5-6 4-11 10.5-11z",
  check: "M5 12.5l4.5 4.5L19 7.5",
  checks: "M2 12.5l4.5 4.5L15 8M11 15.5l1.5 1.5L22 7.5",
  clock: "M12 4a8 8 0 1 1 0 16 8 8 0 0 1 0-16zM12 8v4.5l3 1.5",
  alert: "M12 8v5M12 16.5v.01M12 3a9 9 0 1 1 0 18 9 9 0 0 1 0-18z",
  mute: "M6 9.5a6 6 0 0 1 9.5-4.9M18 10c0 5 2 6 2 6H9M5.5 13c-.6 2-1.5 3-1.5 3h2M10.5 20h3M4 4l16 16",
  pin: "M9 4h6l-.5 6 3.5 3.5H6L9.5 10zM12 13.5V21",
  archive: "M4 5h16v4H4zM5.5 9v10h13V9M10 13h4",
  close: "M6 6l12 12M18 6L6 18",
  down: "M6 9.5l6 6 6-6",
  edit: "M5 19l1-4L16 5l3 3L9 18zM14 7l3 3",
  trash: "M5 7h14M9.5 7V4.5h5V7M7 7l1 13h8l1-13",
  copy: "M9 9h11v11H9zM5 15H4V4h11v1",
  info: "M12 3a9 9 0 1 1 0 18 9 9 0 0 1 0-18zM12 11v5.5M12 7.5v.01",
  user: "M12 4a4 4 0 1 1 0 8 4 4 0 0 1 0-8zM4.5 20c.8-4 3.8-6 7.5-6s6.7 2 7.5 6",
  users: "M9 5a3.5 3.5 0 1 1 0 7 3.5 3.5 0 0 1 0-7zM2.5 19c.6-3.5 3.2-5 6.5-5s5.9 1.5 6.5 5M16 5.5a3.3 3.3 0 0 1 0 6.2M18 14.3c2 .7 3.2 2.3 3.5 4.7",
  settings: "M4 7h9M17 7h3M15 5v4M4 12h3M11 12h9M9 10v4M4 17h8M16 17h4M14 15v4",
  flag: "M6 21V4h12l-2.5 4.5L18 13H6",
  ban: "M12 3a9 9 0 1 1 0 18 9 9 0 0 1 0-18zM5.7 5.7l12.6 12.6",
  link: "M10 14a4 4 0 0 0 6 .4l3-3a4 4 0 0 0-5.7-5.7l-1 1M14 10a4 4 0 0 0-6-.4l-3 3a4 4 0 0 0 5.7 5.7l1-1",
  download: "M12 4v11M7 10.5l5 5 5-5M5 20h14",
  file: "M6 3h8l4 4v14H6zM14 3v4h4",
  calendar: "M4 6h16v14H4zM4 10.5h16M8.5 3.5v4M15.5 3.5v4",
  unread: "M4 6h10M4 6v12h16v-8M4 7l8 6 3-2.2M19 3a2.5 2.5 0 1 1 0 5 2.5 2.5 0 0 1 0-5z",
  leave: "M10 4H5v16h5M14 8l4 4-4 4M18 12H9",
  wifi: "M3 9.5c5-4.7 13-4.7 18 0M6.5 13.5c3-2.9 8-2.9 11 0M10 17.2c1.2-1 2.8-1 4 0M4 4l16 16",
  bell: "M6 10a6 6 0 0 1 12 0c0 5 2 6 2 6H4s2-1 2-6zM10 20h4",
  shield: "M12 3l7.5 3v5c0 5-3.2 8.3-7.5 10-4.3-1.7-7.5-5-7.5-10V6z",
};

export function Icon({ name, size = 20 }) {
  return html`<svg class="icon" width=${size} height=${size} viewBox="0 0 24 24" aria-hidden="true" focusable="false">
    <path d=${PATHS[name]} fill="none" stroke="currentColor" stroke-width="1.8" stroke-linecap="round" stroke-linejoin="round" />
  </svg>`;
}
