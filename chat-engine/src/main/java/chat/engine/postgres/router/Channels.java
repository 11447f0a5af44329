package chat.engine.postgres.router;

import chat.engine.postgres.router.link.Link;
import chat.engine.postgres.router.link.LinkFailure;
import chat.engine.postgres.router.link.Statements;
import java.util.List;

/** Says things to nodes, each of which listens on a channel of its own. Thread-safe. */
final class Channels {
  /**
   * Something to be said.
   *
   * @param to the id of an incarnation
   */
  record Notification(long to, String payload) {}

  private final Names names;
  private final Statements statements;

  Channels(Names names, Statements statements) {
    this.names = names;
    this.statements = statements;
  }

  void listen(Link listening, long id) {
    listening.execute("LISTEN \"" + names.channel(id) + '"');
  }

  /**
   * Sends in order, in one transaction: all or nothing.
   *
   * @throws LinkFailure if it does not go through
   */
  void send(Link link, List<Notification> notifications) {
    long sent =
        statements.number(
            link,
            "SELECT count(*) FROM (SELECT pg_notify(c, p) FROM unnest(?::text[], ?::text[]) n (c, p) OFFSET 0) sent",
            notifications.stream().map(one -> names.channel(one.to())).toList(),
            notifications.stream().map(Notification::payload).toList());
    if (sent != notifications.size()) {
      throw new LinkFailure(
          "notify", sent + " of " + notifications.size() + " notifications were sent", false);
    }
  }
}
