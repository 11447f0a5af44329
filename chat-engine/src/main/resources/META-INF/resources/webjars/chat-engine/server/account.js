import { flag, id, list, must, or, shape, text, time } from "../fields.js";

const logins = shape({
  logins: or(list(shape({ id: must(id), current: flag, created_at: time, used_at: time, address: text, user_agent: text })), []),
});

/** The user's own account, over REST. */
export class OwnAccount {
  #json;
  #download;

  /**
   * @param {(method: string, path: string, body?: object) => Promise<any>} json
   * @param {(path: string) => Promise<Blob>} download
   */
  constructor(json, download) {
    this.#json = json;
    this.#download = download;
  }

  /**
   * Where the user is logged in, the login used last first.
   *
   * @returns {Promise<any[]>} [{ id, current, created_at, used_at, address, user_agent }]
   */
  async logins() {
    return logins(await this.#json("GET", "/v1/auth/logins"))?.logins ?? [];
  }

  /** @param {string} id of one of `logins()`; the current one too */
  async endLogin(id) {
    await this.#json("DELETE", `/v1/auth/logins/${encodeURIComponent(id)}`);
  }

  /** Ends all other logins. Fails with `forbidden` if the old password is wrong. */
  async changePassword(oldPassword, newPassword) {
    await this.#json("PUT", "/v1/auth/password", { old_password: oldPassword, new_password: newPassword });
  }

  /** All that the server has of the user, as JSON Lines. @returns {Promise<Blob>} */
  export() {
    return this.#download("/v1/account/export");
  }
}
