// How this user sees the conversations: pinned ones first, archived ones apart, and the menu that changes it.

const FOR_GOOD = "9999-12-31T23:59:59.999Z";

const isMuted = ({ preferences }) => !!preferences?.muted_until && Date.parse(preferences.muted_until) > Date.now();

export const isArchived = ({ preferences }) => !!preferences?.archived;

/** The pinned ones first, and of those and of the others the latest first. */
export function inOrder(conversations) {
  const time = ({ last_message }) => last_message?.created_at ?? "";
  const pinned = ({ preferences }) => Number(!!preferences?.pinned);
  return conversations.sort((a, b) => pinned(b) - pinned(a) || time(b).localeCompare(time(a)));
}

/** What stands beside the name. */
export function marks(talk) {
  return (talk.preferences?.pinned ? " · pinned" : "") + (isMuted(talk) ? " · muted" : "");
}

/** What the badge shows: one's own messages count as read, even if they are marked as unread. */
export const unreadOf = ({ unread, preferences }) => unread || (preferences?.unread_from ? "•" : "");

/** Whether there is something unread; what is muted does not call for attention. */
export const callsForAttention = (talk) => talk.unread > 0 && !isMuted(talk);

/**
 * The buttons of the menu of a conversation.
 *
 * @param {object} talk of the client's conversations
 * @param {(edit: object) => void} set
 */
export function menu(talk, set) {
  const { pinned, archived } = talk.preferences;
  const muted = isMuted(talk);
  const choices = [
    [muted ? "Unmute" : "Mute", { muted_until: muted ? null : FOR_GOOD }],
    [pinned ? "Unpin" : "Pin", { pinned: !pinned }],
    [archived ? "Take out of the archive" : "Archive", { archived: !archived }],
  ];
  if (talk.last_seq) choices.push(["Mark as unread", { unread_from: talk.last_seq }]);
  return choices.map(([label, edit]) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = label;
    button.onclick = () => set(edit);
    return button;
  });
}
