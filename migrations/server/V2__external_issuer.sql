-- Users who come in with the token of another issuer have no password here, and perhaps no e-mail address.

alter table server_account
  alter column email drop not null,
  alter column password_hash drop not null,
  add column issuer  text,
  add column subject text,
  add constraint server_account_has_one_way_in check
    ((issuer is null) = (subject is null) and (issuer is null) = (password_hash is not null));
-- The "iss" and "sub" of a token (RFC 7519) name a person for ever; the username was only the first one seen.
create unique index server_account_subject on server_account (issuer, subject) where issuer is not null;

-- Such an account has one login, which carries its tickets and has no refresh token.
alter table server_login
  alter column refresh_hash drop not null,
  alter column expires_at drop not null;
create unique index server_login_external on server_login (account_id) where refresh_hash is null;

-- Refresh tokens name their login; nothing is looked up by their hash any more.
drop index server_login_refresh;
drop index server_login_previous;
