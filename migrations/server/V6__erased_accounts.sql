-- Accounts that are being erased: nobody can log in any more, and what the user wrote is being taken out of the
-- conversations. The row goes last.
alter table server_account add column erased_at timestamptz;
create index server_account_erased on server_account (erased_at) where erased_at is not null;
