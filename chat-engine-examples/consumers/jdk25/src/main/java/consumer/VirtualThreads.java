package consumer;

import chat.engine.ChatEngine;
import chat.engine.ChatListener;
import chat.engine.ChatSession;
import chat.engine.ConversationId;
import chat.engine.DeviceId;
import chat.engine.Message;
import chat.engine.NewMessage;
import chat.engine.UserId;
import chat.engine.blocking.BlockingChat;
import chat.engine.blocking.BlockingUser;
import chat.engine.memory.InMemoryMessageStore;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** A thousand virtual threads send and wait; the listener runs on a virtual thread too. */
public final class VirtualThreads {
  private static final int SENDS = 1_000;

  private final AtomicLong lastSeq = new AtomicLong();
  private final AtomicLong elsewhere = new AtomicLong();
  private final CountDownLatch heard = new CountDownLatch(SENDS);

  public static void main(String[] args) throws Exception {
    new VirtualThreads().run();
  }

  private void run() throws Exception {
    try (ExecutorService virtual = Executors.newVirtualThreadPerTaskExecutor();
        ChatEngine engine =
            ChatEngine.builder().store(new InMemoryMessageStore()).executor(virtual).build()) {
      BlockingChat chat = BlockingChat.of(engine);
      UserId bob = UserId.of("bob");
      chat.connect(bob, DeviceId.of("phone"), new Phone());
      BlockingUser ada = chat.asUser(UserId.of("ada"));
      ConversationId talk = ada.openDirect(bob).id();
      List<Future<?>> sends = new ArrayList<>();
      for (int i = 0; i < SENDS; i++) {
        NewMessage message = NewMessage.text("message " + i);
        sends.add(virtual.submit(() -> ada.send(talk, message)));
      }
      for (Future<?> send : sends) {
        send.get();
      }
      require(heard.await(30, TimeUnit.SECONDS), "bob misses " + heard.getCount() + " messages");
      require(lastSeq.get() == SENDS, "the last message was " + lastSeq);
      // An executor that begins late is stood in for by the engine; not for every message.
      require(elsewhere.get() < SENDS, "no message came on a virtual thread");
      System.out.println("bob heard " + SENDS + " messages in order, on virtual threads");
    }
  }

  private final class Phone implements ChatListener {
    @Override
    public void onMessage(ChatSession session, Message message) {
      if (!Thread.currentThread().isVirtual()) {
        elsewhere.incrementAndGet();
      }
      if (lastSeq.compareAndSet(message.seq() - 1, message.seq())) {
        heard.countDown();
      }
    }
  }

  private static void require(boolean holds, String complaint) {
    if (!holds) {
      throw new IllegalStateException(complaint);
    }
  }
}
