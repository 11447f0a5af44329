-- Invites to groups. No row is read or written here, and nodes of the version before can run beside new ones: they only
-- leave the invites of a conversation behind that they delete, by which nobody can join.
CREATE TABLE chat_invites (
  conversation_id bigint NOT NULL,
  -- SHA-256 of the code in base64url; the code itself is stored nowhere
  code_hash       text COLLATE "C" NOT NULL,
  -- empty for the application
  created_by      text COLLATE "C" NOT NULL,
  created_at      timestamptz NOT NULL,
  -- null for never
  expires_at      timestamptz,
  -- null for any number
  max_uses        integer CHECK (max_uses > 0),
  uses            integer NOT NULL,
  PRIMARY KEY (conversation_id, code_hash),
  CHECK (uses <= max_uses)
);
