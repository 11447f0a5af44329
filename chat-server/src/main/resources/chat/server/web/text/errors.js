// What went wrong, for people. The server's own sentences are good where they name a field; where they are about the
// protocol, these take their place.

import { sizeOf } from "./size.js";

const LARGE = /(\d{6,}) bytes/g;

const SENTENCES = {
  unavailable: "The server cannot be reached. Check your connection and try again.",
  busy: "The server is busy. Try again in a moment.",
  internal: "Something went wrong on the server. Try again in a moment.",
  closed: "You are not connected.",
  rate_limited: "That was too much at once. Wait a moment and try again.",
};

/** A sentence with a capital and a full stop. */
export function sentence(text) {
  const trimmed = text.trim();
  return trimmed.charAt(0).toUpperCase() + trimmed.slice(1) + (/[.!?]$/.test(trimmed) ? "" : ".");
}

/** @param {{ code?: string, message?: string, retryAfterMs?: number }} error */
export function describe(error) {
  if (error.code === "rate_limited" && error.retryAfterMs > 1_000) {
    return `Wait ${Math.ceil(error.retryAfterMs / 1000)} seconds and try again.`;
  }
  return SENTENCES[error.code] ?? sentence(error.message || "Something went wrong").replace(LARGE, (all, bytes) => sizeOf(Number(bytes)));
}

/** Of a message that not even the outbox takes. */
export function describeUnsent(error) {
  if (error.code === "closed") return "Not sent: you are disconnected. Your message is still here; send it when you are connected again.";
  if (error.code === "busy") return "Not sent: too many messages are waiting already. Your message is still here; send it when they have gone out.";
  return `Not sent: ${describe(error)}`;
}

/** An invite that is over, or was never one. */
export function describeInvite(error) {
  const isOver = error.code === "not_found" || error.code === "bad_request";
  return isOver ? "This invite is not valid, or not any more." : describe(error);
}

/** At the door the codes mean something of their own. */
export function describeAtTheDoor(error, signsUp) {
  if (error.code === "unauthorized") return "The e-mail address or the password is wrong.";
  if (error.code === "forbidden" && !signsUp) return "This account is suspended. Ask the operator of this server.";
  if (error.code === "forbidden") return "This server takes no new accounts. Ask its operator.";
  if (error.code === "rate_limited") return "There were too many attempts. Wait a few minutes and try again.";
  return describe(error);
}
