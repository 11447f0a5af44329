package chat.server.admin.cli;

import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The options of commands that list something page by page. */
final class Paging {
  private static final String LAST = "The last one of the page before.";

  private Paging() {}

  /** How long a page is. */
  static final class Limit {
    @Option(
        names = "--limit",
        paramLabel = "N",
        defaultValue = "100",
        description = "How many at most, up to 1000. Default: ${DEFAULT-VALUE}")
    long limit;
  }

  /** Of a list in the order of names. */
  static final class AfterName {
    @Mixin Limit page = new Limit();

    @Option(names = "--after", paramLabel = "NAME", defaultValue = "", description = LAST)
    String name = "";

    long limit() {
      return page.limit;
    }
  }

  /** Of a list whose newest entry comes first. */
  static final class BeforeId {
    @Mixin Limit page = new Limit();

    @Option(names = "--before", paramLabel = "ID", description = LAST)
    @Nullable Long id;

    Optional<Long> before() {
      return Optional.ofNullable(id);
    }

    long limit() {
      return page.limit;
    }
  }

  /** Of a list of reports. */
  static final class AfterId {
    @Mixin Limit page = new Limit();

    @Option(names = "--after", paramLabel = "ID", description = LAST)
    @Nullable Long id;

    Optional<Long> after() {
      return Optional.ofNullable(id);
    }

    long limit() {
      return page.limit;
    }
  }
}
