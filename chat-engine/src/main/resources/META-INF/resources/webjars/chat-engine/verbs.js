/**
 * The requests of the protocol that are one question and one answer. Each is tried once and rejects with a ChatError; the
 * changes may be repeated, which is harmless. What else a client has to do for a request is in ChatClient.
 */
export class Verbs extends EventTarget {
  /**
   * @param {string} type
   * @param {object} [fields]
   * @param {{ timeoutMs?: number }} [options]
   * @returns {Promise<any>} the reply
   */
  request(type, fields, options) {
    return Promise.reject(new TypeError(`${type} cannot be asked here`));
  }

  // ---- messages

  /**
   * A page of messages as they are now, ascending: the newest, or those before or after a seq, or around one.
   *
   * @param {{ conversation_id: string, before?: number, after?: number, around?: number, limit?: number }} page
   * @returns {Promise<any>} { messages, has_more }, and around a seq has_more_before and has_more_after
   */
  async history({ conversation_id, before, after, around, limit }) {
    const { type, id, ...page } = await this.request("history", { conversation_id, before, after, around, limit });
    return page;
  }

  /**
   * A page of those who react to a message; the next one is `after` the last username.
   *
   * @param {{ conversation_id: string, seq: number, emoji?: string, limit?: number, after?: string }} page
   * @returns {Promise<any>} { reactions: [{ username, emoji: [] }], has_more }; rejects with a ChatError
   */
  async reactions({ conversation_id, seq, emoji, limit, after }) {
    const { reactions, has_more } = await this.request("reactions", { conversation_id, seq, emoji, limit, after });
    return { reactions, has_more };
  }

  /**
   * A page of what a message said before its edits, ascending, and at last what it says now; the next one is `after` the
   * last version. Rejects with `forbidden` where the server keeps no history of edits.
   *
   * @param {{ conversation_id: string, seq: number, limit?: number, after?: number }} page
   * @returns {Promise<any>} { versions: [{ version, text, attributes, written_at }], has_more }; rejects with a ChatError
   */
  async edits({ conversation_id, seq, limit, after }) {
    const { versions, has_more } = await this.request("edits", { conversation_id, seq, limit, after });
    return { versions, has_more };
  }

  /**
   * Pins a message for all members: as owner or admin of a group, or in a direct conversation. It is tried once;
   * repeating it is harmless. `pinned` of the conversation, and the event `conversation`, tell of it here, too.
   *
   * @param {{ conversation_id: string, seq: number }} message
   * @returns {Promise<any>} { conversation_id, seq, rev }; rejects with a ChatError
   */
  async pin({ conversation_id, seq }) {
    const { rev } = await this.request("pin", { conversation_id, seq });
    return { conversation_id, seq, rev };
  }

  /** Ends a pin, also one that another member made. @param {{ conversation_id: string, seq: number }} message */
  async unpin({ conversation_id, seq }) {
    const { rev } = await this.request("unpin", { conversation_id, seq });
    return { conversation_id, seq, rev };
  }

  /**
   * A page of the pinned messages as they are now, those that were pinned last first; the next one is `after` the rev
   * of the last pin.
   *
   * @param {{ conversation_id: string, limit?: number, after?: number }} page
   * @returns {Promise<any>} { pins: [{ message, pinned_by, pinned_at, rev }], has_more }; rejects with a ChatError
   */
  async pins({ conversation_id, limit, after }) {
    const { pins, has_more } = await this.request("pins", { conversation_id, limit, after });
    return { pins, has_more };
  }

  /**
   * Messages in this user's conversations that have all words of the query, newest first; the last word may be the
   * beginning of one. A page can have fewer than `limit`, even none, and still not be the last: go on with `before` the
   * `next_before` of the page, as long as it has one. `highlights` are pieces of `text`: text.slice(start, end).
   *
   * @param {string} query
   * @param {{ conversation_id?: string, from?: string, before?: string, limit?: number }} [options]
   * @returns {Promise<any>} { messages, has_more, next_before, indexing }; rejects with a ChatError
   */
  async search(query, { conversation_id, from, before, limit } = {}) {
    const reply = await this.request("search", { query, conversation_id, from, before, limit });
    const { messages, has_more, next_before, indexing = false } = reply;
    return { messages, has_more, next_before, indexing };
  }

