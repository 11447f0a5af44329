// A client of REST, generated from openapi.yaml: openapi-fetch with the types that openapi-typescript makes.
import createClient from "openapi-fetch";
import type { components, paths } from "../generated/openapi";

type Login = components["schemas"]["Login"];

const anonymous = (baseUrl: string) => createClient<paths>({ baseUrl });

/** The body of a success; any other answer is a failure of the run. */
async function given<Body>(call: Promise<{ data?: Body; error?: components["schemas"]["Error"]; response: Response }>): Promise<Body> {
  const { data, error, response } = await call;
  if (data === undefined) throw new Error(`${response.url}: ${response.status} ${error?.error.code}`);
  return data;
}

export class User {
  #rest;
  readonly username: string;

  private constructor(baseUrl: string, { access_token, user }: Login) {
    this.username = user.username;
    this.#rest = createClient<paths>({ baseUrl, headers: { Authorization: `Bearer ${access_token}` } });
  }

  static async registered(baseUrl: string, username: string): Promise<User> {
    const rest = anonymous(baseUrl);
    const credentials = { email: `${username}@example.org`, password: "correct horse" };
    await given(rest.POST("/v1/auth/register", { body: { username, ...credentials } }));
    return new User(baseUrl, await given(rest.POST("/v1/auth/login", { body: credentials })));
  }

  async befriend(friend_username: string): Promise<void> {
    await given(this.#rest.POST("/v1/contact/add", { body: { friend_username } }));
  }

  async contacts(): Promise<string[]> {
    return (await given(this.#rest.GET("/v1/contact"))).contacts.map(({ username }) => username);
  }

  async group(name: string, members: string[]): Promise<string> {
    return (await given(this.#rest.POST("/v1/groups", { body: { name, members } }))).conversation_id;
  }

  async history(groupName: string): Promise<string[]> {
    const { messages } = await given(this.#rest.GET("/v1/messages/group", { params: { query: { groupName, limit: 10 } } }));
    return messages.map(({ content }) => content);
  }

  async ticket(): Promise<string> {
    return (await given(this.#rest.POST("/v1/auth/otp"))).otp;
  }

  /** What the server says of a friend that nobody is. */
  async refusal(): Promise<string> {
    const { error } = await this.#rest.POST("/v1/contact/add", { body: { friend_username: "nobody-at-all" } });
    return error?.error.code ?? "none";
  }
}
