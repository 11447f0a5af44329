import { useEffect, useState } from "preact/hooks";
import { client, on, pages } from "../model/chat.js";
import { useFetched } from "../model/connection.js";
import { attempt, copyText } from "../model/toasts.js";
import { until } from "../text/time.js";
import { Name } from "../view/controls.js";
import { html } from "../view/html.js";

const WEEK_SECONDS = 7 * 86_400;

/** At first, after a connection was lost, and whenever somebody has come, gone, or was banned. */
function useReload(id, load) {
  useFetched(load, [id]);
  useEffect(() => {
    return on("conversation", ({ conversation_id, change }) => change && conversation_id === id && load().catch(() => {}));
  }, [id]);
}

/** Links by which others join; the code is known to who makes it only. */
export function Invites({ id }) {
  const [invites, setInvites] = useState([]);
  const [made, setMade] = useState({ invite_id: "", link: "" });
  const load = () => pages("invites", { conversation_id: id, limit: 1_000 }, "invites", "invite_id").then(setInvites);
  useReload(id, load);
  const create = () => attempt(async () => {
    const { code, invite_id } = await client.createInvite({ conversation_id: id, expires_in: WEEK_SECONDS });
    setMade({ invite_id, link: `${location.origin}/#/join/${code}` });
    await load();
  });
  const link = invites.some(({ invite_id }) => invite_id === made.invite_id) && made.link; // and not revoked
  const revoke = (invite_id) => attempt(async () => {
    await client.revokeInvite({ conversation_id: id, invite_id });
    await load();
  });
  return html`<section><h3>Invites</h3>
    ${link && html`<p class="copy"><input readonly aria-label="Link of the invite" value=${link} /><button type="button" class="button small" onClick=${() => copyText(link)}>Copy</button></p>`}
    <ul class="people">${invites.map((invite) => html`<li key=${invite.invite_id} class="person">
      <span class="person-name">by <${Name} of=${invite.by} /><small>${invite.uses} joined ${invite.expires_at && until(invite.expires_at)}</small></span>
      <button type="button" class="button small" onClick=${() => revoke(invite.invite_id)}>Revoke</button></li>`)}</ul>
    <button type="button" class="button" onClick=${create}>Invite by a link</button>
  </section>`;
}

export function Bans({ id }) {
  const [bans, setBans] = useState([]);
  const load = () => pages("bans", { conversation_id: id, limit: 1_000 }, "bans", "username").then(setBans);
  useReload(id, load);
  if (!bans.length) return null;
  const lift = (username) => attempt(async () => {
    await client.unban({ conversation_id: id, username });
    await load();
  });
  return html`<section><h3>Banned</h3><ul class="people">${bans.map(({ username, until: end }) => html`<li key=${username} class="person">
    <span class="person-name"><${Name} of=${username} />${end && html`<small>${until(end)}</small>`}</span>
    <button type="button" class="button small" onClick=${() => lift(username)}>Lift</button></li>`)}</ul></section>`;
}
