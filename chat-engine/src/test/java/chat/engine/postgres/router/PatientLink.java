package chat.engine.postgres.router;

import chat.engine.postgres.router.link.Link;
import javax.sql.DataSource;

/** Links without the short time-outs of a router: a busy machine is no fault of what is tested. */
final class PatientLink {
  private PatientLink() {}

  static Link open(DataSource dataSource) {
    Link opened = Link.open(dataSource, null);
    opened.call(
        on -> {
          on.setNetworkTimeout(Runnable::run, 60_000);
          return true;
        });
    opened.execute("SET statement_timeout = 0; SET lock_timeout = 0");
    return opened;
  }
}
