package chat.engine.examples.faultcheck.node;

import chat.engine.ClientMessageId;
import chat.engine.ConversationId;
import chat.engine.Message;
import chat.engine.spi.AppendOutcome;
import chat.engine.spi.BlockStore;
import chat.engine.spi.ConversationStore;
import chat.engine.spi.Draft;
import chat.engine.spi.IdGenerator;
import chat.engine.spi.MessageStore;
import chat.engine.spi.Router;
import chat.engine.spi.StoredMessage;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What an engine is built from, with a fault wrapped around it. The wrappers are dynamic proxies,
 * so that each names only the methods that it breaks. Thread-safe like what they wrap.
 */
final class SabotagedParts {
  private static final Duration LAG = Duration.ofSeconds(2);

  /** Answers a call in place of the part, or lets it through by {@link Call#proceed}. */
  private interface Break {
    @Nullable Object on(Call call) throws Throwable;
  }

  private record Call(Object part, Method method, Object[] arguments) {
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
  }

  private SabotagedParts() {}

  private static <T> T broken(T part, Class<T> type, Break fault) {
    Set<Class<?>> interfaces = new LinkedHashSet<>(Arrays.asList(part.getClass().getInterfaces()));
    Object proxy =
        Proxy.newProxyInstance(
            SabotagedParts.class.getClassLoader(),
            interfaces.toArray(Class<?>[]::new),
            (self, method, arguments) ->
                fault.on(new Call(part, method, arguments == null ? new Object[0] : arguments)));
    return type.cast(proxy);
  }

  static MessageStore ackWithoutStoring(MessageStore store) {
    return broken(
        store,
        MessageStore.class,
        call -> {
          if (call.is("append") && drafts(call).size() == 1 && Sabotage.now()) {
            Draft draft = drafts(call).get(0);
            long last =
                store
                    .lastSeqs(List.of(draft.conversation()))
                    .getOrDefault(draft.conversation(), 0L);
            return List.of(new AppendOutcome.Stored(last + 1, Math.max(0, draft.verifiedRev())));
          }
          return call.proceed();
        });
  }

  static MessageStore forgetClientIds(MessageStore store) {
    return broken(
        store,
        MessageStore.class,
        call ->
            call.is("append")
                ? call.with(
                    drafts(call).stream().map(SabotagedParts::renamed).toList(),
                    call.arguments()[1])
                : call.proceed());
  }

  private static Draft renamed(Draft draft) {
    return new Draft(
        draft.id(),
        draft.conversation(),
        draft.sender(),
        ClientMessageId.of(UUID.randomUUID().toString()),
        draft.contentHash(),
        draft.text(),
        draft.replyTo(),
        draft.mentions(),
        draft.attributes(),
        draft.createdAt(),
        draft.verifiedRev(),
        draft.forwardOf());
  }

  @SuppressWarnings("unchecked")
  private static List<Draft> drafts(Call call) {
    return (List<Draft>) call.arguments()[0];
  }

  /** As if nothing had been written since. */
  static MessageStore hideWrites(MessageStore store) {
    return broken(
        store,
        MessageStore.class,
        call -> {
          Object answer = call.proceed();
          return answer instanceof MessageStore.Writes writes
              ? new MessageStore.Writes(
                  writes.mark(), true, Map.of(), Map.of(), Map.of(), writes.storeTime())
              : answer;
        });
  }

  static MessageStore laggingReads(MessageStore store) {
    return broken(
        store,
        MessageStore.class,
        call -> {
          Object found = call.proceed();
          if ((call.is("after") || call.is("before")) && found instanceof List<?> items) {
            Instant until = Instant.now().minus(LAG);
            return items.stream().filter(item -> createdAt(item).isBefore(until)).toList();
          }
          return found;
        });
  }

  private static Instant createdAt(Object item) {
    return item instanceof StoredMessage stored
        ? stored.message().createdAt()
        : ((Message) item).createdAt();
  }

  static MessageStore forgetMentions(MessageStore store) {
    return withConversations(
        store,
        call ->
            call.is("unread")
                ? unread(call).entrySet().stream()
                    .collect(
                        Collectors.toMap(
                            Map.Entry::getKey,
                            count -> new ConversationStore.Unread(count.getValue().messages(), 0)))
                : call.proceed());
  }

  @SuppressWarnings("unchecked")
  private static Map<ConversationId, ConversationStore.Unread> unread(Call call) throws Throwable {
    return (Map<ConversationId, ConversationStore.Unread>) Objects.requireNonNull(call.proceed());
  }

  static MessageStore forgetRestrictions(MessageStore store) {
    return withConversations(
        store,
        call -> {
          if (!call.is("change")) {
            return call.proceed();
          }
          Object[] arguments = call.arguments().clone();
          arguments[2] =
              ((List<?>) arguments[2])
                  .stream().map(change -> ended((ConversationStore.Change) change)).toList();
          return call.with(arguments);
        });
  }

  private static ConversationStore.Change ended(ConversationStore.Change change) {
    return switch (change.kind()) {
      case BANNED -> ConversationStore.Change.banned(change.subjects().get(0), Instant.EPOCH);
      case SILENCED -> ConversationStore.Change.silenced(change.subjects().get(0), Instant.EPOCH);
      default -> change;
    };
  }

  private static MessageStore withConversations(MessageStore store, Break fault) {
    ConversationStore conversations = broken(store.conversations(), ConversationStore.class, fault);
    return broken(
        store,
        MessageStore.class,
        call -> call.is("conversations") ? conversations : call.proceed());
  }

  static MessageStore forgetBlocks(MessageStore store) {
    BlockStore blocks =
        broken(store.blocks(), BlockStore.class, call -> call.is("block") ? true : call.proceed());
    return broken(store, MessageStore.class, call -> call.is("blocks") ? blocks : call.proceed());
  }

  static Router dropEnvelopes(Router router) {
    return broken(
        router, Router.class, call -> call.is("publish") && Sabotage.now() ? null : call.proceed());
  }

  static IdGenerator repeatIds(IdGenerator ids) {
    AtomicReference<long @Nullable []> last = new AtomicReference<>();
    return broken(
        ids,
        IdGenerator.class,
        call -> {
          if (!call.is("next")) {
            return call.proceed();
          }
          long[] before = last.get();
          boolean repeats =
              before != null && before.length >= (Integer) call.arguments()[0] && Sabotage.now();
          Object now =
              repeats ? Arrays.copyOf(before, (Integer) call.arguments()[0]) : call.proceed();
          last.set((long[]) now);
          return now;
        });
  }
}
