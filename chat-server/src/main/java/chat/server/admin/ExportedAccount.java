package chat.server.admin;

import chat.engine.protocol.JsonObjects;
import chat.server.accounts.Account;
import chat.server.accounts.Accounts;
import chat.server.accounts.login.LoginList;
import chat.server.contacts.ContactRequests;
import chat.server.files.UserFiles;
import chat.server.push.device.PushDevices;
import chat.server.webhooks.IncomingWebhooks;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jdbi.v3.core.Jdbi;
import tools.jackson.databind.node.ObjectNode;

/**
 * What the tables of the server say of an account, as the first lines of its export: secrets and
 * what operators note are left out. Thread-safe; blocks.
 */
public final class ExportedAccount {
  private final Jdbi jdbi;
  private final LoginList logins;
  private final ContactRequests requests;

  public ExportedAccount(Jdbi jdbi) {
    this.jdbi = jdbi;
    this.logins = new LoginList(jdbi);
    this.requests = new ContactRequests(jdbi);
  }

  /** The account itself first. */
  public List<ObjectNode> lines(Account account) {
    List<ObjectNode> lines = new ArrayList<>();
    lines.add(own(account));
    lines.addAll(contacts(account));
    requests.sent(account).forEach(request -> lines.add(request("sent", request)));
    requests.received(account).forEach(request -> lines.add(request("received", request)));
    add(lines, "login", logins.of(account).stream().map(LoginList.Entry::json));
    add(lines, "file", UserFiles.export(jdbi, account).stream());
    add(lines, "device", PushDevices.export(jdbi, account).stream());
    add(lines, "incoming_webhook", IncomingWebhooks.export(jdbi, account).stream());
    return lines;
  }

  private static void add(List<ObjectNode> lines, String type, Stream<ObjectNode> things) {
    things.forEach(
        thing -> {
          ObjectNode line = JsonObjects.object().put("type", type);
          line.set(type, thing);
          lines.add(line);
        });
  }

  private ObjectNode own(Account account) {
    return jdbi.withHandle(
        handle ->
            handle
                .createQuery("select * from server_account where account_id = :id")
                .bind("id", account.id())
                .map(
                    (row, context) ->
                        person("account", account)
                            .put("email", account.email())
                            .put("created_at", UserAdministration.time(row, "created_at"))
                            .put("administrator", row.getBoolean("administrator"))
                            .put("issuer", row.getString("issuer"))
                            .put("subject", row.getString("subject")))
                .one());
  }

  private List<ObjectNode> contacts(Account account) {
    return jdbi.withHandle(
        handle ->
            handle
                .createQuery(
                    """
                    select a.account_id, a.username, a.email, c.since
                    from server_contact c join server_account a on a.account_id = c.friend_id
                    where c.account_id = :account order by a.username""")
                .bind("account", account.id())
                .map(
                    (row, context) ->
                        person("contact", Accounts.read(row))
                            .put("since", UserAdministration.time(row, "since")))
                .list());
  }

  private static ObjectNode request(String direction, ContactRequests.Request request) {
    return person("contact_request", request.other())
        .put("direction", direction)
        .put("requested_at", JsonObjects.time(request.at()));
  }

  private static ObjectNode person(String type, Account account) {
    return JsonObjects.object()
        .put("type", type)
        .put("id", Long.toString(account.id()))
        .put("username", account.username());
  }
}
