/** The types of chat-client.js, by hand. The frames are described in the server's /asyncapi.yaml. */

export interface ClientOptions {
  /**
   * The address of the WebSocket: absolute, or relative to the page; http and https become ws and wss.
   * A function is asked before each connection.
   */
  url: string | URL | (() => string | URL | Promise<string | URL>);

  /**
   * Asked before each connection. What it returns is added to the query of the address, such as a one-time
   * ticket. Leave it out where a cookie says who the user is. `refused` tells that the credentials of the
   * last attempt were not accepted (4401), so refresh them; refused again, the client gives up. Throw an
   * error with the code "unauthorized" to make it give up at once; after any other error it tries again.
   */
  login?: (state: { refused: boolean }) => Credentials | Promise<Credentials>;

  /**
   * Keeps what is not acknowledged over a reload, by user: an `IndexedDbStorage`, `localStorage`, or anything
   * alike. Left out, unsent messages live as long as the page.
   */
  storage?: Pick<Storage, "length" | "key" | "getItem" | "setItem" | "removeItem"> | ClientStorage | null;

  /** What its keys begin with. "chat" unless set. */
  storagePrefix?: string;

  /**
   * Keeps what was seen last, to be read without a connection, see `restore`: an `IndexedDbStorage`, or another one with room for 100
   * messages of each conversation. May be the same as `storage`. Nothing is kept unless set.
   */
  archive?: ClientStorage | null;

  /** How many sends may be under way at once; one of each conversation. 8 unless set. */
  window?: number;

  /** The name of this device, which it keeps through its connections. The server gives it one unless set. */
  device?: string;

  /** The class of the WebSocket, where there is none or another one is to be used. */
  WebSocket?: new (url: URL, protocols?: string | string[]) => any;

  /** How the tabs that share the storage agree. `navigator.locks` unless set; null if no other tab uses the storage. */
  locks?: LockManager | null;

  /** Whether it tells the server by itself what it has received. True unless set. */
  acknowledges?: boolean;

  /** Subprotocols of the WebSocket. */
  protocols?: string | string[];

  /** From the call of `login` to the welcome. 15 seconds unless set. */
  connectTimeoutMs?: number;

  /** For the answer to a request. 20 seconds unless set. */
  requestTimeoutMs?: number;

  /** After a ping, sent when nothing came for as long as the heartbeat of the server. 5 seconds unless set. */
  pingTimeoutMs?: number;
}

export type Credentials = Record<string, string> | null | undefined | void;

export interface Limits {
  max_frame_bytes?: number;
  max_text_bytes?: number;
  messages_per_second?: number;
  max_mentions?: number;
  max_attributes_bytes?: number;
  max_attachments?: number;
  max_reactions_per_user?: number;
  max_reactions_per_message?: number;
  max_pins?: number;
  max_pinned_conversations?: number;
  max_group_members?: number;
  max_group_name_length?: number;
  max_description_length?: number;
  max_avatar_url_length?: number;
  max_display_name_length?: number;
  max_report_length?: number;
  max_query_length?: number;
  max_history_limit?: number;
}

export interface Message {
  conversation_id: string;
  message_id: string;
  seq: number;
  /** Who wrote it; empty for what the application itself wrote. */
  from: string;
  client_message_id: string;
  text: string;
  created_at: string;
  reply_to?: number;
  /** There if it was forwarded; empty unless this user can read the original, and in events unless this connection has had it. */
  forward_of?: { conversation_id?: string; seq?: number };
  /** The message that it answers, as that one was when this was read or, of an event, sent. */
  reply_preview?: ReplyPreview;
  mentions?: string[];
  attributes?: Record<string, unknown>;
  /** The ids of the files. */
  attachments?: string[];
  /** When it was last edited. */
  edited_at?: string;
  /** Of the last change of it: of two states the one with the higher rev is the later. None if it is as it was sent. */
  rev?: number;
  /** It has no text, mentions, attributes, attachments and reactions any more. */
  deleted?: true;
  reactions?: ReactionCount[];
}

export interface ReactionCount {
  emoji: string;
  count: number;
  /** Whether this user is one of them. Not in events, which are the same for all; see withOwnReactions. */
  me?: boolean;
}

/** Somebody reacted to a message, or took that back. */
export interface Reaction {
  conversation_id: string;
  seq: number;
  rev: number;
  emoji: string;
  username: string;
  on: boolean;
  /** How many users react with the emoji after it. */
  count: number;
  /** Whether it is this user. */
  me: boolean;
}

