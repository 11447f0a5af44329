package chat.engine.examples;

import chat.engine.ConversationId;
import chat.engine.SearchCursor;
import chat.engine.SearchPage;
import chat.engine.UserId;
import chat.engine.examples.bench.SearchTexts;
import chat.engine.examples.local.LocalServers;
import chat.engine.postgres.PostgresMessageStore;
import chat.engine.spi.search.MessageSearch;
import chat.engine.spi.search.SearchTerms;
import chat.engine.spi.search.SearchWords;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Array;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * Measures searches in the messages of one user, alone and beside many more messages of others, and
 * what the index costs. The user is in 300 conversations of different sizes, with messages over two
 * years; words are as frequent as Zipf's law has them, and one message in ten is Chinese.
 *
 * <pre>SearchBench [own messages] [messages of others] [a text file to take the words from]</pre>
 */
public final class SearchBench {
  private static final int OWN_CONVERSATIONS = 300;
  private static final int CONVERSATION_OF_OTHERS = 3_000; // messages in one of them
  private static final int BUCKET_BITS = 10;
  private static final int ROWS_AT_ONCE = 5_000;
  private static final int SEARCHES = 200;
  private static final Instant BEGIN = Instant.parse("2024-01-01T00:00:00Z");
  private static final Duration SPAN = Duration.ofDays(730);
  private static final UserId ADA = UserId.of("ada");

  private final String url;
  private final SearchTexts texts;
  private final PostgresMessageStore store;
  private final MessageSearch search;
  private long nextMessage = 1;

  private SearchBench(String url, SearchTexts texts, PostgresMessageStore store) {
    this.url = url;
    this.texts = texts;
    this.store = store;
    this.search = store.search().orElseThrow();
  }

  /** Takes some minutes for each million messages. */
  public static void main(String[] args) throws IOException, SQLException {
    int own = args.length > 0 ? Integer.parseInt(args[0]) : 1_000_000;
    int others = args.length > 1 ? Integer.parseInt(args[1]) : 10_000_000;
    SearchTexts texts = args.length > 2 ? SearchTexts.of(Path.of(args[2])) : SearchTexts.invented();
    try (LocalServers servers = LocalServers.start();
        PostgresMessageStore store =
            PostgresMessageStore.open(servers.postgresUrl(), "postgres", "")) {
      SearchBench bench = new SearchBench(servers.postgresUrl(), texts, store);
      bench.printMachine();
      bench.writeOwn(own);
      bench.indexAll();
      bench.printSizes(own);
      bench.measure("alone");
      if (others > 0) {
        bench.writeOthers(others);
        bench.printSizes((long) own + others);
        bench.measure(String.format(Locale.ROOT, "beside %,d messages of others", others));
      }
    }
  }

  private Connection connect() throws SQLException {
    return DriverManager.getConnection(url, "postgres", "");
  }

