// What users do in a random history (model.js): each with its share.

const EMOJI = ["👍", "🎉", "😀"];
const SOON_MS = 300; // within a history
const LATER_MS = 3_600_000; // beyond it

const inTime = (ms) => new Date(Date.now() + ms).toISOString();

/**
 * What is done to a conversation of the device, or to a group that its user need not be in. Where it is about a message, `seq` is one
 * that the conversation has.
 *
 * @type {[number, (it: any) => Promise<any> | undefined][]}
 */
const ACTIONS = [
  [34, ({ send, text, content }) => send({ text, ...content() })],
  [3, ({ send, target, seq, conversation_id }) => send({ conversation_id: target, forward_of: { conversation_id, seq } })],
  [1, ({ send, target, seq, text, conversation_id }) => send({ conversation_id: target, text, forward_of: { conversation_id, seq } })],
  [10, ({ client, conversation_id, seq, text, mentions }) => client.edit({ conversation_id, seq, text, mentions: mentions() })],
  [6, ({ client, conversation_id, seq }) => client.delete({ conversation_id, seq })],
  [12, ({ client, conversation_id, seq, pick, chance }) => client.react({ conversation_id, seq, emoji: pick(EMOJI), on: chance(0.7) })],
  [8, ({ client, conversation_id, seq }) => client.read(conversation_id, seq)],
  [2, ({ client, conversation_id, seq }) => client.pin({ conversation_id, seq })],
  [2, ({ client, conversation_id, seq }) => client.unpin({ conversation_id, seq })],
  [4, ({ client, conversation_id, preferences }) => client.setPreferences(conversation_id, preferences())],
  [3, ({ loadReceipts }) => loadReceipts()],
  [1, ({ client, conversation_id, chance }) => client.typing(conversation_id, chance(0.7))],
  [2, ({ client, group, pick, text }) => client.updateGroup(group, pick([{ description: text }, { history: "joined" }, { history: "all" }]))],
  [4, ({ client, group, user }) => client.addMembers({ conversation_id: group, members: [user] })],
  [1.5, ({ client, group, user }) => client.removeMembers({ conversation_id: group, members: [user] })],
  [1, ({ client, group }) => client.leave(group)],
  [3, ({ client, group, user, pick }) => client.setRole({ conversation_id: group, username: user, role: pick(["admin", "owner", "member"]) })],
  [1, ({ client, group, user, chance }) => client.ban({ conversation_id: group, username: user, until: chance(0.5) ? inTime(SOON_MS) : undefined })],
  [2, ({ client, group, user }) => client.unban({ conversation_id: group, username: user })],
  [2, ({ client, group, user, pick }) => client.silence({ conversation_id: group, username: user, until: pick([null, inTime(SOON_MS), inTime(LATER_MS)]) })],
  [2, ({ invite, group, pick }) => invite({ conversation_id: group, ...pick([{}, { max_uses: 1 }]) })],
  [2, ({ client, code }) => code && client.join(code)],
  [0.5, ({ client, code }) => code && client.revokeInvite({ code })],
  [0.7, ({ client, user }) => client.block(user)],
  [2, ({ client, user }) => client.unblock(user)],
  [1, ({ client, user }) => client.addContact(user)],
];

const ALL = ACTIONS.reduce((sum, [share]) => sum + share, 0);

/** @param {number} random from 0 to 1 */
export function actionAt(random) {
  let rest = random * ALL;
  return ACTIONS.find(([share]) => (rest -= share) < 0)[1];
}