  /**
   * Tells the others that this user has got everything up to seq. The client does it by itself.
   *
   * @param {string} conversation_id
   * @param {number} seq
   */
  async received(conversation_id, seq) {
    await this.request("received", { conversation_id, seq });
  }

  /**
   * Tells the others that this user is typing; repeat it every few seconds.
   *
   * @param {string} conversation_id
   * @param {boolean} on
   */
  async typing(conversation_id, on) {
    await this.request("typing", { conversation_id, on });
  }

  // ---- groups

  /**
   * Creates a group; repeated with the same client_group_id it is the same one.
   *
   * @param {{ name: string, members?: string[], client_group_id?: string, history?: string }} group
   * @returns {Promise<any>} { conversation_id, name }
   */
  async createGroup({ name, members, client_group_id, history }) {
    const reply = await this.request("create_group", { name, members, client_group_id, history });
    return { conversation_id: reply.conversation_id, name: reply.name };
  }

  /** @param {{ conversation_id: string, members: string[] }} change */
  async addMembers({ conversation_id, members }) {
    await this.request("add_members", { conversation_id, members });
  }

  /** @param {{ conversation_id: string, members: string[] }} change */
  async removeMembers({ conversation_id, members }) {
    await this.request("remove_members", { conversation_id, members });
  }

  /** @param {string} conversation_id */
  async leave(conversation_id) {
    await this.request("leave", { conversation_id });
  }

  /** @param {{ conversation_id: string, username: string, role: string }} change */
  async setRole({ conversation_id, username, role }) {
    await this.request("set_role", { conversation_id, members: [username], role });
  }

  /**
   * A page of the members, by username, with how far they have got and read.
   *
   * @param {string} conversation_id
   * @param {{ after?: string, limit?: number }} [page]
   * @returns {Promise<any>} { rev, members: [{ username, role, joined_at, read_seq, received_seq }], has_more }
   */
  async members(conversation_id, { after, limit } = {}) {
    const { rev, members, has_more } = await this.request("members", { conversation_id, after, limit });
    return { rev, members, has_more };
  }

  /**
   * Changes one or more fields of a group at once; null clears all but the name.
   *
   * @param {string} conversation_id
   * @param {{ name?: string, description?: ?string, avatar_url?: ?string, attributes?: ?object, slow_mode_seconds?: number, history?: string }} fields
   */
  async updateGroup(conversation_id, fields) {
    await this.request("update_group", { ...fields, conversation_id });
  }

  /**
   * Keeps a user out of a group, whether they are a member or not.
   *
   * @param {{ conversation_id: string, username: string, until?: string | Date }} ban `until` in RFC 3339; without it the ban has no end
   */
  async ban({ conversation_id, username, until }) {
    await this.request("ban", { conversation_id, username, until: until && time(until) });
  }

  /** Ends a ban; adds nobody. @param {{ conversation_id: string, username: string }} ban */
  async unban({ conversation_id, username }) {
    await this.request("unban", { conversation_id, username });
  }

  /**
   * A page of the bans in force, by username.
   *
   * @param {{ conversation_id: string, after?: string, limit?: number }} page
   * @returns {Promise<any>} { bans: [{ username, by, at, until }], has_more }
   */
  async bans({ conversation_id, after, limit }) {
    const { bans, has_more } = await this.request("bans", { conversation_id, after, limit });
    return { bans, has_more };
  }

  /**
   * Lets a member read but not write until a time; null ends that.
   *
   * @param {{ conversation_id: string, username: string, until: string | Date | null }} silence
   */
  async silence({ conversation_id, username, until }) {
    await this.request("silence", { conversation_id, username, until: until && time(until) });
  }

  /**
   * Creates an invite: any user can join by its code, which is in this answer only.
   *
   * @param {{ conversation_id: string, expires_in?: number, max_uses?: number }} invite `expires_in` in seconds
   * @returns {Promise<any>} { code, invite_id, by, created_at, expires_at, max_uses }
   */
  async createInvite({ conversation_id, expires_in, max_uses }) {
    const { code, invite_id, by, created_at, expires_at, max_uses: uses } = await this.request("create_invite", { conversation_id, expires_in, max_uses });
    return { code, invite_id, by, created_at, expires_at, max_uses: uses };
  }

