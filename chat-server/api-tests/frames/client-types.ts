// Compiles only if the types of the JavaScript client say of each event and answer what asyncapi.yaml and openapi.yaml say.
import type * as client from "@chat-engine/client/server";
import type { components as frames } from "../generated/asyncapi";
import type { operations } from "../generated/openapi";
import type { Faults, RequestFaults } from "./faults";

/** Compiles only without an argument that is a fault. */
type None<Fault extends never> = Fault;

type Described = frames["schemas"];
type Names<Kind extends string> = { [Name in keyof Described]: Name extends `${infer Verb}_${Kind}` ? Verb : never }[keyof Described];
type Event<Name extends Names<"event">> = Omit<Described[`${Name}_event`], "type">;
type Reply<Name extends Names<"reply">> = Omit<Described[`${Name}_reply`], "type" | "id">;
type Request<Name extends Names<"request">> = Omit<Described[`${Name}_request`], "type" | "id">;

type Client = client.ChatClient;
type Method = keyof { [Name in keyof Client as Client[Name] extends (...args: any[]) => Promise<any> ? Name : never]: 0 };
type Answer<Name extends Method> = Client[Name] extends (...args: any[]) => Promise<infer Result> ? Result : never;
type Argument<Name extends Method> = Client[Name] extends (argument: infer One, ...args: any[]) => any ? Exclude<One, undefined> : never;

// ---- events; the client makes others of `welcome` and `resync`, and adds to `reaction` whether it was this user

type EventName = Exclude<Names<"event">, "welcome" | "resync">;
type Events = { [Name in EventName]: Event<Name> } & { reaction: { me: boolean } };
export type EventFaults = None<{ [Name in EventName]: Faults<Flat<Events[Name]>, client.ClientEvents[Name], Name> }[EventName]>;

type Flat<T> = { [Key in keyof T]: T[Key] };

export type LimitFaults = None<Faults<Partial<Event<"welcome">["limits"]>, client.Limits, "limits">>;

// ---- answers; some have what was asked for beside what the server says

type Asked = { conversation_id: string; seq: number };
interface Answers {
  send: Reply<"send">;
  edit: Reply<"change">;
  delete: Reply<"change">;
  react: Flat<Reply<"react"> & Asked>;
  reactions: Reply<"reactions">;
  edits: Reply<"edits">;
  pin: Flat<Reply<"pin"> & Asked>;
  unpin: Flat<Reply<"pin"> & Asked>;
  pins: Reply<"pins">;
  history: Reply<"history">;
  search: Flat<Reply<"search"> & { indexing: boolean }>;
  createGroup: Reply<"create_group">;
  createInvite: Reply<"create_invite">;
  invites: Reply<"invites">;
  join: Reply<"join">;
  bans: Reply<"bans">;
  members: Reply<"members">;
  presence: Reply<"users">["users"];
  contacts: Reply<"contacts">["users"];
  addContact: Omit<Reply<"add_contact">, "users">;
  contactRequests: Reply<"contact_requests">;
  blocked: Reply<"blocked">;
  privacy: Reply<"privacy">;
  setPrivacy: Reply<"privacy">;
  setProfile: Reply<"profile">;
  profiles: Reply<"profiles">["profiles"];
  setPreferences: Reply<"preferences">;
}
export type AnswerFaults = None<Exclude<{ [Name in keyof Answers]: Faults<Answers[Name], Answer<Name>, Name> }[keyof Answers], Elsewhere>>;

/** The client has them in what it found only, as the description says. */
type Elsewhere = `${Exclude<keyof Answers, "search">}.${string}.highlights is not in the types` | "conversation.last_message.highlights is not in the types";

/** A conversation as the client keeps it: what a sync says of it, without what is only news, and with what it leaves out as usual. */
type Always = Required<Pick<Kept, "pinned" | "first_seq">>;
type Kept = Omit<Described["ConversationState"], "rev" | "changes" | "reset" | "missed" | "has_more">;
export type ConversationFaults = None<Exclude<Faults<Flat<Kept & Always>, client.Conversation, "conversation">, Elsewhere>>;

export type ErrorFaults = None<Exclude<Described["ErrorCode"], client.ChatError["code"]>>;

// ---- requests of which the client takes the fields as they are

interface Requests {
  send: Flat<Omit<Request<"send">, "client_message_id"> & Partial<Pick<Request<"send">, "client_message_id">>>; // the client makes it up
  edit: Request<"edit">;
  delete: Request<"delete">;
  react: Request<"react">;
  reactions: Request<"reactions">;
  edits: Request<"edits">;
  pin: Request<"pin">;
  unpin: Request<"unpin">;
  pins: Request<"pins">;
  history: Request<"history">;
  unban: Request<"unban">;
  bans: Request<"bans">;
  createGroup: Request<"create_group">;
  addMembers: Request<"add_members">;
  removeMembers: Request<"remove_members">;
  createInvite: Request<"create_invite">;
  invites: Request<"invites">;
  report: Request<"report">;
  setPrivacy: Request<"set_privacy">;
  setProfile: Request<"set_profile">;
}
export type Asks = None<{ [Name in keyof Requests]: RequestFaults<Argument<Name>, Requests[Name], Name> }[keyof Requests]>;

// ---- REST

type Body<Operation extends keyof operations, Status extends keyof operations[Operation]["responses"]> =
  operations[Operation]["responses"][Status] extends { content: { "application/json": infer Content } } ? Content : never;
export type RestFaults = None<
  | Faults<Flat<Body<"register", 201> & { email: string }>, client.Account, "account"> // null only for those who cannot register
  | Faults<Body<"uploadFile", 201>, client.UploadedFile, "file">
  | Faults<Body<"registerDevice", 201>, Awaited<ReturnType<client.Devices["register"]>>, "device">
  | Faults<Body<"logins", 200>["logins"][number], client.OwnLogin, "login">
>;
