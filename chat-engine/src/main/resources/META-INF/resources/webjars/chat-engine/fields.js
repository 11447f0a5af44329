/**
 * Rules for what comes from elsewhere. A rule is a function: it gives the value, or what is sound of it, or undefined, which leaves the
 * field out; a field that somebody must be able to rely on makes the whole unsound. What is sound already is given as it is, the same object.
 */

const UNSOUND = Symbol("unsound");

/** @typedef {(value: any) => any} Rule */

/** @type {Rule} */
export const text = (value) => (typeof value === "string" ? value : undefined);
/** @type {Rule} */
export const id = (value) => text(value) || undefined;
/** @type {Rule} */
export const count = (value) => (Number.isSafeInteger(value) && value >= 0 ? value : undefined);
/** @type {Rule} */
export const seq = (value) => count(value) || undefined;
/** @type {Rule} */
export const flag = (value) => (typeof value === "boolean" ? value : undefined);
/** @type {Rule} A time as text. */
export const time = (value) => (text(value) !== undefined && Number.isFinite(Date.parse(value)) ? value : undefined);
/** @type {Rule} */
export const object = (value) => (value !== null && typeof value === "object" && !Array.isArray(value) ? value : undefined);

/** @param {Rule} rule @returns {Rule} without this field there is nothing */
export const must = (rule) => (value) => rule(value) ?? UNSOUND;
/** @param {Rule} rule @returns {Rule} the field may be missing; with something else in it there is nothing */
export const may = (rule) => (value) => (value === undefined ? undefined : rule(value) ?? UNSOUND);
/** @param {Rule} rule @param {any} otherwise @returns {Rule} */
export const or = (rule, otherwise) => (value) => rule(value) ?? otherwise;
/** @param {Rule} rule @returns {Rule} null says something of its own */
export const orNull = (rule) => (value) => (value === null ? null : rule(value));

/** The sound ones of a list. @param {Rule} rule @returns {Rule} */
export const list = (rule) => (value) => {
  if (!Array.isArray(value)) return undefined;
  const sound = value.map(rule).filter((one) => one !== undefined);
  return sound.length === value.length && sound.every((one, i) => one === value[i]) ? value : sound;
};

/** Names or ids, each once. @type {Rule} */
export const ids = (value) => {
  const sound = list(id)(value);
  return sound && new Set(sound).size < sound.length ? [...new Set(sound)] : sound;
};

/**
 * An object with these fields. Fields without a rule are left alone: a newer server may say more.
 *
 * @param {Record<string, Rule>} rules
 * @returns {Rule}
 */
export const shape = (rules) => {
  const entries = Object.entries(rules);
  return (value) => {
    if (object(value) === undefined) return undefined;
    let sound = value;
    for (const [name, rule] of entries) {
      const before = value[name];
      const after = rule(before);
      if (after === UNSOUND) return undefined;
      if (after === before) continue;
      if (sound === value) sound = { ...value };
      if (after === undefined) delete sound[name];
      else sound[name] = after;
    }
    return sound;
  };
};
