-- How long messages are kept in general, if an operator has said so: no row, or one. The table begins empty; servers of the version before can run beside new ones, and go by their own setting alone.
create table server_general_retention (
  id   integer primary key check (id = 1),
  -- 0 for ever
  days integer not null check (days between 0 and 36525)
);
