package chat.engine.testing.router;

import chat.engine.spi.Router;
import chat.engine.spi.Topic;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/** Remembers what a node was told. */
public final class Recorder implements Router.Receiver {
  public final List<String> envelopes = new CopyOnWriteArrayList<>();
  public final AtomicInteger doubts = new AtomicInteger();
  public final List<Set<Topic>> dead = new CopyOnWriteArrayList<>();

  @Override
  public void onEnvelope(byte[] payload) {
    envelopes.add(new String(payload, StandardCharsets.UTF_8));
  }

  @Override
  public void onDoubt() {
    doubts.incrementAndGet();
  }

  @Override
  public void onNodeDied(String nodeId, Set<Topic> topics) {
    dead.add(topics);
  }
}
