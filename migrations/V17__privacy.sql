-- What users let others see. A user without a row shows everything. No row is read or written here. Nodes of the version
-- before go on working beside new ones, and show what new ones hide.
CREATE TABLE chat_privacy (
  user_id       text COLLATE "C" PRIMARY KEY,
  -- who sees whether the user is online: E everyone, C contacts, N nobody
  last_seen     text COLLATE "C" NOT NULL CHECK (last_seen IN ('E', 'C', 'N')),
  read_receipts boolean NOT NULL,
  version       bigint NOT NULL,
  -- when read receipts were shown again last
  shown_at      timestamptz
);
