package chat.engine.internal.cluster;

import chat.engine.spi.Publication;
import chat.engine.spi.Router;
import chat.engine.spi.Topic;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;

/** The router of a cluster of one node: there is nobody to send to. Thread-safe, never blocks. */
public final class SoloRouter implements Router {
  private final String nodeId = UUID.randomUUID().toString();
  private final Set<Topic> topics = ConcurrentHashMap.newKeySet();

  @Override
  public void start(String cluster, Receiver receiver) {}

  @Override
  public String nodeId() {
    return nodeId;
  }

  @Override
  public void subscribe(Collection<Topic> added) {
    topics.addAll(added);
  }

  @Override
  public void unsubscribe(Collection<Topic> removed) {
    removed.forEach(topics::remove);
  }

  @Override
  public void publish(List<Publication> publications) {}

  @Override
  public Set<Topic> subscribed(Collection<Topic> asked) {
    return asked.stream().filter(topics::contains).collect(Collectors.toSet());
  }

  @Override
  public boolean healthy() {
    return true;
  }

  @Override
  public void close() {
    topics.clear();
  }
}
