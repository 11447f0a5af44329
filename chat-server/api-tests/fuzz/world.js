const MOST = 40;

/**
 * The users of one row of cases, and what answers have told: real names, ids and secrets. What users need to go on is
 * theirs alone; what may come to an end, such as an account that is erased, is a guest's.
 */
export class World {
  users = {};
  guests = [];
  guestsMade = 0;
  /** The name of a group of which no frame knows. */
  keptGroup;
  #random;
  #pools = new Map();

  constructor(random) {
    this.#random = random;
  }

  add(pool, value) {
    if (value === null || value === undefined || value === "") {
      return;
    }
    const values = this.#pools.get(pool) ?? [];
    if (!values.includes(value)) {
      values.push(value);
      if (values.length > MOST) {
        values.splice(this.#random.between(MOST / 4, values.length - 2), 1); // the first ones stay
      }
      this.#pools.set(pool, values);
    }
  }

  /** The first ones of a pool are taken most, so that requests meet in the same place. */
  take(pool) {
    const values = this.#pools.get(pool);
    return values?.length ? values[this.#random.chance(0.6) ? this.#random.below(Math.min(4, values.length)) : this.#random.below(values.length)] : undefined;
  }

  guest() {
    return this.guests.length ? this.#random.pick(this.guests) : undefined;
  }

  forget(guest) {
    this.guests = this.guests.filter((one) => one !== guest);
  }
}
