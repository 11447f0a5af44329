package chat.engine.internal.cluster;

import chat.engine.spi.Publication;
import chat.engine.spi.Router;
import chat.engine.spi.Topic;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;

/** A router that notes its calls, and blocks and throws as the test says. Thread-safe. */
final class PlayedRouter implements Router {
  interface Behaviour {
    void act() throws InterruptedException;
  }

  final Queue<String> calls = new ConcurrentLinkedQueue<>();
  final Queue<List<Publication>> published = new ConcurrentLinkedQueue<>();
  final Set<Topic> topics = ConcurrentHashMap.newKeySet();

  /** Done in front of every call. */
  volatile @Nullable Behaviour behaviour;

  private void act() {
    Behaviour acting = behaviour;
    if (acting != null) {
      try {
        acting.act();
      } catch (InterruptedException closed) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException("interrupted", closed);
      }
    }
  }

  private static String names(Collection<Topic> topics) {
    return String.join(",", topics.stream().map(Topic::name).sorted().toList());
  }

  @Override
  public void start(String cluster, Receiver receiver) {}

  @Override
  public String nodeId() {
    return "played";
  }

  @Override
  public void subscribe(Collection<Topic> added) {
    act();
    calls.add("+" + names(added));
    topics.addAll(added);
  }

  @Override
  public void unsubscribe(Collection<Topic> removed) {
    act();
    calls.add("-" + names(removed));
    topics.removeAll(removed);
  }

  @Override
  public void publish(List<Publication> publications) {
    act();
    published.add(List.copyOf(publications));
  }

  @Override
  public Set<Topic> subscribed(Collection<Topic> asked) {
    Set<Topic> found = new HashSet<>(asked);
    found.retainAll(topics);
    return found;
  }

  @Override
  public boolean healthy() {
    return true;
  }

  @Override
  public void close() {}
}
