package chat.server;

import chat.server.push.PushSender;
import chat.server.push.ReadElsewhere;
import chat.server.push.device.Push;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import tools.jackson.databind.JsonNode;

/** A kind of device that somebody else has added. */
public final class RecordingPushSender implements PushSender {
  static final List<Push> SENT = new CopyOnWriteArrayList<>();
  static final List<ReadElsewhere> READ = new CopyOnWriteArrayList<>();

  @Override
  public String kind() {
    return "recorded";
  }

  @Override
  public String accept(JsonNode token) {
    return token.asString();
  }

  @Override
  public CompletableFuture<Outcome> send(Push push) {
    SENT.add(push);
    return CompletableFuture.completedFuture(new Outcome.Delivered());
  }

  @Override
  public boolean tellsInSilence() {
    return true;
  }

  @Override
  public CompletableFuture<Outcome> send(ReadElsewhere read) {
    READ.add(read);
    return CompletableFuture.completedFuture(new Outcome.Delivered());
  }
}