export interface ReactionReply {
  conversation_id: string;
  seq: number;
  /** Of the change that brought the reaction into this state; 0 if it has been so all along. */
  rev: number;
  count: number;
}

export interface PinReply {
  conversation_id: string;
  seq: number;
  /** Of the change that made it so; 0 if there was nothing to unpin. */
  rev: number;
}

/** What a message says, or said before an edit. */
export interface MessageVersion {
  version: number;
  text: string;
  attributes?: Record<string, unknown>;
  /** When the message began to say this. */
  written_at: string;
}

export interface PinnedMessage {
  /** As it is now. */
  message: Message;
  /** Empty for the application itself. */
  pinned_by: string;
  pinned_at: string;
  /** Of the change that pinned it. */
  rev: number;
}

/** A message that is answered; shorten nothing: its text is cut to 140 code points at most. */
export interface ReplyPreview {
  seq: number;
  from: string;
  text: string;
  /** Of its last change, as in `Message`. */
  rev?: number;
  edited?: true;
  deleted?: true;
}

/** The seq of the first unread message of a conversation; 0 if nothing is unread. */
export function firstUnread(conversation: Pick<Conversation, "unread" | "read_seq" | "preferences">): number;

/** The `reply_preview` of an answer to a message in this state. */
export function previewOf(message: Message): ReplyPreview;

/**
 * To be called for the messages that are shown when `message_edited` or `message_deleted` comes: the message with a
 * newer preview if it answers the changed one, else the same object.
 */
export function withPreviewOf<M extends Message>(message: M, changed: Message): M;

/** The message without a preview of what has expired, see the event `expired`; else the same object. */
export function withoutExpired<M extends Message>(message: M, firstSeq: number): M;

/** A message as it is after a change; with the change, if it was told live. */
export interface ChangedMessage extends Message {
  rev: number;
  change?: { rev: number; at_seq: number; by: string };
}

export interface KeptConversation {
  /** The newest ones, ascending; none if the client knows of later ones, or of later states. */
  messages: Message[];
  /** Whether there are messages before these, or may be. */
  has_more: boolean;
  /** What has happened to the conversation since it is kept, ascending: the changes of the events `conversation`, and when they came. */
  changes: { at: string; change: ConversationChange }[];
}

/** What has happened to a conversation or its members. Later versions may have more kinds. */
export interface ConversationChange {
  kind:
    | "added" | "removed" | "role_set" | "renamed" | "attributes_set" | "updated" | "banned" | "unbanned" | "silenced"
    | "pinned" | "unpinned" | "expired" | "retention_set" | "peer_replaced" | "deleted";
  rev: number;
  /** It took effect after the message of this seq. */
  at_seq: number;
  /** Who did it; empty for the application itself. */
  by: string;
  /** The one user whom it concerns. */
  username?: string;
  /** The users whom it concerns, if there are several: the first 100 of them. */
  usernames?: string[];
  /** How many users it concerns, if there are several. */
  count?: number;
  role?: "owner" | "admin" | "member";
  name?: string;
  /** What `updated` has changed; null for what there is no more. */
  description?: string | null;
  avatar_url?: string | null;
  attributes?: Record<string, unknown> | string | null;
  slow_mode_seconds?: number;
  history?: "all" | "joined";
  /** The message that was pinned or unpinned. */
  seq?: number;
  /** The messages below it have expired. */
  first_seq?: number;
  retention_seconds?: number | null;
  /** When a ban or a silence ends by itself. */
  until?: string;
}

/** A conversation has begun for this user, or has changed. */
export interface ConversationNews {
  conversation_id: string;
  kind: "direct" | "group";
  name?: string;
  /** The two users of a direct conversation. */
  peers?: string[];
  attributes?: Record<string, unknown> | string;
  description?: string;
  avatar_url?: string;
  slow_mode_seconds?: number;
  history?: "joined";
  /** What has happened; missing if it has just begun to exist. */
  change?: ConversationChange;
}

