-- What operators say to all users. The table begins empty; servers of the version before can run beside new ones, and tell their clients nothing.
create table server_announcement (
  -- ascending in time
  announcement_id bigint generated always as identity primary key,
  text            text        not null,
  -- info or warning
  kind            text        not null,
  announced_at    timestamptz not null,
  shown_until     timestamptz not null,
  -- null for the command line
  account_id      bigint,
  withdrawn_at    timestamptz
);
-- What is shown now: every node asks once a second.
create index server_announcement_shown on server_announcement (shown_until) where withdrawn_at is null;
