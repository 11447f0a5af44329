// Uses the types that openapi-typescript makes of openapi.yaml; it only has to compile.
import type { components, operations, paths } from "./generated/rest";

type Json<T> = T extends { content: { "application/json": infer Body } } ? Body : never;
type Login = Json<operations["logIn"]["responses"][201]>;
type Ticket = Json<paths["/v1/auth/otp"]["post"]["responses"][201]>;

export function socketAddress(base: string, login: Login, ticket: Ticket): string {
  return `${base}/v1/ws?otp=${ticket.otp}&username=${encodeURIComponent(login.user.username)}`;
}

export async function logIn(credentials: components["schemas"]["Credentials"]): Promise<Login> {
  const answer = await fetch("/v1/auth/login", { method: "POST", body: JSON.stringify(credentials) });
  if (!answer.ok) {
    const { error }: components["schemas"]["Error"] = await answer.json();
    throw new Error(`${error.code}: ${error.message}`);
  }
  return answer.json();
}

export async function texts(token: string, groupName: string): Promise<string[]> {
  const query: operations["groupMessages"]["parameters"]["query"] = { groupName };
  const answer = await fetch(`/v1/messages/group?groupName=${encodeURIComponent(query.groupName)}`, {
    headers: { Authorization: `Bearer ${token}` },
  });
  const page: Json<operations["groupMessages"]["responses"][200]> = await answer.json();
  return page.messages.map((message) => message.content);
}
