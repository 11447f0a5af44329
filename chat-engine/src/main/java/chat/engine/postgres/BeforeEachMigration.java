package chat.engine.postgres;

import org.flywaydb.core.api.callback.Callback;
import org.flywaydb.core.api.callback.Context;
import org.flywaydb.core.api.callback.Event;

/** What is done before each migration, in its transaction if it has one. */
abstract class BeforeEachMigration implements Callback {
  private final String name;

  BeforeEachMigration(String name) {
    this.name = name;
  }

  @Override
  public final boolean supports(Event event, Context context) {
    return event == Event.BEFORE_EACH_MIGRATE;
  }

  @Override
  public final boolean canHandleInTransaction(Event event, Context context) {
    return true;
  }

  @Override
  public final String getCallbackName() {
    return name;
  }
}
