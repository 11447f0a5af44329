import { useEffect } from "preact/hooks";
import { useCell } from "../model/cell.js";
import { client, whenOnline } from "../model/chat.js";
import { connectAgain, connection } from "../model/connection.js";
import { whenIdle } from "../model/frame.js";
import { closeConversation, keyOf, openConversation, route } from "../model/route.js";
import { signedOut } from "../model/session.js";
import { toast } from "../model/toasts.js";
import { describeInvite } from "../text/errors.js";
import { prepareTimes } from "../text/time.js";
import { openSearch } from "../dialog/search.js";
import { Announcements } from "./announcements.js";
import { Conversation } from "./conversation.js";
import { confirm } from "./dialog.js";
import { Nothing } from "./broken.js";
import { html, classes, guarded } from "./html.js";
import { Icon } from "./icon.js";
import { Sidebar } from "./sidebar.js";

const SafeAnnouncements = guarded(Announcements, Nothing);

export function Room() {
  const here = useCell(route);
  const isOpen = keyOf(here) !== "";
  useEffect(() => {
    if (here.code) join(here.code);
  }, [here.code]);
  useEffect(() => void whenIdle(prepareTimes), []);
  useEffect(() => {
    const onKeyDown = (event) => {
      if (event.key.toLowerCase() !== "k" || !(event.ctrlKey || event.metaKey)) return;
      event.preventDefault();
      if (!document.querySelector("dialog[data-name=search]")) openSearch();
    };
    addEventListener("keydown", onKeyDown);
    return () => removeEventListener("keydown", onKeyDown);
  }, []);
  return html`<div class=${classes("room", isOpen && "is-open")}>
    <div class="notices">
      <${SafeAnnouncements} />
      <${Banner} />
    </div>
    <${Sidebar} />
    <main class="pane" aria-label="Conversation">
      ${isOpen ? html`<${Conversation} key=${keyOf(here)} here=${here} />` : html`<${Empty} />`}
    </main>
  </div>`;
}

const WORDS = {
  connecting: "Connecting …",
  offline: "You are offline. You can read what is here; what you write is sent when you are back.",
  over: "The server has ended the connection. What you wrote is kept, and goes out when you connect again.",
};

function Banner() {
  const state = useCell(connection);
  const ended = useCell(signedOut);
  if (ended) {
    return html`<div role="status"><p class="banner" id="signed-out"><${Icon} name="alert" size=${18} /> <span>${ended}</span>
      <button type="button" class="link" onClick=${() => location.reload()}>Go to the sign-in</button></p></div>`;
  }
  return html`<div role="status">
    ${WORDS[state] && html`<p class=${classes("banner", state)}>
      <${Icon} name=${state === "connecting" ? "clock" : "wifi"} size=${18} /> <span>${WORDS[state]}</span>
      ${state === "over" && html`<button type="button" class="link" onClick=${connectAgain}>Connect again</button>`}
    </p>`}
  </div>`;
}

function Empty() {
  return html`<div class="empty">
    <img src="/favicon.svg" alt="" width="72" height="72" />
    <h1>Pick a conversation</h1>
    <p>or begin one with the plus sign. <kbd>Ctrl</kbd> <kbd>K</kbd> searches everything.</p>
  </div>`;
}

async function join(code) {
  closeConversation();
  if (!(await confirm({ title: "Join a group", text: "You were invited to a group. Do you want to join it?", yes: "Join", danger: false }))) return;
  try {
    await whenOnline();
    const { conversation_id } = await client.join(code);
    openConversation(conversation_id);
  } catch (error) {
    toast(describeInvite(error), true);
  }
}
