package chat.engine.postgres.connection;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.Statement;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The schema with the tables of chat. Statements are written without it; on a connection from
 * {@link #on} each table is qualified before the statement is prepared. So the {@code search_path}
 * does not matter and is never changed: not in a transaction of the application, where it belongs
 * to the application, and not on a connection that a pooler gives to others afterwards.
 *
 * <p>Thread-safe.
 */
public final class SchemaName {
  /** All names that begin with it are tables. */
  private static final String PREFIX = "chat_";

  private static final Pattern TABLE = Pattern.compile("(?<![\\w.\"'$])" + PREFIX + "[a-z_]+");

  /** Few statements have a number in their text; more of them than this are not remembered. */
  private static final int MAX_REMEMBERED = 1_000;

  private final String name;
  private final String replacement;
  private final Map<String, String> qualified = new ConcurrentHashMap<>();

  public SchemaName(String name) {
    this.name = name;
    this.replacement = Matcher.quoteReplacement(quoted() + ".") + "$0";
  }

  /** As it is in the catalogue. */
  public String name() {
    return name;
  }

  /** As it is in a statement. */
  public String quoted() {
    return '"' + name.replace("\"", "\"\"") + '"';
  }

  /** The statement with the schema before the name of each table. */
  public String qualify(String sql) {
    if (!sql.contains(PREFIX)) {
      return sql;
    }
    String known = qualified.get(sql);
    if (known != null) {
      return known;
    }
    String result = TABLE.matcher(sql).replaceAll(replacement);
    if (qualified.size() < MAX_REMEMBERED) {
      qualified.put(sql, result);
    }
    return result;
  }

  /** The same connection, on which statements are qualified. */
  public Connection on(Connection connection) {
    return proxy(
        Connection.class, (self, method, arguments) -> call(connection, method, arguments));
  }

  /** Calls a method of a connection; a statement that it makes is qualified. */
  @Nullable Object call(
      Connection connection, Method method, @Nullable Object @Nullable [] arguments)
      throws Throwable {
    if (method.getName().equals("prepareStatement")) {
      return invoke(connection, method, qualifyFirst(arguments));
    }
    Object result = invoke(connection, method, arguments);
    return method.getName().equals("createStatement") && result instanceof Statement statement
        ? on(statement)
        : result;
  }

  private Statement on(Statement statement) {
    return proxy(
        Statement.class,
        (self, method, arguments) -> invoke(statement, method, qualifyFirst(arguments)));
  }

  private @Nullable Object @Nullable [] qualifyFirst(@Nullable Object @Nullable [] arguments) {
    if (arguments != null && arguments.length > 0 && arguments[0] instanceof String sql) {
      arguments[0] = qualify(sql);
    }
    return arguments;
  }

  static <T> T proxy(Class<T> type, InvocationHandler handler) {
    return type.cast(
        Proxy.newProxyInstance(SchemaName.class.getClassLoader(), new Class<?>[] {type}, handler));
  }

  static @Nullable Object invoke(Object on, Method method, @Nullable Object @Nullable [] arguments)
      throws Throwable {
    try {
      return method.invoke(on, arguments);
    } catch (InvocationTargetException fault) {
      throw fault.getCause();
    }
  }

  @Override
  public String toString() {
    return name;
  }
}
