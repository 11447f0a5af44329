// What an application in TypeScript writes; compiled against the packed client.
import { ChatClient as EngineClient, ChatError, type ClientStorage, type Message } from "@chat-engine/client";
import { IndexedDbStorage } from "@chat-engine/client/indexed-db";
import { ChatClient } from "@chat-engine/client/server";

const storage: ClientStorage = new IndexedDbStorage("chat");
const embedded = new EngineClient({ url: "/chat", storage, archive: storage });

export async function run(show: (message: Message) => void): Promise<string> {
  const client: EngineClient = new ChatClient({ base: "https://chat.example.org" });
  client.addEventListener("message", ({ detail }) => show(detail));
  client.addEventListener("conversation", ({ detail: { change } }) => console.log(change?.kind === "renamed" ? change.name : change?.by));
  try {
    await Promise.all([client.connect({ timeoutMs: 5_000 }), embedded.connect({ user: "ada" })]);
    const { seq } = await client.send({ to: "bob", text: "Hello" });
    return seq.toFixed();
  } catch (error) {
    if (error instanceof ChatError && error.code === "rate_limited") return `${error.retryAfterMs ?? 0}`;
    throw error;
  }
}

// @ts-expect-error: a seq is a number
embedded.read("1", "2");
// @ts-expect-error: there is no such event
embedded.addEventListener("message", ({ detail }) => detail.subject);
