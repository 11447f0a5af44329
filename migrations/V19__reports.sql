-- Messages that users have reported, as they were then. No row is read or written here, and nodes of the version before can
-- run beside new ones: they only leave the reports of a conversation behind that they delete.
CREATE TABLE chat_reports (
  -- names the report, and orders the lists; not unique in the table where that is distributed
  report_id       bigint NOT NULL,
  conversation_id bigint NOT NULL,
  seq             bigint NOT NULL,
  message_id      bigint NOT NULL,
  -- the message as it was; its author is empty for the application
  sender_id       text COLLATE "C" NOT NULL,
  body            text NOT NULL,
  attributes      text,
  sent_at         timestamptz NOT NULL,
  edited_at       timestamptz,
  reporter_id     text COLLATE "C" NOT NULL,
  reason          text NOT NULL,
  reported_at     timestamptz NOT NULL,
  -- O: open; D: dismissed; A: actioned
  status          char(1) NOT NULL CHECK (status IN ('O', 'D', 'A')),
  note            text,
  decided_at      timestamptz,
  -- one of a reporter for each message
  PRIMARY KEY (conversation_id, seq, reporter_id)
);

-- The lists, and a report by its id.
CREATE INDEX chat_reports_id ON chat_reports (report_id);
CREATE INDEX chat_reports_open ON chat_reports (report_id) WHERE status = 'O';

-- How many reports of a user are open.
CREATE INDEX chat_reports_reporter_open ON chat_reports (reporter_id) WHERE status = 'O';
