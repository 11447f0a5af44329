// Emoji by name, grouped as pickers show them. All of them are RGI emoji, which the server takes as reactions.

const GROUPS = {
  "Smileys": "😀 grinning,😃 smiley,😄 smile,😁 grin,😆 laughing,😅 sweat_smile,🤣 rofl,😂 joy,🙂 slight_smile,🙃 upside_down,😉 wink,😊 blush,😇 innocent,🥰 in_love,😍 heart_eyes,🤩 star_struck,😘 kiss,😋 yum,😛 tongue,😜 crazy_tongue,🤪 zany,🤗 hug,🤭 giggle,🤫 shush,🤔 thinking,🤐 zipper,🤨 raised_eyebrow,😐 neutral,😶 speechless,😏 smirk,😒 unamused,🙄 eye_roll,😬 grimace,😌 relieved,😔 pensive,😪 sleepy,😴 sleeping,😷 mask,🤒 ill,🤢 nauseated,🥵 hot,🥶 cold,🥴 woozy,🤯 mind_blown,🤠 cowboy,🥳 party,😎 cool,🤓 nerd,🧐 monocle,😕 confused,😟 worried,🙁 frown,😮 surprised,😲 astonished,😳 flushed,🥺 pleading,😨 fearful,😰 anxious,😢 cry,😭 sob,😱 scream,😖 confounded,😞 disappointed,😓 sweat,😩 weary,😫 tired,🥱 yawn,😤 huff,😡 angry,🤬 swearing,😈 devil,💀 skull,💩 poop,🤡 clown,👻 ghost,👽 alien,🤖 robot",
  "People": "👋 wave,🤚 hand,✋ stop,🖖 vulcan,👌 ok,🤏 pinch,✌️ victory,🤞 fingers_crossed,🤟 love_you,🤘 rock,🤙 call_me,👈 left,👉 right,👆 up,👇 down,☝️ point,👍 thumbs_up,👎 thumbs_down,✊ fist,👊 punch,👏 clap,🙌 hooray,👐 open_hands,🤲 palms,🤝 handshake,🙏 thanks,✍️ writing,💪 strong,🧠 brain,👀 eyes,👂 ear,👶 baby,🧒 child,👩 woman,👨 man,🧓 elder,🙋 raising_hand,🤷 shrug,🤦 facepalm,🙅 no,🙆 yes,🏃 running,🚶 walking,💃 dance,🧑‍💻 coder,🧑‍🍳 cook,🧑‍🚀 astronaut",
  "Hearts": "❤️ heart,🧡 orange_heart,💛 yellow_heart,💚 green_heart,💙 blue_heart,💜 purple_heart,🖤 black_heart,🤍 white_heart,💔 broken_heart,💕 hearts,💖 sparkling_heart,💯 hundred,💢 anger,💥 boom,💫 dizzy,💦 drops,💤 zzz",
  "Nature": "🐶 dog,🐱 cat,🐭 mouse,🐰 rabbit,🦊 fox,🐻 bear,🐼 panda,🐨 koala,🦁 lion,🐮 cow,🐷 pig,🐸 frog,🐵 monkey,🐔 chicken,🐧 penguin,🐦 bird,🦉 owl,🐝 bee,🦋 butterfly,🐢 turtle,🐙 octopus,🐳 whale,🐬 dolphin,🌸 blossom,🌹 rose,🌻 sunflower,🌲 tree,🍀 clover,🍁 maple_leaf,🌍 earth,🌙 moon,⭐ star,🌟 glowing_star,✨ sparkles,⚡ zap,🔥 fire,🌈 rainbow,☀️ sun,☁️ cloud,🌧️ rain,❄️ snow",
  "Food": "🍎 apple,🍌 banana,🍇 grapes,🍓 strawberry,🍑 peach,🥑 avocado,🥕 carrot,🍞 bread,🧀 cheese,🥚 egg,🍔 burger,🍟 fries,🍕 pizza,🌮 taco,🍣 sushi,🍜 noodles,🍝 pasta,🥗 salad,🍿 popcorn,🍦 ice_cream,🍩 donut,🍪 cookie,🎂 cake,🍫 chocolate,☕ coffee,🍵 tea,🍺 beer,🍻 cheers,🥂 toast,🍷 wine",
  "Things": "🎉 tada,🎊 confetti,🎁 gift,🎈 balloon,🏆 trophy,🥇 gold,⚽ football,🏀 basketball,🎾 tennis,🎮 game,🎯 target,🎨 art,🎬 film,🎧 headphones,🎵 music,🎸 guitar,🚗 car,🚲 bike,🚆 train,✈️ plane,🚀 rocket,⛵ boat,🏠 house,🏖️ beach,⛰️ mountain,📱 phone,💻 laptop,⌨️ keyboard,📷 camera,💡 idea,🔦 torch,📚 books,📝 memo,📅 calendar,📌 pin,📎 paperclip,✂️ scissors,🔒 lock,🔑 key,🔨 hammer,🔧 wrench,🐛 bug,⏰ alarm,⌛ hourglass,💰 money,💌 letter,📦 package,🗑️ trash,🔔 bell,🔕 mute",
  "Signs": "✅ check,☑️ done,❌ cross,❓ question,❗ exclamation,⚠️ warning,🚫 forbidden,➕ plus,➖ minus,➡️ arrow_right,⬅️ arrow_left,⬆️ arrow_up,⬇️ arrow_down,🔄 refresh,🆗 ok_sign,🆕 new,🔴 red,🟢 green,🔵 blue,🏁 finish",
};

/** [{ name, emoji: [{ emoji, name }] }] */
export const emojiGroups = Object.entries(GROUPS).map(([name, list]) => ({
  name,
  emoji: list.split(",").map((entry) => {
    const [emoji, word] = entry.split(" ");
    return { emoji, name: word };
  }),
}));

const all = emojiGroups.flatMap(({ emoji }) => emoji);

/** What one reacts with most of the time. */
export const QUICK = ["👍", "❤️", "😂", "🎉", "😮", "😢"];

export function findEmoji(word, most) {
  const begins = all.filter(({ name }) => name.startsWith(word));
  const has = all.filter(({ name }) => !name.startsWith(word) && name.includes(word));
  return [...begins, ...has].slice(0, most);
}

const ONLY_EMOJI = /^(?:\p{RGI_Emoji}\s*){1,6}$/v;

const MOST_CHARACTERS = 150; // of six emoji

/** Whether a message is a few emoji and nothing else. Most texts begin with a letter: the patterns are dear. */
export const isOnlyEmoji = (text) =>
  text.length <= MOST_CHARACTERS && !/^[A-Za-z]/.test(text) && !/^\s*\p{L}/u.test(text) && ONLY_EMOJI.test(text.trim());
