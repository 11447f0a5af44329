package chat.engine.examples.faultcheck.node;

import chat.engine.spi.MessageStore;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Wraps a fault around a part of an engine. The wrappers are dynamic proxies, so that each fault
 * names only the methods that it breaks. Thread-safe like what they wrap.
 */
final class BrokenPart {
  /** Answers a call in place of the part, or lets it through by {@link Call#proceed}. */
  interface Break {
    @Nullable Object on(Call call) throws Throwable;
  }

  /** A call of the part. */
  record Call(Object part, Method method, Object[] arguments) {
    boolean is(String name) {
      return method.getName().equals(name);
    }

    @Nullable Object proceed() throws Throwable {
      return with(arguments);
    }

    @Nullable Object with(Object... others) throws Throwable {
      try {
        return method.invoke(part, others);
      } catch (InvocationTargetException fault) {
        throw fault.getCause();
      }
    }

    /** With another argument in one place. */
    @Nullable Object with(int place, Object other) throws Throwable {
      Object[] others = arguments.clone();
      others[place] = other;
      return with(others);
    }
  }

  private BrokenPart() {}

  /** A store of which one part, which the method of that name gives, is broken. */
  static <T> MessageStore in(
      MessageStore store, String name, Class<T> type, Supplier<T> part, Break fault) {
    T broken = of(part.get(), type, fault);
    return of(store, MessageStore.class, call -> call.is(name) ? broken : call.proceed());
  }

  static <T> T of(T part, Class<T> type, Break fault) {
    Set<Class<?>> interfaces = new LinkedHashSet<>(Arrays.asList(part.getClass().getInterfaces()));
    Object proxy =
        Proxy.newProxyInstance(
            BrokenPart.class.getClassLoader(),
            interfaces.toArray(Class<?>[]::new),
            (self, method, arguments) ->
                fault.on(new Call(part, method, arguments == null ? new Object[0] : arguments)));
    return type.cast(proxy);
  }
}
