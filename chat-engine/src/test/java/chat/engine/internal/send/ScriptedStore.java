package chat.engine.internal.send;

import chat.engine.ConversationId;
import chat.engine.Message;
import chat.engine.UserId;
import chat.engine.memory.InMemoryMessageStore;
import chat.engine.spi.AppendOutcome;
import chat.engine.spi.Draft;
import chat.engine.spi.MachineIdLeaseSource;
import chat.engine.spi.MessageStore;
import chat.engine.spi.StoredMessage;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/** The in-memory store, except for what a test makes of its appends and of its reads. */
public final class ScriptedStore {
  public static final UserId ADA = UserId.of("ada");
  static final UserId BOB = UserId.of("bob");
  static final UserId EVE = UserId.of("eve");

  interface Append {
    List<AppendOutcome> append(List<Draft> drafts, Duration lockWait);
  }

  /** The texts of a call, in order. */
  record Call(List<String> texts, Duration lockWait) {}

  final InMemoryMessageStore real = new InMemoryMessageStore();
  final List<Call> calls = new CopyOnWriteArrayList<>();
  volatile Append append = real::append;
  volatile @Nullable Throwable findFault;
  final MessageStore store = proxy(MessageStore.class, real);

  private <T> T proxy(Class<T> type, Object target) {
    return type.cast(
        Proxy.newProxyInstance(
            getClass().getClassLoader(),
            type == MessageStore.class
                ? new Class<?>[] {type, MachineIdLeaseSource.class}
                : new Class<?>[] {type},
            (proxy, method, arguments) -> {
              Throwable fault = findFault;
              if (method.getName().equals("find") && fault != null) {
                throw fault;
              }
              if (method.getName().equals("append")) {
                @SuppressWarnings("unchecked")
                List<Draft> drafts = (List<Draft>) arguments[0];
                Duration lockWait = (Duration) arguments[1];
                calls.add(new Call(drafts.stream().map(Draft::text).toList(), lockWait));
                return append.append(drafts, lockWait);
              }
              try {
                Object result = method.invoke(target, arguments);
                return method.getName().equals("conversations")
                    ? proxy(chat.engine.spi.ConversationStore.class, result)
                    : result;
              } catch (InvocationTargetException thrown) {
                throw thrown.getCause();
              }
            }));
  }

  ConversationId direct(long id, UserId one, UserId two) {
    return real.conversations()
        .openDirect(ConversationId.of(id), one, two, Instant.ofEpochMilli(0))
        .id();
  }

  List<String> texts(ConversationId conversation) {
    return real.after(conversation, 0, 10_000).stream()
        .map(StoredMessage::message)
        .map(Message::text)
        .toList();
  }

  static List<AppendOutcome> locked(List<Draft> drafts) {
    return Collections.nCopies(drafts.size(), new AppendOutcome.Locked());
  }

  static boolean has(List<Draft> drafts, String text) {
    return drafts.stream().anyMatch(draft -> draft.text().equals(text));
  }
}
