/** The types of chat-server.js, by hand. REST is described in the server's /openapi.yaml. */

import { ChatClient as EngineClient, ClientOptions, Credentials } from "../chat-client.js";

export * from "../chat-client.js";

export interface ServerOptions extends Partial<ClientOptions> {
  /** Where REST is, such as "https://chat.example.org"; this page's origin unless set. */
  base?: string;

  fetch?: typeof fetch;

  /** Where a login is kept: sessionStorage, localStorage and navigator.locks unless set; null for none. */
  logins?: { tab?: Storage | null; browser?: Storage | null; locks?: LockManager | null };

  /**
   * Gives an access token, in place of logIn() and resume(): one of the external issuer that the operator has named. `refused` tells that
   * the last one was not accepted. Set `username`, too.
   */
  token?: (state: { refused: boolean }) => string | Promise<string>;

  /** Gives the ticket of the next connection, such as { otp, username }, which the application's own server has got. */
  ticket?: (state: { refused: boolean }) => Credentials | Promise<Credentials>;

  /** Whose token or ticket it is, as the account spells it. */
  username?: string;
}

export interface Account {
  id: string;
  username: string;
  email: string;
}

export interface FileInfo {
  file_id: string;
  name: string;
  type: string;
  size: number;
}

export interface UploadedFile extends FileInfo {
  sha256: string;
}

export interface Files {
  upload(
    content: Blob | ArrayBuffer | ArrayBufferView | string,
    options?: { name?: string; type?: string; onProgress?: (progress: { sent: number; total: number }) => void; signal?: AbortSignal },
  ): Promise<UploadedFile>;
  download(
    file_id: string,
    options?: { onProgress?: (progress: { received: number; total: number }) => void; signal?: AbortSignal },
  ): Promise<Blob>;
  thumbnail(file_id: string): Promise<Blob>;
  describe(file_id: string): Promise<FileInfo>;
  /** An address within this page, until `revoke`. */
  url(file_id: string): Promise<string>;
  thumbnailUrl(file_id: string): Promise<string>;
  /** Of one file, or of all. */
  revoke(file_id?: string): void;
}

export interface Devices {
  register(registration: {
    device: string;
    kind: string;
    token: string | PushSubscriptionJSON;
    hide_content?: boolean;
  }): Promise<{ device: string; kind: string; hide_content: boolean }>;
  remove(device: string): Promise<void>;
  pushKey(): Promise<string>;
}

export interface OwnLogin {
  id: string;
  current: boolean;
  created_at: string | null;
  used_at: string;
  address: string | null;
  user_agent: string | null;
}

export interface OwnAccount {
  logins(): Promise<OwnLogin[]>;
  endLogin(id: string): Promise<void>;
  changePassword(oldPassword: string, newPassword: string): Promise<void>;
  export(): Promise<Blob>;
}

export class ChatClient extends EngineClient {
  constructor(options?: ServerOptions);
  get username(): string | null;
  get files(): Files;
  get devices(): Devices;
  get account(): OwnAccount;
  register(username: string, email: string, password: string): Promise<Account>;
  logIn(email: string, password: string): Promise<void>;
  resume(): Promise<boolean>;
  /** Of the user of the kept login unless given; needs no network. */
  restore(user?: string): Promise<boolean>;
  logOut(): Promise<void>;
  eraseAccount(password: string): Promise<void>;
  connect(options?: { timeoutMs?: number }): Promise<void>;
}
