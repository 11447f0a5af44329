package chat.engine.examples.bench;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * The ceilings: what PostgreSQL takes from a program that does nothing else. Writes the same rows
 * as the engine into copies of the engine's tables, with the same indexes.
 */
public final class BareIngest {
  private static final String[] SCHEMA = {
    "DROP TABLE IF EXISTS bare_messages, bare_counters",
    "CREATE TABLE bare_messages (LIKE chat_messages INCLUDING ALL)",
    "ALTER TABLE bare_messages ALTER COLUMN members_rev SET DEFAULT 0",
    "CREATE TABLE bare_counters (LIKE chat_conversation_counters INCLUDING ALL) WITH (fillfactor = 50)",
  };

  private static final String UPDATE =
      "UPDATE bare_counters c SET last_seq = c.last_seq + d.n FROM unnest(?::bigint[], ?::bigint[]) AS d (id, n)"
          + " WHERE c.conversation_id = d.id RETURNING c.conversation_id, c.last_seq";

  private static final String COLUMNS =
      "INSERT INTO bare_messages (conversation_id, seq, message_id, content_hash, created_at, sender_id,"
          + " client_message_id, body) ";

  private static final String INSERT =
      COLUMNS
          + "SELECT c, s, i, 0, now(), u, k, b FROM unnest(?::bigint[], ?::bigint[], ?::bigint[], ?::text[],"
          + " ?::text[], ?::text[]) AS d (c, s, i, u, k, b)";

  private static final long FIRST_SINGLE = 1L << 32;

  private final String url;
  private final String text;
  private final AtomicLong ids = new AtomicLong(1);

  /** The last seq of each conversation that is written one by one. */
  private final AtomicLongArray singles = new AtomicLongArray(1_000);

  public BareIngest(String url, String text) {
    this.url = url;
    this.text = text;
  }

  private Connection connect() throws SQLException {
    Connection connection = DriverManager.getConnection(url, "postgres", "");
    connection.setAutoCommit(false);
    return connection;
  }

  public void prepare(int conversations) throws SQLException {
    try (Connection connection = connect();
        Statement statement = connection.createStatement()) {
      for (String sql : SCHEMA) {
        statement.execute(sql);
      }
      statement.execute(
          "INSERT INTO bare_counters (conversation_id) SELECT generate_series(1, "
              + conversations
              + ")");
      connection.commit();
      connection.setAutoCommit(true);
      statement.execute("VACUUM ANALYZE bare_counters");
    }
  }

  /**
   * Two statements and a commit a batch: counters, messages.
   *
   * @return messages a second
   */
  public double batches(int connections, int batch, int conversations, int messages) {
    return inParallel(
        connections,
        messages,
        (connection, share, lane) ->
            ingest(connection, share, batch, new Lane(lane, connections, conversations)));
  }

  /**
   * The conversations of one connection: like the lanes of the engine, connections never meet at
   * one.
   */
  private record Lane(int number, int lanes, int conversations) {
    long choose(Random random) {
      return 1 + number + (long) lanes * random.nextInt(Math.max(1, conversations / lanes));
    }
  }

  private void ingest(Connection connection, int messages, int batch, Lane lane)
      throws SQLException {
    Random random = new Random(lane.number());
    try (Statement planner = connection.createStatement();
        PreparedStatement update = connection.prepareStatement(UPDATE);
        PreparedStatement insert = connection.prepareStatement(INSERT)) {
      planner.execute("SET enable_seqscan = off");
      for (int done = 0; done < messages; done += batch) {
        long[] chosen = new long[Math.min(batch, messages - done)];
        Arrays.setAll(chosen, i -> lane.choose(random));
        Arrays.sort(chosen);
        Map<Long, Long> counts = new TreeMap<>();
        for (long id : chosen) {
          counts.merge(id, 1L, Long::sum);
        }
        update.setArray(1, connection.createArrayOf("bigint", counts.keySet().toArray()));
        update.setArray(2, connection.createArrayOf("bigint", counts.values().toArray()));
        Map<Long, Long> next = new HashMap<>();
        try (ResultSet rows = update.executeQuery()) {
          while (rows.next()) {
            next.put(rows.getLong(1), rows.getLong(2) - counts.getOrDefault(rows.getLong(1), 0L));
          }
        }
        write(connection, insert, chosen, next);
        connection.commit();
      }
    }
  }

