import { useEffect, useLayoutEffect, useMemo } from "preact/hooks";
import { useCell } from "../model/cell.js";
import { blocked, setBlocked } from "../model/blocks.js";
import { client, on } from "../model/chat.js";
import { conversations, isListKnown } from "../model/conversations.js";
import { moveDraft } from "../model/drafts.js";
import { loadNotes } from "../model/notes.js";
import { askPresence } from "../model/people.js";
import { endMarkSoon, forgetMark } from "../model/reading.js";
import { replaceRoute, target } from "../model/route.js";
import { viewOf } from "../model/timelines.js";
import { attempt } from "../model/toasts.js";
import { Composer } from "./composer.js";
import { ConversationHeader } from "./conversation-header.js";
import { Name } from "./controls.js";
import { BrokenPane, Nothing } from "./broken.js";
import { guarded, html } from "./html.js";
import { Messages } from "./messages.js";
import { Missing } from "./missing.js";
import { PinnedBar } from "./pinned-bar.js";

const SafePinnedBar = guarded(PinnedBar, Nothing);

/** What is open: a conversation, or somebody with whom there is none yet. */
export const Conversation = guarded(({ here }) => {
  const { conversation_id: id, peer } = here;
  const one = useCell(conversations, (all) => all.find((any) => (id ? any.conversation_id === id : any.kind === "direct" && any.peer === peer)), id, peer);
  const isBlocked = useCell(blocked, (set) => set.has(one?.peer ?? peer), one?.peer ?? peer);
  const isKnown = useCell(isListKnown);
  const goTo = useCell(target);

  useMemo(() => {
    if (id && one?.peer) moveDraft(`@${one.peer}`, id); // of the time before it began
  }, [id]);

  useEffect(() => {
    if (one && !id) replaceRoute(one.conversation_id); // it has begun
  }, [one?.conversation_id]);

  useEffect(() => {
    if (!id) return undefined;
    const load = () => {
      client.loadMembers(id).catch(() => {});
      const other = one?.kind === "direct" ? one.peer : undefined;
      if (other) askPresence(other).catch(() => {});
      endMarkSoon(id); // also one that this browser did not know of before it was online
    };
    loadNotes(id);
    forgetMark();
    load();
    return on("online", load);
  }, [id]);

  useLayoutEffect(() => {
    if (id) viewOf(id).show(goTo?.conversation_id === id ? goTo.seq : null);
  }, [id, goTo]);

  if (id && !one && isKnown) return html`<${Missing} here=${here} />`;
  return html`<section class="conversation">
    <${ConversationHeader} here=${here} one=${one} />
    ${one?.pinned?.length > 0 && html`<${SafePinnedBar} one=${one} />`}
    <${Messages} here=${here} one=${one} />
    ${isBlocked ? html`<${Blocked} peer=${one?.peer ?? peer} />` : html`<${Composer} here=${here} one=${one} />`}
  </section>`;
}, BrokenPane);

/** In place of where one writes: the server would refuse it. */
const Blocked = ({ peer }) => html`<footer class="composer">
  <p class="composer-note">You have blocked <${Name} of=${peer} />.${" "}
    <button type="button" class="link" onClick=${() => attempt(() => setBlocked(peer, false))}>Unblock</button></p>
</footer>`;