export interface Conversation {
  conversation_id: string;
  kind: "direct" | "group";
  name?: string;
  peer?: string;
  role?: "owner" | "admin" | "member";
  /** What a group is about. */
  description?: string;
  avatar_url?: string;
  attributes?: Record<string, unknown> | string;
  /** A plain member waits so long between two messages; none if there is no slow mode. */
  slow_mode_seconds?: number;
  /** There if members read only what was sent after they joined. */
  history?: "joined";
  last_seq: number;
  read_seq: number;
  /** Messages of others behind `read_seq` that were not deleted, and those of them that mention this user. */
  unread: number;
  unread_mentions: number;
  /** The seqs of all pinned messages, those that were pinned last first. */
  pinned: number[];
  /** The messages below it have expired; 1 if none has. */
  first_seq: number;
  /** How long messages of this conversation are kept; none for the time of the server. */
  retention_seconds?: number;
  last_message?: Message;
  preferences: Preferences;
}

/** How this user sees a conversation. Of two states the one with the higher version is the later. */
export interface Preferences {
  /** A time; until then the conversation causes no notification. */
  muted_until: string | null;
  /** The next message ends it. */
  archived: boolean;
  /** The last seq of the conversation when it was archived. */
  archived_at_seq: number | null;
  pinned: boolean;
  /** Messages from this seq on are marked as unread; a read ends that. */
  unread_from: number | null;
  version: number;
}

export type PreferencesEdit = Partial<Pick<Preferences, "muted_until" | "archived" | "pinned" | "unread_from">>;

/** One of `to`, `group` and `conversation_id` says where it goes. */
export interface NewMessage {
  to?: string;
  group?: string;
  conversation_id?: string;
  /**
   * May be missing with `attachments`, and with `forward_of`: without attachments the content is that of the original then.
   */
  text?: string;
  /** A message that this user can read. */
  forward_of?: { conversation_id: string; seq: number };
  /** The ids of at most `max_attachments` files. */
  attachments?: string[];
  /** Random unless given. Sent again with the same one, a message is stored once. */
  client_message_id?: string;
  reply_to?: number;
  mentions?: string[];
  attributes?: Record<string, unknown>;
}

/** What was sent, as it stands. */
export type OutboxEntry = NewMessage & {
  client_message_id: string;
  /** `failed` is what the server refused; it stays until `retry` or `drop`. */
  state: "waiting" | "failed";
  /** Why it failed. */
  error?: { code: string; message: string };
  /** Whether it is in the storage, and outlives this page. */
  kept: boolean;
};

/** Whether what was sent is kept over the end of the page; `none` without the option `storage`. */
export type StorageState = "ok" | "full" | "unavailable" | "none";

/** Where a client keeps what outlives it; see storage/storage.js. */
export interface ClientStorage {
  /** All entries whose keys begin with this. */
  read(prefix: string): Promise<[string, any][]>;
  /** Stores the values, and removes those that are undefined: all or none. Rejects where there is no room. */
  write(entries: [string, any][]): Promise<void>;
}

export interface SendReply {
  message_id: string;
  conversation_id: string;
  seq: number;
  created_at: string;
  duplicate: boolean;
}

/** Takes the place of what the message had. Attachments stay; with some, the text may be empty. */
export interface MessageEdit {
  conversation_id: string;
  seq: number;
  text: string;
  mentions?: string[];
  attributes?: Record<string, unknown>;
}

export interface ChangeReply {
  conversation_id: string;
  seq: number;
  /** Of the change that brought the message into this state; 0 for an edit to what it has said all along. */
  rev: number;
  edited_at?: string;
}

/** One or more fields of a group; null clears all but the name. */
export interface GroupUpdate {
  name?: string;
  description?: string | null;
  avatar_url?: string | null;
  attributes?: Record<string, unknown> | null;
  slow_mode_seconds?: number | null;
  /** What members read of the time before they joined. */
  history?: "all" | "joined";
}

/** An invite to a group. `by` is empty for the application itself. */
export interface Invite {
  invite_id: string;
  by: string;
  created_at: string;
  /** When it ends by itself; none for never. */
  expires_at?: string;
  /** How many users can join by it; none for any number. */
  max_uses?: number;
}

export interface ListedInvite extends Invite {
  /** How many users have joined by it. */
  uses: number;
}

/** What others see of a user, and the user of others. */
export interface Privacy {
  /** Who sees whether the user is online, and when they were last seen. */
  last_seen: "everyone" | "contacts" | "nobody";
  read_receipts: boolean;
  /** Of two states the one with the higher version is the later. */
  version: number;
}

/** How a user is shown to others; what is not set is missing. */
export interface Profile {
  username: string;
  display_name?: string;
  avatar_url?: string;
  /** Of chat-server: a bot or an incoming webhook, which is never online and always there. */
  bot?: true;
}

