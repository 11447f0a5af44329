-- How users are shown to others. No row is read or written here, and nodes of the version before can run beside new ones.
CREATE TABLE chat_profiles (
  user_id      text COLLATE "C" PRIMARY KEY,
  display_name text,
  avatar_url   text
);
