package chat.engine.postgres.connection;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import org.jspecify.annotations.Nullable;

/** Objects of JDBC that do what the real ones do, except where a test says otherwise. */
final class Wrapped {
  /** What a test does in the place of a call, or around it. */
  interface Interceptor {
    @Nullable Object instead(String method, Object[] arguments, Real real) throws Throwable;
  }

  /** The call as it was meant. */
  interface Real {
    @Nullable Object call() throws Throwable;
  }

  private Wrapped() {}

  static <T> T of(Class<T> type, T real, Interceptor interceptor) {
    return type.cast(
        Proxy.newProxyInstance(
            Wrapped.class.getClassLoader(),
            new Class<?>[] {type},
            (self, method, given) -> {
              Object[] arguments = given == null ? new Object[0] : given;
              return interceptor.instead(
                  method.getName(),
                  arguments,
                  () -> {
                    try {
                      return method.invoke(real, arguments);
                    } catch (InvocationTargetException fault) {
                      throw fault.getCause();
                    }
                  });
            }));
  }
}
