package chat.server;

import chat.server.push.Push;
import chat.server.push.PushSender;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import tools.jackson.databind.JsonNode;

/** A kind of device that somebody else has added. */
public final class RecordingPushSender implements PushSender {
  static final List<Push> SENT = new CopyOnWriteArrayList<>();

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
}
