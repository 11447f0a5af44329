package chat.server.admin.cli;

import chat.engine.postgres.SchemaMigrations;
import chat.server.bots.ServerBots;
import chat.server.config.IntegrationsFile;
import chat.server.config.Settings;
import chat.server.config.SettingsParser;
import chat.server.database.ServerDatabase;
import chat.server.database.ServerSchema;
import chat.server.files.storage.S3Bucket;
import chat.server.files.storage.S3Storage;
import chat.server.files.storage.WritableDirectories;
import chat.server.outgoing.OutgoingHttp;
import chat.server.push.PushSettings;
import chat.server.webhooks.Moderation;
import chat.server.webhooks.OutgoingWebhooks;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.jdbi.v3.core.Jdbi;
import redis.clients.jedis.Jedis;

/** Looks at what a node needs, and says in words how each of it is. For one thread; blocks. */
final class Check {
  private static final int OLDEST_POSTGRES = 15;
  private static final Duration SKEW = Duration.ofSeconds(1);
  private static final Duration FAR_SKEW = Duration.ofSeconds(30);
  private static final long LITTLE_SPACE = 2L << 30;
  private static final long NO_SPACE = 200L << 20;

  private final Settings settings;
  private final Map<String, String> environment;
  private final String version;
  private final List<Finding> findings = new ArrayList<>();
  private int runningNodes;

  enum Grade {
    OK,
    WARNING,
    FAILED;

    String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  record Finding(Grade grade, String subject, String words) {}

  Check(Settings settings, Map<String, String> environment, String version) {
    this.settings = settings;
    this.environment = environment;
    this.version = version;
  }

  List<Finding> run() {
    find(Grade.OK, "version", version + ", Java " + System.getProperty("java.version"));
    configuration();
    integrations();
    space();
    files();
    try (AdminSession session = AdminSession.open(settings)) {
      database(session.database());
    } catch (IOException | RuntimeException fault) {
      find(Grade.FAILED, "database", String.valueOf(fault.getMessage()));
    }
    router();
    return findings;
  }

  private void find(Grade grade, String subject, String words) {
    findings.add(new Finding(grade, subject, words));
  }

  private void configuration() {
    List<String> unknown = SettingsParser.unknownVariables(environment);
    if (unknown.isEmpty()) {
      find(Grade.OK, "configuration", "every setting is understood");
    } else {
      find(
          Grade.WARNING,
          "configuration",
          "these variables name no setting and have no effect: " + String.join(", ", unknown));
    }
  }

  private void space() {
    if (settings.databaseUrl() == null) {
      space(settings.dataDir());
    }
    if (settings.files().maxFileBytes() > 0) { // also on the way to a bucket
      space(settings.filesDir());
    }
  }

  private void space(Path directory) {
    Path made = directory.toAbsolutePath().normalize();
    while (!Files.exists(made) && made.getParent() != null) {
      made = made.getParent(); // the first start makes the rest
    }
    try {
      long free = Files.getFileStore(made).getUsableSpace();
      find(
          free < NO_SPACE ? Grade.FAILED : free < LITTLE_SPACE ? Grade.WARNING : Grade.OK,
          "disk",
          "%,d MiB are free for %s".formatted(free >> 20, directory));
    } catch (IOException unknown) {
      find(Grade.FAILED, "disk", directory + " cannot be looked at: " + unknown);
    }
  }

  private void integrations() {
    Path file = settings.integrations();
    if (file == null) {
      find(Grade.OK, "integrations", "these settings name no --integrations");
      return;
    }
    try (OutgoingHttp http = new OutgoingHttp()) {
      IntegrationsFile integrations = IntegrationsFile.read(file, environment);
      int bots = ServerBots.count(integrations);
      int webhooks = OutgoingWebhooks.count(integrations);
      boolean moderation = Moderation.of(integrations, http, () -> {}).isPresent();
      boolean push = PushSettings.webhook(integrations) != null;
      find(
          Grade.OK,
          "integrations",
          "%s: bots: %d, webhooks: %d, moderation: %s, push: %s"
              .formatted(file, bots, webhooks, moderation ? "yes" : "no", push ? "yes" : "no"));
    } catch (IOException | IllegalArgumentException fault) {
      find(Grade.FAILED, "integrations", String.valueOf(fault.getMessage()));
    }
  }

  private void router() {
    switch (settings.router()) {
      case REDIS -> redis();
      case POSTGRES -> find(Grade.OK, "router", "the database links the nodes");
      case NONE ->
          find(
              runningNodes > 1 ? Grade.WARNING : Grade.OK,
              "router",
              runningNodes > 1
                  ? "these settings name no router (--redis-url, or --router=postgres), and %d nodes run: they need one"
                      .formatted(runningNodes)
                  : "these settings name no router, so they are for a node that is alone");
    }
  }

