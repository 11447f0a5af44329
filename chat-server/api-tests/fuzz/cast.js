import { WEBHOOK } from "./server.js";
import { World } from "./world.js";

const PASSWORD = "correct horse";
const EMOJI = ["\u{1f44d}", "\u2764\ufe0f", "\u{1f602}", "\u{1f468}\u200d\u{1f469}\u200d\u{1f467}"];
const PICTURE = Buffer.from("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==", "base64");

/** A user who is registered and logged in. */
export async function newUser(http, username) {
  const email = `${username}@example.org`;
  await http.json("POST", "/v1/auth/register", null, { username, email, password: PASSWORD });
  return loggedIn(http, { username, email, password: PASSWORD });
}

export async function loggedIn(http, user) {
  const { session_id, access_token, refresh_token } = await http.json("POST", "/v1/auth/login", null, { email: user.email, password: user.password });
  return Object.assign(user, { login: session_id, token: access_token, refresh: refresh_token });
}

/** Three friends in a group, two of them in another, with files and a webhook, an administrator, and one who is suspended. */
export async function newWorld(http, random, name, makeAdministrator) {
  const world = new World(random);
  for (const role of ["ada", "bob", "cleo", "admin", "sue"]) {
    world.users[role] = await newUser(http, `${role}-${name}`);
  }
  const { ada, bob, cleo, admin, sue } = world.users;
  [ada, bob, cleo].forEach(({ username }) => world.add("username", username));
  await makeAdministrator(admin.username);
  await http.json("PUT", `/v1/admin/users/${sue.username}/suspension`, admin.token, { reason: "Noise" });
  for (const [one, other] of [[ada, bob], [ada, cleo], [bob, cleo]]) {
    await http.json("POST", "/v1/contact/add", one.token, { friend_username: other.username });
  }
  for (const [group, members] of [["hikers", [bob, cleo]], ["readers", [bob]]]) {
    const { name: groupName, conversation_id } = await http.json("POST", "/v1/groups", ada.token, { name: `${group}-${name}`, members: members.map(({ username }) => username) });
    world.add("group", groupName);
    world.add("conversation", conversation_id);
    const hook = await http.json("POST", "/v1/incoming-webhooks", ada.token, { conversation_id, name: "Build" });
    world.add("webhook", hook.id);
    world.add("secret", hook.secret);
    for (let i = 0; i < 5; i++) {
      await http.json("POST", hook.path, null, { text: `Build ${i} is done.` });
    }
  }
  world.keptGroup = `climbers-${name}`;
  await http.json("POST", "/v1/groups", ada.token, { name: world.keptGroup, members: [bob.username, cleo.username] });
  for (const [target, body] of [["hike.png", PICTURE], ["notes.txt", "Some notes."]]) {
    const answer = await http.call({ method: "POST", target: `/v1/files?name=${target}`, headers: { Authorization: `Bearer ${ada.token}` }, body });
    world.add("file", JSON.parse(answer.body).file_id);
  }
  [6, 7, 1, 8, 2, 3, 9, 4, 5].forEach((seq) => world.add("seq", seq));
  EMOJI.forEach((emoji) => world.add("emoji", emoji));
  ["phone", "laptop"].forEach((device) => world.add("device", device));
  world.add("outgoing", WEBHOOK);
  world.add("avatar_url", "https://pictures.example/ada.png");
  return world;
}
