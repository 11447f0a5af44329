// The client of chat-server, at the address where it has always been.

export * from "./webjars/chat-engine/server/chat-server.js";
