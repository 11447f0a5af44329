package chat.engine.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/** A transport whose socket is a list, and whose congestion a test decides. Thread-safe. */
final class Socket implements Transport {
  private static final Duration SOON = Duration.ofSeconds(30);

  private final List<Frame> frames = new ArrayList<>();
  private final List<String> calls = new ArrayList<>();
  private boolean congested;
  private @Nullable Runnable whenWritable;
  private @Nullable Integer closeCode;

  @Override
  public synchronized void send(Frame frame) {
    if (closeCode == null) {
      frames.add(frame);
    }
  }

  @Override
  public synchronized void close(int code, String reason) {
    if (closeCode == null) {
      closeCode = code;
    }
  }

  @Override
  public synchronized boolean isCongested() {
    return congested;
  }

  @Override
  public void whenWritable(Runnable task) {
    synchronized (this) {
      if (congested) {
        whenWritable = task;
        return;
      }
    }
    task.run();
  }

  @Override
  public synchronized void pauseReading() {
    calls.add("pause");
  }

  @Override
  public synchronized void resumeReading() {
    calls.add("resume");
  }

  synchronized void congest() {
    congested = true;
  }

  void drain() {
    Runnable task;
    synchronized (this) {
      congested = false;
      task = whenWritable;
      whenWritable = null;
    }
    if (task != null) {
      task.run();
    }
  }

  synchronized boolean isReading() {
    return calls.isEmpty() || calls.get(calls.size() - 1).equals("resume");
  }

  synchronized List<Frame> frames() {
    return List.copyOf(frames);
  }

  List<ObjectNode> json() {
    return frames().stream().map(frame -> JsonObjects.parse(frame.text())).toList();
  }

  List<String> types() {
    return json().stream().map(json -> json.get("type").asString()).toList();
  }

  synchronized @Nullable Integer closeCode() {
    return closeCode;
  }

  void awaitClose(int code) {
    await().atMost(SOON).untilAsserted(() -> assertThat(closeCode()).isEqualTo(code));
  }

  /** The first frame of this type, when it is there. */
  ObjectNode await1(String type) {
    await().atMost(SOON).until(() -> types().contains(type));
    return json().get(types().indexOf(type));
  }

  /** The reply to the request with this id, when it is there. */
  ObjectNode reply(String id) {
    await().atMost(SOON).until(() -> find(id) != null);
    ObjectNode found = find(id);
    assertThat(found).isNotNull();
    return found;
  }

  private @Nullable ObjectNode find(String id) {
    return json().stream()
        .filter(json -> json.has("id") && json.get("id").asString().equals(id))
        .findFirst()
        .orElse(null);
  }
}
