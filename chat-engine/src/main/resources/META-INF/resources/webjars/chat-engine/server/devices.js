/** Where this user is told of messages while away, over REST. */
export class Devices {
  #call;

  /** @param {(method: string, path: string, body?: object) => Promise<any>} call */
  constructor(call) {
    this.#call = call;
  }

  /**
   * @param {{ device: string, kind: string, token: string | object, hide_content?: boolean }} registration of the kind
   *     `webpush` the token is the PushSubscription of the browser
   * @returns {Promise<any>} { device, kind, hide_content }
   */
  register({ device, kind, token, hide_content }) {
    return this.#call("POST", "/v1/devices", { device, kind, token, hide_content });
  }

  /** @param {string} device */
  async remove(device) {
    await this.#call("DELETE", `/v1/devices/${encodeURIComponent(device)}`);
  }

  /** The `applicationServerKey` for PushManager.subscribe. @returns {Promise<string>} */
  async pushKey() {
    return (await this.#call("GET", "/v1/push/key")).public_key;
  }
}