  private void redis() {
    try (Jedis redis =
        new Jedis(java.net.URI.create(Objects.requireNonNull(settings.redisUrl())))) {
      redis.ping();
      String info = redis.info("server");
      find(
          Grade.OK,
          "router",
          "Redis answers, "
              + info.lines().filter(one -> one.startsWith("redis_version")).findFirst().orElse(""));
    } catch (RuntimeException away) {
      // its message can have the address with the password in it
      find(
          Grade.FAILED,
          "router",
          "Redis does not answer (%s); check --redis-url"
              .formatted(away.getClass().getSimpleName()));
    }
  }

  private void files() {
    Path directory = settings.filesDir().toAbsolutePath().normalize();
    if (settings.files().maxFileBytes() > 0) {
      try {
        WritableDirectories.look(directory);
      } catch (IOException fault) {
        find(Grade.FAILED, "files", fault.getMessage() + "; check --files-dir");
        return;
      }
    }
    S3Bucket bucket = settings.files().bucket();
    if (bucket == null) {
      find(Grade.OK, "files", "they lie in " + directory);
      return;
    }
    try (S3Storage storage = new S3Storage(bucket)) {
      storage.check();
      find(Grade.OK, "files", bucket + " takes, gives and deletes objects");
    } catch (IOException fault) {
      find(Grade.FAILED, "files", String.valueOf(fault.getMessage()));
    }
  }

  private void database(ServerDatabase database) {
    Jdbi jdbi = database.jdbi();
    int number = number(jdbi, "select current_setting('server_version_num')::int");
    boolean standby =
        jdbi.withHandle(
            handle -> handle.createQuery("select pg_is_in_recovery()").mapTo(boolean.class).one());
    find(
        number / 10_000 < OLDEST_POSTGRES || standby ? Grade.FAILED : Grade.OK,
        "database",
        "PostgreSQL %d.%d answers%s"
            .formatted(
                number / 10_000,
                number % 10_000,
                standby
                    ? ", but it only reads: it is a standby"
                    : number / 10_000 < OLDEST_POSTGRES
                        ? ", but it must be " + OLDEST_POSTGRES + " or newer"
                        : ""));
    schema("server tables", ServerSchema.server(database.dataSource()));
    schema("engine tables", ServerSchema.engine(database.dataSource()));
    clock(jdbi);
    if (ServerSchema.server(database.dataSource()).isUpToDate()) {
      nodes(jdbi);
      administrators(jdbi);
    }
  }

  private static int number(Jdbi jdbi, String sql) {
    return jdbi.withHandle(handle -> handle.createQuery(sql).mapTo(int.class).one());
  }

  private void schema(String subject, SchemaMigrations.State state) {
    if (state.isUpToDate()) {
      find(Grade.OK, subject, "version %d, as this program needs".formatted(state.applied()));
    } else if (state.failed()) {
      find(Grade.FAILED, subject, "a migration has failed; see the log of the node that ran it");
    } else if (state.applied() < state.known()) {
      find(
          Grade.WARNING,
          subject,
          "version %d; the next start of a node makes it %d"
              .formatted(state.applied(), state.known()));
    } else {
      find(
          Grade.FAILED,
          subject,
          "version %d is newer than the %d of this program"
              .formatted(state.applied(), state.known()));
    }
  }

  private void clock(Jdbi jdbi) {
    Instant before = Instant.now();
    Instant there =
        jdbi.withHandle(
            handle ->
                handle
                    .createQuery("select clock_timestamp()")
                    .mapTo(OffsetDateTime.class)
                    .one()
                    .toInstant());
    Instant after = Instant.now();
    Instant here = before.plus(Duration.between(before, after).dividedBy(2));
    Duration skew = Duration.between(here, there).abs();
    find(
        skew.compareTo(FAR_SKEW) > 0
            ? Grade.FAILED
            : skew.compareTo(SKEW) > 0 ? Grade.WARNING : Grade.OK,
        "clock",
        "%d ms from the database's, whose time counts".formatted(skew.toMillis()));
  }

  private void nodes(Jdbi jdbi) {
    List<String> versions =
        jdbi.withHandle(
            handle ->
                handle
                    .createQuery(
                        "select version from server_node where seen_at > now() - interval '5 seconds'"
                            + " order by version")
                    .mapTo(String.class)
                    .list());
    runningNodes = versions.size();
    List<String> different = versions.stream().distinct().toList();
    if (versions.isEmpty()) {
      find(Grade.WARNING, "nodes", "none runs");
    } else {
      find(
          different.size() > 1 ? Grade.WARNING : Grade.OK,
          "nodes",
          "%d running: %s".formatted(versions.size(), String.join("; ", different)));
    }
  }

  private void administrators(Jdbi jdbi) {
    int count =
        number(
            jdbi, "select count(*) from server_account where administrator and erased_at is null");
    find(
        count == 0 ? Grade.WARNING : Grade.OK,
        "administrators",
        count == 0
            ? "there is none, so /v1/admin is closed; make one with admin make-administrator"
            : count + " of them");
  }
}
