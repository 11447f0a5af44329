/** From which pool of the world a field is taken, and into which one it is put. A key with a dot is for one operation only. */
const POOLS = {
  username: "username",
  friend_username: "username",
  friendUsername: "username",
  userto_remove: "username",
  members: "username",
  mentions: "username",
  usernames: "username",
  to: "username",
  "search.from": "username",
  conversation_id: "conversation",
  key: "conversation", // of an object by conversation
  groupName: "group",
  group: "group",
  seq: "seq",
  before: "seq",
  after: "seq",
  around: "seq",
  reply_to: "seq",
  unread_from: "seq",
  read_seq: "seq",
  rev: "seq",
  file_id: "file",
  attachments: "file",
  secret: "secret",
  webhook_id: "webhook",
  refresh_token: "refresh_token",
  device: "device",
  code: "code",
  invite_id: "invite",
  emoji: "emoji",
  avatar_url: "avatar_url",
  next_before: "next_before",
  next_page: "next_page",

  "createIncomingWebhook.id": "webhook",
  "addMembers.name": "group",
  "removeMembers.name": "group",
  "adminConversation.id": "conversation",
  "adminDeleteConversation.id": "spare",
  "adminMessages.id": "conversation",
  "adminDeleteMessage.id": "conversation",
  "retention.id": "conversation",
  "setRetention.id": "conversation",
  "announce.id": "announcement",
  "adminAnnouncements.id": "announcement",
  "adminAnnouncements.before": "announcement",
  "withdrawAnnouncement.id": "announcement",
  "adminReplayWebhook.name": "outgoing",
  "decideReport.id": "report",
  "adminReports.id": "report",
  "adminReports.after": "report",
  "adminAudit.id": "audit",
  "adminAudit.before": "audit",
  "adminDeadLetters.before": "audit",
  "adminUsers.after": "username",
  "adminUsers.prefix": "username",
  "adminGroups.after": "group",
  "adminGroups.prefix": "group",
  "adminConversation.after": "username",
  "members.after": "username",
  "bans.after": "username",
  "blocked.after": "username",
  "reactions.after": "username",
  "invites.after": "invite",
  "search.before": "next_before",
  "sync.page": "next_page",
  "makeAdministrator.username": "guest",
  "unmakeAdministrator.username": "guest",
  "suspend.username": "guest",
  "liftSuspension.username": "guest",
  "resetPassword.username": "guest",
  "adminEndLogins.username": "guest",
  "adminDeleteUser.username": "guest",
};

/** What is put into no pool: it would give away what must go on, or is not what others ask for. */
const KEPT = new Set(["refresh_token", "none", "guest", "seq", "emoji", "avatar_url", "device"]);

/** Of these the answer tells something new; the request is not to name what is there. */
const NEW = {
  "register.username": "username",
  "createGroup.name": "group",
  "createGroup.conversation_id": "spare",
  "create_group.name": "group",
  "create_group.conversation_id": "spare",
};

/** From which pool a request takes the field, if from any. */
export function poolOf(operation, name) {
  const key = `${operation}.${name}`;
  return NEW[key] ? undefined : (POOLS[key] ?? POOLS[name]);
}

/** Puts what an answer tells into the pools. */
export function harvest(world, operation, value, name = "") {
  if (Array.isArray(value)) {
    value.forEach((one) => harvest(world, operation, one, name));
  } else if (value !== null && typeof value === "object") {
    Object.entries(value).forEach(([key, inside]) => harvest(world, operation, inside, key));
  } else {
    const pool = NEW[`${operation}.${name}`] ?? poolOf(operation, name);
    if (pool && !KEPT.has(pool) && typeof value === "string") {
      world.add(pool, value);
    }
  }
}