  /**
   * A page of the invites in force, by invite_id.
   *
   * @param {{ conversation_id: string, after?: string, limit?: number }} page
   * @returns {Promise<any>} { invites: [{ invite_id, by, created_at, expires_at, max_uses, uses }], has_more }
   */
  async invites({ conversation_id, after, limit }) {
    const { invites, has_more } = await this.request("invites", { conversation_id, after, limit });
    return { invites, has_more };
  }

  /**
   * Ends an invite, named by its code or by its id and the group.
   *
   * @param {{ code: string } | { conversation_id: string, invite_id: string }} invite
   */
  async revokeInvite(invite) {
    await this.request("revoke_invite", invite);
  }

  /**
   * Reports a message of somebody else to the moderators, who get it as it is now. Nobody else notices it.
   *
   * @param {{ conversation_id: string, seq: number, reason: string }} report
   */
  async report({ conversation_id, seq, reason }) {
    await this.request("report", { conversation_id, seq, reason });
  }

  /**
   * Joins a group by a code; for anybody.
   *
   * @param {string} code
   * @returns {Promise<any>} { conversation_id, name }
   */
  async join(code) {
    const { conversation_id, name } = await this.request("join", { code });
    return { conversation_id, name };
  }

  // ---- users

  /**
   * Changes what others see of this user, and this user of others; what is left out stays as it is.
   *
   * @param {{ last_seen?: "everyone" | "contacts" | "nobody", read_receipts?: boolean }} privacy
   * @returns {Promise<any>} the settings as they are now; rejects with a ChatError
   */
  async setPrivacy({ last_seen, read_receipts }) {
    const { id, type, ...privacy } = await this.request("set_privacy", { last_seen, read_receipts });
    return privacy;
  }

  /** @returns {Promise<any>} what others see of this user; ask again when the client is `online` again */
  async privacy() {
    const { id, type, ...privacy } = await this.request("privacy");
    return privacy;
  }

  /**
   * Changes how this user is shown to others; what is left out stays as it is, null clears it.
   *
   * @param {{ display_name?: ?string, avatar_url?: ?string }} profile
   * @returns {Promise<any>} the profile as it is now; rejects with a ChatError
   */
  async setProfile({ display_name, avatar_url }) {
    const { id, type, ...profile } = await this.request("set_profile", { display_name, avatar_url });
    return profile;
  }

  /**
   * How users are shown.
   *
   * @param {string[]} usernames at most 100
   * @returns {Promise<{ username: string, display_name?: string, avatar_url?: string }[]>}
   */
  async profiles(usernames) {
    return (await this.request("profiles", { usernames })).profiles;
  }

  /**
   * Who of these users is online.
   *
   * @param {string[]} usernames
   * @returns {Promise<any[]>} [{ username, online, last_seen_at }]
   */
  async presence(usernames) {
    return (await this.request("presence", { usernames })).users;
  }

  /** @param {string} username @returns {Promise<any>} { status } */
  async addContact(username) {
    const { status } = await this.request("add_contact", { username });
    return { status };
  }

  /** @param {string} username */
  async removeContact(username) {
    await this.request("remove_contact", { username });
  }

  /** @returns {Promise<any[]>} [{ id, username, online, last_seen_at }] */
  async contacts() {
    return (await this.request("contacts")).users;
  }

  /** @returns {Promise<any>} who waits for this user's answer, and whose answer this user waits for */
  async contactRequests() {
    const { type, id, ...requests } = await this.request("contact_requests");
    return requests;
  }

  /** @param {string} username */
  async block(username) {
    await this.request("block", { username });
  }

  /** @param {string} username */
  async unblock(username) {
    await this.request("unblock", { username });
  }

  /**
   * A page of those whom this user blocks, by username.
   *
   * @param {{ after?: string, limit?: number }} [page]
   * @returns {Promise<any>} { usernames, has_more }
   */
  async blocked({ after, limit } = {}) {
    const { usernames, has_more } = await this.request("blocked", { after, limit });
    return { usernames, has_more };
  }

  /** Asks for a sign of life. */
  async ping() {
    await this.request("ping");
  }
}

const time = (given) => (given instanceof Date ? given.toISOString() : given);
