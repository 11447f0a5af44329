import { loggedIn, newUser } from "./cast.js";
import { harvest } from "./links.js";
import { RestCases, operationsOf } from "./rest-cases.js";
import { RestChecks } from "./rest-checks.js";
import { Values } from "./values.js";

const FEWEST_GUESTS = 2;
const LONGEST = 300; // of a text in an address, which has room for some of them

/** Sends cases to the REST API, one after the other, as the users of one world. */
export class RestRow {
  #http;
  #world;
  #random;
  #tally;
  #operations;
  #cases;
  #checks;
  #name;

  constructor({ document, schemas, http, world, random, tally, only }) {
    this.#name = world.users.ada.username.replace("ada", "");
    this.#http = http;
    this.#world = world;
    this.#random = random;
    this.#tally = tally;
    this.#operations = operationsOf(document, schemas).filter(({ id }) => !only || only === id);
    this.#cases = new RestCases(new Values(schemas, random, LONGEST), random, world);
    this.#checks = new RestChecks(schemas);
  }

  async run(count) {
    const heaviest = Math.max(...this.#operations.map(({ weight }) => weight));
    for (let done = 0; done < count; ) {
      const operation = this.#random.pick(this.#operations);
      if (this.#random.chance(operation.weight / heaviest)) {
        await this.#one(operation);
        done++;
      }
    }
  }

  async #one(operation) {
    while (this.#world.guests.length < FEWEST_GUESTS) {
      this.#world.guests.push(await newUser(this.#http, `guest${++this.#world.guestsMade}${this.#name}`));
    }
    const sent = this.#cases.next(operation);
    let answer;
    try {
      answer = await this.#http.call(sent.request);
    } catch (fault) {
      this.#tally.count(operation.id, sent.expect, "none");
      this.#tally.failed(operation.id, `no answer: ${fault.message}`, sent.how, this.#http.curl(sent.request));
      return;
    }
    this.#tally.count(operation.id, sent.expect, answer.status);
    const faults = this.#checks.faults(sent, answer);
    if (sent.expect === "valid" && answer.status === 401 && !sent.operation.open && sent.actor !== sent.guest) {
      faults.push("a token that is valid was refused");
    }
    faults.forEach((fault) => this.#tally.failed(operation.id, fault, sent.how, this.#http.curl(sent.request)));
    await this.#learn(sent, answer);
  }

  async #learn({ operation, sent, guest, request }, { status, headers, body }) {
    if (status >= 300 || request.method === "HEAD") {
      if (status === 401 && sent?.refresh_token !== undefined) {
        this.#world.forget(guest); // its login has ended
      }
      return;
    }
    const told = headers["content-type"] === "application/json" ? JSON.parse(body) : {};
    harvest(this.#world, operation.id, told);
    await this.#followGuests(operation.id, sent, guest, told);
  }

  /** Keeps what is known of the guests true; one whose account has come to an end is forgotten. */
  async #followGuests(operation, sent, guest, told) {
    const named = told.username && this.#world.guests.find(({ username }) => username === told.username);
    switch (operation) {
      case "register":
        this.#world.guests.push(await loggedIn(this.#http, { ...sent }));
        return;
      case "changePassword":
        guest.password = sent.new_password;
        return;
      case "refresh":
        Object.assign(guest, { refresh: told.refresh_token, token: told.access_token });
        return;
      case "suspend":
        this.#world.forget(named);
        return;
      case "eraseAccount":
      case "logOut":
      case "endLogin":
        this.#world.forget(guest);
        return;
      case "adminDeleteUser":
      case "resetPassword":
      case "adminEndLogins":
        this.#world.guests = []; // one of them
        return;
      default:
    }
  }
}