  private void execute(String sql) throws SQLException {
    try (Connection connection = connect();
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private String text(String sql) throws SQLException {
    try (Connection connection = connect();
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      row.next();
      return row.getString(1);
    }
  }

  private void printMachine() throws SQLException {
    System.out.printf(
        "%d processors, Java %s, %s; fsync %s, shared_buffers %s; bucket of %,d messages%n",
        Runtime.getRuntime().availableProcessors(),
        Runtime.version(),
        text("SELECT split_part(version(), ' on ', 1)"),
        text("SHOW fsync"),
        text("SHOW shared_buffers"),
        1 << BUCKET_BITS);
  }

  // ---- loading

  /** Conversations of different sizes; all of them go on to the end. */
  private void writeOwn(int messages) throws SQLException {
    Random random = new Random(1);
    int[] last = new int[OWN_CONVERSATIONS];
    insertConversations(1, OWN_CONVERSATIONS, "ada");
    Rows rows = new Rows(false);
    for (int i = 0; i < messages; i++) {
      double skewed = random.nextDouble();
      int conversation = (int) (OWN_CONVERSATIONS * skewed * skewed);
      rows.add(conversation + 1, ++last[conversation], timeOf(i, messages), texts.message(random));
    }
    rows.flush();
    setCounters();
    execute("VACUUM ANALYZE");
  }

  private static Instant timeOf(int message, int ofMessages) {
    return BEGIN.plusMillis(SPAN.toMillis() / ofMessages * message);
  }

  private void insertConversations(int first, int count, String member) throws SQLException {
    String range = " FROM generate_series(%d, %d) c".formatted(first, first + count - 1);
    execute(
        "INSERT INTO chat_conversations (conversation_id, kind, name, created_at) SELECT c, 'G', 'g', now()"
            + range);
    execute("INSERT INTO chat_conversation_counters (conversation_id) SELECT c" + range);
    execute(
        "INSERT INTO chat_members (conversation_id, user_id, role, joined_at, joined_seq, joined_rev, read_seq,"
            + " received_seq) SELECT c, '%s', 'O', now(), 0, 0, 0, 0".formatted(member)
            + range);
  }

  private void setCounters() throws SQLException {
    execute(
        "UPDATE chat_conversation_counters k SET last_seq = d.n FROM (SELECT conversation_id, max(seq) AS n"
            + " FROM chat_messages GROUP BY 1) d WHERE k.conversation_id = d.conversation_id");
  }

  /** Rows of {@code chat_messages}, and of the index, many of them in a statement. */
  private final class Rows {
    private static final String MESSAGES =
        "INSERT INTO chat_messages (conversation_id, seq, message_id, content_hash, created_at, sender_id,"
            + " client_message_id, body, members_rev) SELECT c, s, i, 0, t, u, 'c' || i, b, 0"
            + " FROM unnest(?::bigint[], ?::bigint[], ?::bigint[], ?::timestamptz[], ?::text[], ?::text[])"
            + " AS d (c, s, i, t, u, b)";

    private static final String INDEX =
        "INSERT INTO chat_search (conversation_id, seq, created_at, message_id, terms)"
            + " SELECT c, s, t, i, x::bigint[]"
            + " FROM unnest(?::bigint[], ?::bigint[], ?::bigint[], ?::timestamptz[], ?::text[])"
            + " AS d (c, s, i, t, x)";

    private final List<Row> rows = new ArrayList<>();
    private final boolean indexed;

    /**
     * @param indexed whether the index gets rows too
     */
    Rows(boolean indexed) {
      this.indexed = indexed;
    }

    void add(long conversation, long seq, Instant time, String text) throws SQLException {
      rows.add(new Row(conversation, seq, nextMessage++, time, text));
      if (rows.size() == ROWS_AT_ONCE) {
        flush();
      }
    }

    void flush() throws SQLException {
      try (Connection connection = connect()) {
        insert(connection, MESSAGES, row -> row.id() % 3 == 0 ? "bob" : "ada", Row::text);
        if (indexed) {
          insert(connection, INDEX, Row::terms);
        }
      }
      rows.clear();
    }

    @SafeVarargs
    private void insert(Connection connection, String sql, Function<Row, String>... texts)
        throws SQLException {
      try (PreparedStatement statement = connection.prepareStatement(sql)) {
        statement.setArray(1, array(connection, "bigint", Row::conversation));
        statement.setArray(2, array(connection, "bigint", Row::seq));
        statement.setArray(3, array(connection, "bigint", Row::id));
        statement.setArray(4, array(connection, "timestamptz", row -> row.time().toString()));
        for (int i = 0; i < texts.length; i++) {
          statement.setArray(5 + i, array(connection, "text", texts[i]));
        }
        statement.executeUpdate();
      }
    }

    private Array array(Connection connection, String type, Function<Row, ?> column)
        throws SQLException {
      return connection.createArrayOf(type, rows.stream().map(column).toArray());
    }
  }

  private record Row(long conversation, long seq, long id, Instant time, String text) {
    String terms() {
      long[] terms = SearchTerms.of(ConversationId.of(conversation), seq >> BUCKET_BITS, ADA, text);
      return Arrays.stream(terms)
          .mapToObj(Long::toString)
          .collect(Collectors.joining(",", "{", "}"));
    }
  }

  private void indexAll() throws SQLException {
    long begun = System.nanoTime();
    for (int conversation = 1; conversation <= OWN_CONVERSATIONS; conversation++) {
      MessageSearch.Step step = MessageSearch.Step.MORE;
      while (step != MessageSearch.Step.DONE) {
        step = search.index(ConversationId.of(conversation));
      }
    }
    double seconds = (System.nanoTime() - begun) / 1e9;
    long messages = Long.parseLong(text("SELECT count(*) FROM chat_search"));
    System.out.printf(
        "indexing, one thread, 500 messages a transaction: %,.0f messages/s%n", messages / seconds);
    execute("VACUUM ANALYZE");
  }

  /** Written with their terms; the index is made anew afterwards, which is faster. */
  private void writeOthers(int messages) throws SQLException {
    long begun = System.nanoTime();
    int conversations = messages / CONVERSATION_OF_OTHERS + 1;
    int first = OWN_CONVERSATIONS + 1;
    insertConversations(first, conversations, "eve");
    execute("DROP INDEX chat_search_terms");
    Random random = new Random(2);
    int[] last = new int[conversations];
    Rows rows = new Rows(true);
    for (int i = 0; i < messages; i++) {
      int conversation = random.nextInt(conversations);
      rows.add(
          first + conversation, ++last[conversation], timeOf(i, messages), texts.message(random));
    }
    rows.flush();
    execute(
        "SET maintenance_work_mem = '1GB';"
            + " CREATE INDEX chat_search_terms ON chat_search USING gin (terms) WITH (fastupdate = off)");
    setCounters();
    execute("VACUUM ANALYZE");
    System.out.printf("others loaded in %,d s%n", (System.nanoTime() - begun) / 1_000_000_000);
  }

  private void printSizes(long messages) throws SQLException {
    for (String what :
        List.of(
            "chat_messages' rows:pg_table_size('chat_messages')",
            "chat_search's rows:pg_table_size('chat_search')",
            "its index of terms:pg_relation_size('chat_search_terms')",
            "its primary key:pg_relation_size('chat_search_pkey')")) {
      String[] parts = what.split(":", 2);
      System.out.printf(
          "  %s: %,.0f bytes for each message%n",
          parts[0], Double.parseDouble(text("SELECT " + parts[1])) / messages);
    }
  }

  // ---- searching

  private void measure(String where) {
    System.out.printf("searches of one user, %s; limit 20, one at a time%n", where);
    Random random = new Random(3);
    measure("rare word", () -> texts.rareWord(random));
    measure("word of middle frequency", () -> texts.middleWord(random));
    measure("common word", () -> texts.commonWord(random));
    measure("two words", () -> texts.middleWord(random) + " " + texts.middleWord(random));
    measure("common and rare", () -> texts.commonWord(random) + " " + texts.rareWord(random));
    measure("beginning of three letters", () -> texts.middleWord(random).substring(0, 3));
    measure("two ideographs", () -> texts.ideographs(random));
    measure("a word that nobody wrote", () -> "zzq" + random.nextInt(1_000_000));
    measure("a single letter", () -> "" + (char) ('a' + random.nextInt(26)));
  }

  private void measure(String name, Supplier<String> query) {
    List<String> queries = new ArrayList<>();
    for (int i = 0; i < SEARCHES; i++) {
      queries.add(query.get());
    }
    queries.subList(0, SEARCHES / 4).forEach(this::find); // warms up
    long[] nanos = new long[SEARCHES];
    long found = 0;
    int cutShort = 0;
    for (int i = 0; i < SEARCHES; i++) {
      long begun = System.nanoTime();
      SearchPage page = find(queries.get(i));
      nanos[i] = System.nanoTime() - begun;
      found += page.hits().size();
      cutShort += page.hits().size() < 20 && page.hasMore() ? 1 : 0;
    }
    Arrays.sort(nanos);
    System.out.printf(
        Locale.ROOT,
        "  %-28s p50 %6.1f ms, p95 %6.1f ms; %.1f found on a page, %d of %d cut short%n",
        name,
        nanos[SEARCHES / 2] / 1e6,
        nanos[SEARCHES * 95 / 100] / 1e6,
        (double) found / SEARCHES,
        cutShort,
        SEARCHES);
  }

  private SearchPage find(String query) {
    return search.search(
        new MessageSearch.Request(ADA, SearchWords.of(query), null, null, SearchCursor.START, 20));
  }
}
