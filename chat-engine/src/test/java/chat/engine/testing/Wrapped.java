package chat.engine.testing;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import org.jspecify.annotations.Nullable;

/**
 * Objects behind an interface that do what the real ones do, except where a test says otherwise.
 */
public final class Wrapped {
  /** What a test does in the place of a call, or around it. */
  public interface Interceptor {
    @Nullable Object instead(String method, Object[] arguments, Real real) throws Throwable;
  }

  /** The call as it was meant. */
  public interface Real {
    @Nullable Object call() throws Throwable;
  }

  private Wrapped() {}

  public static <T> T of(Class<T> type, T real, Interceptor interceptor) {
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
