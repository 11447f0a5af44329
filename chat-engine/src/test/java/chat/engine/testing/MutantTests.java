package chat.engine.testing;

import java.lang.reflect.Method;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.InvocationInterceptor;
import org.junit.jupiter.api.extension.ReflectiveInvocationContext;

/**
 * Makes mutation tests quick enough for tests on a real server. Each of the many JVMs in which PIT
 * runs tests against the mutants of a class first looks for the tests, and its plugin for JUnit
 * looks by running them all. Here only some of them run then, so that everything is loaded before
 * times are taken; the others seem to. In all other JVMs this does nothing.
 *
 * <p>JUnit finds it by META-INF/services.
 */
public final class MutantTests implements InvocationInterceptor {
  private static final int FOR_LOADING = 25;

  static final boolean OF_MUTANTS =
      System.getProperty("sun.java.command", "")
          .startsWith("org.pitest.mutationtest.execute.MutationTestMinion");

  private static final String FINDER = "org.pitest.junit5.JUnit5TestUnitFinder";
  private static final StackWalker STACK = StackWalker.getInstance();
  private static final Namespace NAMESPACE = Namespace.create(MutantTests.class);
  private static final AtomicInteger LOOKED_FOR = new AtomicInteger();

  private static void run(Invocation<@Nullable Void> invocation, ExtensionContext test)
      throws Throwable {
    if (OF_MUTANTS && onlySeemsToRun(test)) {
      invocation.skip();
    } else {
      invocation.proceed();
    }
  }

  /** The same for all that belongs to a test. */
  private static boolean onlySeemsToRun(ExtensionContext test) {
    return test.getStore(NAMESPACE)
        .getOrComputeIfAbsent(
            FINDER,
            unused -> isLookedFor() && LOOKED_FOR.incrementAndGet() > FOR_LOADING,
            Boolean.class);
  }

  private static boolean isLookedFor() {
    return STACK.walk(frames -> frames.anyMatch(frame -> frame.getClassName().startsWith(FINDER)));
  }

  @Override
  public void interceptBeforeEachMethod(
      Invocation<@Nullable Void> invocation,
      ReflectiveInvocationContext<Method> method,
      ExtensionContext test)
      throws Throwable {
    run(invocation, test);
  }

  @Override
  public void interceptTestMethod(
      Invocation<@Nullable Void> invocation,
      ReflectiveInvocationContext<Method> method,
      ExtensionContext test)
      throws Throwable {
    run(invocation, test);
  }

  @Override
  public void interceptTestTemplateMethod(
      Invocation<@Nullable Void> invocation,
      ReflectiveInvocationContext<Method> method,
      ExtensionContext test)
      throws Throwable {
    run(invocation, test);
  }

  @Override
  public void interceptAfterEachMethod(
      Invocation<@Nullable Void> invocation,
      ReflectiveInvocationContext<Method> method,
      ExtensionContext test)
      throws Throwable {
    run(invocation, test);
  }
}