export interface Member {
  username: string;
  role: "owner" | "admin" | "member";
  joined_at: string;
  /** Missing if this user or the member hides read receipts. */
  read_seq?: number;
  received_seq: number;
  /** Until when the member may not write; may be over. */
  silenced_until?: string;
}

export interface Presence {
  username: string;
  online: boolean;
  /** When the user was last known to go offline. */
  last_seen_at?: string;
}

export interface Contact extends Presence {
  /** Of the account. */
  id: string;
}

export interface ContactRequest {
  /** Who asked, or was asked. */
  username: string;
  requested_at: string;
}

export interface HistoryPage {
  /** Ascending. */
  messages: Message[];
  has_more: boolean;
  /** Around a seq. */
  has_more_before?: boolean;
  has_more_after?: boolean;
}

export interface Ban {
  username: string;
  /** Who banned the user; empty for the application itself. */
  by: string;
  at: string;
  /** When it ends by itself; none for never. */
  until?: string;
}

export interface SearchOptions {
  /** Only in this conversation. */
  conversation_id?: string;
  /** Only messages of this user. */
  from?: string;
  /** The `next_before` of the page before. */
  before?: string;
  /** 1 to 100; 20 unless set. */
  limit?: number;
}

export interface FoundMessage extends Message {
  /** Pieces of `text`: text.slice(start, end). Ascending, not overlapping; the first 100. */
  highlights: { start: number; end: number }[];
}

export interface SearchReply {
  /** Newest first. */
  messages: FoundMessage[];
  has_more: boolean;
  /** With `has_more`, also where a page is empty. */
  next_before?: string;
  /** Many messages are waiting to be indexed, and some may be missing. */
  indexing: boolean;
}

/** What the operator of the server says to all users. Plain text. */
export interface Announcement {
  id: string;
  text: string;
  kind: "info" | "warning";
  at: string;
  /** It ends by itself then, and is not in `announcements` any more. */
  until: string;
}

/** A piece of the history of a conversation, without a gap, each message in its present state. */
export interface Timeline {
  readonly conversation_id: string;
  /** Ascending; another array after each change. */
  readonly messages: Message[];
  readonly loaded: boolean;
  readonly hasOlder: boolean;
  /** Whether there are messages after the last one; then new ones are not added until that is reached. */
  readonly hasNewer: boolean;
  readonly kept: boolean;
  /** At most so many messages: a page that is fetched at one end takes the place of what is at the other end. Infinity unless set. */
  window: number;
  /** Whether somebody looks at its end, so that new messages take the place of the oldest ones; else they may double it. True unless set. */
  follows: boolean;
  /** Keeps it in memory, as long as it is on a screen. */
  keep(): void;
  release(): void;
  /** Fetches the newest messages, unless there are some already. */
  load(limit?: number): Promise<void>;
  /** Fetches the newest messages in place of what there is. */
  loadNewest(limit?: number): Promise<void>;
  /** Fetches the messages around one in place of what there is. */
  loadAround(seq: number, limit?: number): Promise<void>;
  /** Fetches the messages around the first unread one in place of what there is; the newest ones if they go back to it, or nothing is unread. */
  loadUnread(limit?: number): Promise<void>;
  /** Fetches the messages around the first one of a time or later, and gives its seq; that of the last message if all are earlier. */
  loadAt(time: Date | number, limit?: number): Promise<number>;
  loadOlder(limit?: number): Promise<void>;
  loadNewer(limit?: number): Promise<void>;
}

export interface TimelineChange {
  conversation_id: string;
  /**
   * `added` before or behind the others, `changed` in place, `removed` because they have expired, the conversation is gone, or to save
   * memory, `replaced` by other ones.
   */
  kind: "added" | "changed" | "removed" | "replaced";
  messages: Message[];
}

/** How far a message has come. The state is that of all other members together. */
export interface Delivery {
  state: "sent" | "delivered" | "read";
  received: string[];
  read: string[];
}

export class ChatError extends Error {
  constructor(code: string, message: string, details?: { retryAfterMs?: number; kept?: boolean });
  readonly code:
    | "bad_request" | "unknown_type" | "unauthorized" | "forbidden" | "not_found" | "conflict"
    | "too_large" | "rate_limited" | "busy" | "unavailable" | "internal" | "closed" | (string & {});
  readonly retryAfterMs: number | undefined;
  readonly kept: boolean;
  /** At most so many messages: a page that is fetched at one end takes the place of what is at the other end. Infinity unless set. */
  window: number;
  /** Whether somebody looks at its end, so that new messages take the place of the oldest ones; else they may double it. True unless set. */
  follows: boolean;
}

