-- What the server asks for by itself, however many rows there are.

-- The tickets of a login that ends, and of logins that may be deleted.
create index server_ticket_login on server_ticket (login_id);

-- Who became contacts of late, on whatever node.
create index server_contact_since on server_contact (since);
