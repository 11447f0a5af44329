package chat.engine.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.InvocationTargetException;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** An application whose framework sets an older Jedis, or that left Jedis out. */
final class OldJedisTest {

  /** Loads the library and Jedis once more, without some classes of Jedis. */
  private static final class Without extends ClassLoader {
    private final String hidden;

    private Without(String hidden) {
      super(OldJedisTest.class.getClassLoader());
      this.hidden = hidden;
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
      if (name.startsWith(hidden)) {
        throw new ClassNotFoundException(name);
      }
      if (!name.startsWith("chat.engine.") && !name.startsWith("redis.clients.")) {
        return super.loadClass(name, resolve);
      }
      synchronized (getClassLoadingLock(name)) {
        Class<?> loaded = findLoadedClass(name);
        return loaded == null ? define(name) : loaded;
      }
    }

    private Class<?> define(String name) throws ClassNotFoundException {
      try (InputStream file = getParent().getResourceAsStream(name.replace('.', '/') + ".class")) {
        if (file == null) {
          throw new ClassNotFoundException(name);
        }
        byte[] bytes = file.readAllBytes();
        return defineClass(name, bytes, 0, bytes.length);
      } catch (IOException unreadable) {
        throw new ClassNotFoundException(name, unreadable);
      }
    }
  }

  private static void open(String hidden, String type, String method, Object... arguments)
      throws Throwable {
    Class<?> loaded = new Without(hidden).loadClass("chat.engine.redis." + type);
    Class<?>[] parameters = new Class<?>[arguments.length];
    for (int i = 0; i < parameters.length; i++) {
      parameters[i] = arguments[i] instanceof Set ? Set.class : arguments[i].getClass();
    }
    try {
      assertThat(loaded.getMethod(method, parameters).invoke(null, arguments)).isNotNull();
    } catch (InvocationTargetException thrown) {
      throw thrown.getCause();
    }
  }

  private static void assertRefused(String type, String method, Object... arguments) {
    assertThatThrownBy(() -> open("redis.clients.jedis.RedisCl", type, method, arguments))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("need Jedis 7.2 or newer, but Jedis is")
        .hasMessageContaining("(no class redis.clients.jedis.RedisClient)")
        .hasMessageContaining("jedis.version");
  }

  @Test
  void anOldJedisIsRefusedInOneSentenceWhicheverWayARouterIsOpened() {
    assertRefused("RedisRouter", "open", "redis://127.0.0.1:1");
    assertRefused("RedisRouter", "open", "redis://127.0.0.1:1", "chat");
    assertRefused("RedisRouter", "openSentinel", "master", Set.of("127.0.0.1:1"), "chat");
    assertRefused("RedisRouter", "openCluster", Set.of("127.0.0.1:1"), "chat");
  }

  @Test
  void machineIdLeasesRefuseAnOldJedisToo() {
    assertRefused("RedisMachineIdLeases", "open", "redis://127.0.0.1:1", "chat");
    assertRefused("RedisMachineIdLeases", "openCluster", Set.of("127.0.0.1:1"), "chat");
  }

  @Test
  void anApplicationWithoutJedisIsToldSo() {
    assertThatThrownBy(() -> open("redis.clients.", "RedisRouter", "open", "redis://127.0.0.1:1"))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("need Jedis 7.2 or newer, but there is no Jedis");
  }

  @Test
  void theJedisOfThisBuildIsNotRefused() throws Throwable {
    open("nothing is hidden", "RedisRouter", "open", "redis://127.0.0.1:1");
  }
}