export interface ClientEvents {
  message: Message;
  message_edited: ChangedMessage;
  message_deleted: ChangedMessage;
  reaction: Reaction;
  conversations: undefined;
  conversation: ConversationNews;
  receipt: { conversation_id: string; username: string; kind: "read" | "received"; seq: number };
  preferences: Preferences & { conversation_id: string };
  privacy: Privacy;
  typing: { conversation_id: string; username: string; on: boolean };
  presence: { username: string; online: boolean; last_seen_at?: string };
  /** Of chat-server: ask for `contacts` and `contactRequests` again. */
  contacts_changed: {};
  /** New among `announcements`: announced now, or while this client was away. */
  announcement: Announcement;
  announcement_withdrawn: { id: string };
  /** The list has changed. */
  announcements: undefined;
  /** The server is about to end the connection. */
  bye: { reason: "draining" | "too_slow" | "disconnected" | "gone"; retry_after_ms: number; explanation?: string };
  sent: { fields: NewMessage & { client_message_id: string }; reply: SendReply };
  /** The server does not take a message; or the client has ended, and the message is not kept: it is nowhere else any more. */
  refused: { fields: NewMessage & { client_message_id: string }; error: ChatError };
  outbox: undefined;
  timeline: TimelineChange;
  members: { conversation_id: string };
  /** This user is not in the conversation any more. */
  gone: { conversation_id: string };
  storage: { state: StorageState };
  online: undefined;
  offline: { code: number; forGood: boolean; retryInMs: number };
  loggedout: { error: ChatError };
  /** What is cached is void: of the messages of one conversation, or, without detail, of all conversations. */
  reset: { conversation_id: string } | null;
  /** The messages below `first_seq` are gone from the server because of their age: drop them and previews of them. */
  expired: { conversation_id: string; first_seq: number };
}

