import { ClientStorage } from "../chat-client.js";

/** A storage of the browser, for the options `storage` and `archive`. */
export class IndexedDbStorage implements ClientStorage {
  /** @param name of the database */
  constructor(name: string, factory?: IDBFactory);
  read(prefix: string): Promise<[string, any][]>;
  write(entries: [string, any][]): Promise<void>;
  /** Forgets everything. */
  clear(): Promise<void>;
}
