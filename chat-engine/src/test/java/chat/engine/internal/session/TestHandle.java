package chat.engine.internal.session;

import chat.engine.ChatSession;
import java.lang.reflect.Proxy;

/** Stands for what the application holds of a session, in tests that need no more than its name. */
public final class TestHandle {
  private TestHandle() {}

  /** A handle that knows its id and refuses every other call. */
  public static ChatSession of(Session session) {
    return (ChatSession)
        Proxy.newProxyInstance(
            TestHandle.class.getClassLoader(),
            new Class<?>[] {ChatSession.class},
            (proxy, method, arguments) -> {
              if (method.getName().equals("id")) {
                return session.id();
              }
              throw new UnsupportedOperationException(method.getName());
            });
  }
}
