import { Cell, put } from "./cell.js";
import { client, on } from "./chat.js";
import { onEnter } from "./session.js";

/** conversation id -> [{ username, role, joined_at, read_seq, received_seq }], of the conversations that were open */
export const members = new Cell(new Map());

onEnter(() => (members.value = new Map()));

on("members", ({ conversation_id: id }) => put(members, id, client.membersOf(id)));
