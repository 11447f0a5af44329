const EXAMPLES = 1;

/** Counts by operation, and what went wrong, by kind. Shared by all rows of cases. */
export class Tally {
  #counts = new Map();
  #failures = new Map();

  count(operation, expect, outcome) {
    const counts = this.#counts.get(operation) ?? { valid: 0, broken: 0, event: 0, outcomes: {} };
    counts[expect === "valid" || expect === "event" ? expect : "broken"]++;
    counts.outcomes[outcome] = (counts.outcomes[outcome] ?? 0) + 1;
    this.#counts.set(operation, counts);
  }

  /** `repeat` is a command, or what else repeats it. */
  failed(operation, fault, how, repeat) {
    const kind = `${operation}: ${fault.replace(/\d{2,}/g, "N").replace(/"[^"]*"/g, "\"...\"").slice(0, 110)}`;
    const failures = this.#failures.get(kind) ?? { count: 0, examples: [] };
    failures.count++;
    if (failures.examples.length < EXAMPLES) {
      failures.examples.push({ operation, fault, how, repeat });
    }
    this.#failures.set(kind, failures);
  }

  get cases() {
    return [...this.#counts.values()].reduce((sum, { valid, broken }) => sum + valid + broken, 0);
  }

  get kindsOfFailures() {
    return this.#failures.size;
  }

  get faults() {
    return [...this.#failures.values()].flatMap(({ examples }) => examples.map(({ operation, fault }) => `${operation}: ${fault}`));
  }

  /** Operations that were tried and never did anything. */
  idle(operations, isSuccess) {
    return operations.filter((operation) => !Object.keys(this.#counts.get(operation)?.outcomes ?? {}).some(isSuccess));
  }

  print() {
    if (this.#counts.size === 0) {
      return;
    }
    const width = Math.max(...[...this.#counts.keys()].map((operation) => operation.length));
    for (const [operation, { valid, broken, event, outcomes }] of [...this.#counts].sort(([one], [other]) => one.localeCompare(other))) {
      const answers = Object.entries(outcomes).sort().map(([outcome, count]) => `${outcome} \u00d7 ${count}`).join(", ");
      const sent = event ? `${String(event).padStart(5)} events${" ".repeat(8)}` : `${String(valid).padStart(5)} valid ${String(broken).padStart(5)} broken`;
      console.log(`${operation.padEnd(width)} ${sent}   ${answers}`);
    }
  }

  printFailures() {
    for (const { count, examples } of this.#failures.values()) {
      for (const { operation, fault, how, repeat } of examples) {
        console.log(`\n${operation}: ${fault}${count > 1 ? ` (${count} times)` : ""}\n  request: ${how}\n  ${repeat}`);
      }
    }
  }
}
