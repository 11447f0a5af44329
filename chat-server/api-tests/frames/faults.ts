// What is wrong with a type of the JavaScript client, as a union of sentences; never if nothing is.

type IsAny<T> = 0 extends 1 & T ? true : false;
type IsOptional<T, Key extends keyof T> = {} extends Pick<T, Key> ? true : false;
type IsLeaf<T> = [T] extends [object] ? (string extends keyof T ? true : false) : true;

/** The parts of what the server sends, each of which the client has under the same name and with the same type. */
export type Faults<Sent, Typed, Path extends string> =
  IsAny<Typed> extends true ? `${Path} is any`
  : [Sent] extends [readonly (infer One)[]] ? [Typed] extends [readonly (infer Other)[]] ? Faults<One, Other, `${Path}[]`> : `${Path} is no array`
  : IsLeaf<Sent> extends true ? Different<Sent, Typed, Path>
  : FieldFaults<Sent, Typed, Path> | Invented<Sent, Typed, Path>;

type FieldFaults<Sent, Typed, Path extends string> = {
  [Key in keyof Sent & string]-?: Key extends keyof Typed
    ? Faults<Exclude<Sent[Key], undefined>, Exclude<Typed[Key], undefined>, `${Path}.${Key}`>
      | (IsOptional<Sent, Key> extends true ? (IsOptional<Typed, Key> extends true ? never : `${Path}.${Key} may be missing`) : never)
    : `${Path}.${Key} is not in the types`;
}[keyof Sent & string];

type Invented<Sent, Typed, Path extends string> = {
  [Key in Exclude<keyof Typed, keyof Sent> & string]-?: IsOptional<Typed, Key> extends true ? never : `${Path}.${Key} is never sent`;
}[Exclude<keyof Typed, keyof Sent> & string];

type Different<Sent, Typed, Path extends string> =
  [Sent] extends [Typed] ? ([Typed] extends [Sent] ? never : `${Path} has a wider type than described`) : `${Path} has another type than described`;

/** What is wrong with the type of what the client sends: it has every field that the server takes, and nothing that the server refuses. */
export type RequestFaults<Typed, Taken, Path extends string> = {
  [Key in keyof Taken & string]-?: Key extends keyof Typed
    ? IsAny<Typed[Key]> extends true ? `${Path}.${Key} is any`
      : [Exclude<Typed[Key], undefined>] extends [Taken[Key]] ? (IsOptional<Typed, Key> extends true ? (IsOptional<Taken, Key> extends true ? never : `${Path}.${Key} must not be missing`) : never)
      : `${Path}.${Key} has another type than described`
    : `${Path}.${Key} is not in the types`;
}[keyof Taken & string] | `${Path}.${Exclude<keyof Typed, keyof Taken> & string} is not described`;