  private void write(
      Connection connection, PreparedStatement insert, long[] chosen, Map<Long, Long> next)
      throws SQLException {
    Long[] conversations = new Long[chosen.length];
    Long[] seqs = new Long[chosen.length];
    Long[] messageIds = new Long[chosen.length];
    String[] senders = new String[chosen.length];
    String[] keys = new String[chosen.length];
    String[] texts = new String[chosen.length];
    for (int i = 0; i < chosen.length; i++) {
      conversations[i] = chosen[i];
      seqs[i] = next.merge(chosen[i], 1L, Long::sum);
      messageIds[i] = ids.incrementAndGet();
      senders[i] = "user-" + chosen[i] + "-a";
      keys[i] = UUID.randomUUID().toString();
      texts[i] = text;
    }
    insert.setArray(1, connection.createArrayOf("bigint", conversations));
    insert.setArray(2, connection.createArrayOf("bigint", seqs));
    insert.setArray(3, connection.createArrayOf("bigint", messageIds));
    insert.setArray(4, connection.createArrayOf("text", senders));
    insert.setArray(5, connection.createArrayOf("text", keys));
    insert.setArray(6, connection.createArrayOf("text", texts));
    insert.executeUpdate();
  }

  /**
   * What an application without a batching engine does: one INSERT and one commit a message.
   *
   * @return messages a second
   */
  public double oneByOne(int connections, int messages) {
    return inParallel(
        connections,
        messages,
        (connection, share, lane) -> insertEach(connection, share, new long[share]));
  }

  /**
   * @return the median of one INSERT and its commit on an idle server, in microseconds
   */
  public double loneCommitMicros(int commits) {
    long[] nanos = new long[commits];
    inParallel(1, commits, (connection, share, lane) -> insertEach(connection, share, nanos));
    Arrays.sort(nanos);
    return nanos[commits / 2] / 1e3;
  }

  private void insertEach(Connection connection, int messages, long[] nanos) throws SQLException {
    Random random = new Random();
    String sql = COLUMNS + "VALUES (?, ?, ?, 0, now(), ?, ?, ?)";
    try (PreparedStatement insert = connection.prepareStatement(sql)) {
      for (int i = 0; i < messages; i++) {
        long begun = System.nanoTime();
        // Rows like the engine's, but numbered here: no counter, so this is less than a chat would
        // need.
        int conversation = random.nextInt(singles.length());
        insert.setLong(1, FIRST_SINGLE + conversation);
        insert.setLong(2, singles.incrementAndGet(conversation));
        insert.setLong(3, ids.incrementAndGet());
        insert.setString(4, "user-" + conversation + "-a");
        insert.setString(5, UUID.randomUUID().toString());
        insert.setString(6, text);
        insert.executeUpdate();
        connection.commit();
        nanos[i] = System.nanoTime() - begun;
      }
    }
  }

  private interface Work {
    void on(Connection connection, int messages, int lane) throws SQLException;
  }

  private double inParallel(int connections, int messages, Work work) {
    List<CompletableFuture<Void>> running = new ArrayList<>();
    long begun = System.nanoTime();
    for (int i = 0; i < connections; i++) {
      int lane = i;
      running.add(
          CompletableFuture.runAsync(
              () -> {
                try (Connection connection = connect()) {
                  work.on(connection, messages / connections, lane);
                } catch (SQLException fault) {
                  throw new IllegalStateException(fault);
                }
              },
              task -> new Thread(task, "bare-ingest").start()));
    }
    running.forEach(CompletableFuture::join);
    return (messages / connections * connections) / ((System.nanoTime() - begun) / 1e9);
  }
}