export class ChatClient extends EventTarget {
  constructor(options: ClientOptions);
  get user(): string | null;
  get online(): boolean;
  get limits(): Limits | null;
  /** The time of the server in milliseconds, for what is to last until a time; the time here before the first connection. */
  now(): number;
  get conversations(): Conversation[];
  /** What is announced now, the oldest first; another array after each change. */
  get announcements(): Announcement[];
  get outbox(): OutboxEntry[];
  get storage(): StorageState;
  /** With `timeoutMs` the promise rejects after that time, and the client goes on trying. */
  connect(options?: { user?: string; timeoutMs?: number }): Promise<void>;
  /** Takes up what this user has seen last on this device; call it before connect(). False if there is nothing. */
  restore(user: string): Promise<boolean>;
  /** Resolves once `refused` has told which messages are not kept. */
  close(): Promise<void>;
  /** Closes, and removes this user's messages from the storage and the archive; resolves when they are gone. */
  discard(): Promise<void>;
  /** What this device has kept of a conversation, with the option `archive`; null if there is nothing. */
  kept(conversation_id: string): Promise<KeptConversation | null>;
  timeline(conversation_id: string): Timeline;
  /** Reads the members, and keeps them up to date from then on: the event `members` tells. */
  loadMembers(conversation_id: string): Promise<void>;
  /** All members, another array after each change; undefined before `loadMembers`. */
  membersOf(conversation_id: string): Member[] | undefined;
  /** Knows the members after `loadMembers`. */
  deliveryOf(message: Pick<Message, "conversation_id" | "seq" | "from">): Delivery;
  request(type: string, fields?: object, options?: { timeoutMs?: number }): Promise<any>;
  send(message: NewMessage): Promise<SendReply>;
  /** Sends a message of the outbox again that has failed; with changed fields it goes out as another message. */
  retry(client_message_id: string, changes?: Partial<NewMessage>): Promise<SendReply>;
  /** Takes a message out of the outbox that waits or has failed; false if it is being sent right now. */
  drop(client_message_id: string): boolean;
  edit(edit: MessageEdit): Promise<ChangeReply>;
  delete(message: { conversation_id: string; seq: number }): Promise<ChangeReply>;
  react(reaction: { conversation_id: string; seq: number; emoji: string; on: boolean }): Promise<ReactionReply>;
  reactions(page: { conversation_id: string; seq: number; emoji?: string; limit?: number; after?: string }): Promise<{
    reactions: { username: string; emoji: string[] }[];
    has_more: boolean;
  }>;
  edits(page: { conversation_id: string; seq: number; limit?: number; after?: number }): Promise<{
    versions: MessageVersion[];
    has_more: boolean;
  }>;
  pin(message: { conversation_id: string; seq: number }): Promise<PinReply>;
  unpin(message: { conversation_id: string; seq: number }): Promise<PinReply>;
  pins(page: { conversation_id: string; limit?: number; after?: number }): Promise<{ pins: PinnedMessage[]; has_more: boolean }>;
  updateGroup(conversation_id: string, fields: GroupUpdate): Promise<void>;
  ban(ban: { conversation_id: string; username: string; until?: string | Date }): Promise<void>;
  unban(ban: { conversation_id: string; username: string }): Promise<void>;
  bans(page: { conversation_id: string; after?: string; limit?: number }): Promise<{ bans: Ban[]; has_more: boolean }>;
  silence(silence: { conversation_id: string; username: string; until: string | Date | null }): Promise<void>;
  createInvite(invite: { conversation_id: string; expires_in?: number; max_uses?: number }): Promise<Invite & { code: string }>;
  invites(page: { conversation_id: string; after?: string; limit?: number }): Promise<{ invites: ListedInvite[]; has_more: boolean }>;
  revokeInvite(invite: { code: string } | { conversation_id: string; invite_id: string }): Promise<void>;
  /** Reports a message of somebody else to the moderators. */
  report(report: { conversation_id: string; seq: number; reason: string }): Promise<void>;
  join(code: string): Promise<{ conversation_id: string; name: string }>;
  search(query: string, options?: SearchOptions): Promise<SearchReply>;
  read(conversation_id: string, seq: number): Promise<void>;
  received(conversation_id: string, seq: number): Promise<void>;
  typing(conversation_id: string, on: boolean): Promise<void>;
  history(page: { conversation_id: string; before?: number; after?: number; around?: number; limit?: number }): Promise<HistoryPage>;
  createGroup(group: { name: string; members?: string[]; client_group_id?: string; history?: "all" | "joined" }): Promise<{ conversation_id: string; name: string }>;
  addMembers(change: { conversation_id: string; members: string[] }): Promise<void>;
  removeMembers(change: { conversation_id: string; members: string[] }): Promise<void>;
  leave(conversation_id: string): Promise<void>;
  setRole(change: { conversation_id: string; username: string; role: "owner" | "admin" | "member" }): Promise<void>;
  members(conversation_id: string, page?: { after?: string; limit?: number }): Promise<{ rev: number; members: Member[]; has_more: boolean }>;
  presence(usernames: string[]): Promise<Presence[]>;
  addContact(username: string): Promise<{ status: "contact" | "requested" }>;
  removeContact(username: string): Promise<void>;
  contacts(): Promise<Contact[]>;
  contactRequests(): Promise<{ received: ContactRequest[]; sent: ContactRequest[] }>;
  block(username: string): Promise<void>;
  unblock(username: string): Promise<void>;
  blocked(page?: { after?: string; limit?: number }): Promise<{ usernames: string[]; has_more: boolean }>;
  ping(): Promise<void>;
  setPrivacy(privacy: Partial<Pick<Privacy, "last_seen" | "read_receipts">>): Promise<Privacy>;
  privacy(): Promise<Privacy>;
  setProfile(profile: { display_name?: string | null; avatar_url?: string | null }): Promise<Profile>;
  profiles(usernames: string[]): Promise<Profile[]>;
  setPreferences(conversation_id: string, edit: PreferencesEdit): Promise<Preferences & { conversation_id: string }>;
  addEventListener<K extends keyof ClientEvents>(
    type: K,
    listener: ((event: CustomEvent<ClientEvents[K]>) => void) | { handleEvent(event: CustomEvent<ClientEvents[K]>): void } | null,
    options?: boolean | AddEventListenerOptions,
  ): void;
  addEventListener(type: string, listener: EventListenerOrEventListenerObject | null, options?: boolean | AddEventListenerOptions): void;
}

export function newMessageId(): string;

/** The message after the event `reaction`. */
export function withReaction<M extends Message>(message: M, reaction: Reaction): M;

/** A later state of a message: where it does not say which reactions are this user's, those stay so. */
export function withOwnReactions<M extends Message>(message: M, before: Message): M;
