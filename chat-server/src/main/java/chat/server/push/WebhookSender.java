package chat.server.push;

import chat.engine.ChatException;
import chat.engine.protocol.JsonObjects;
import chat.server.outgoing.OutgoingFault;
import chat.server.outgoing.OutgoingHttp;
import chat.server.outgoing.WebhookSignature;
import chat.server.push.device.Push;
import chat.server.push.device.PushDevice;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.CompletableFuture;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Posts notifications to an address of the operator, signed, which passes them on to the push
 * service of some system. What the tokens are is the operator's affair.
 */
final class WebhookSender implements PushSender {
  static final String KIND = "webhook";

  private static final Duration LATER = Duration.ofMinutes(1);
  private static final int MOST_ANSWER_BYTES = 64 * 1024;
  private static final int LONGEST_TOKEN = 4_096;
  private static final int GONE = 410;

  private final URI url;
  private final WebhookSignature signature;
  private final Duration deadline;
  private final OutgoingHttp http;
  private final InstantSource clock;

  WebhookSender(
      URI url,
      WebhookSignature signature,
      Duration deadline,
      OutgoingHttp http,
      InstantSource clock) {
    this.url = url;
    this.signature = signature;
    this.deadline = deadline;
    this.http = http;
    this.clock = clock;
  }

  @Override
  public String kind() {
    return KIND;
  }

  @Override
  public String accept(JsonNode token) {
    if (!token.isString() || token.asString().isBlank()) {
      throw new IllegalArgumentException("it must be a text");
    }
    if (token.asString().length() > LONGEST_TOKEN) {
      throw new IllegalArgumentException("at most " + LONGEST_TOKEN + " characters, please");
    }
    return token.asString();
  }

  @Override
  public CompletableFuture<Outcome> send(Push push) {
    return post(push.device(), push.id(), push.json(Integer.MAX_VALUE));
  }

  @Override
  public boolean tellsInSilence() {
    return true;
  }

  @Override
  public CompletableFuture<Outcome> send(ReadElsewhere read) {
    return post(read.device(), read.id(), read.json());
  }

  private CompletableFuture<Outcome> post(PushDevice device, String id, ObjectNode json) {
    json.put("device", device.name()).put("token", device.token());
    byte[] body = JsonObjects.bytes(json);
    return http.post(
            url, signature.headers(id, clock.instant(), body), body, deadline, MOST_ANSWER_BYTES)
        .thenApply(this::outcome);
  }

  private Outcome outcome(OutgoingHttp.Answer answer) {
    if (answer.status() == GONE || (answer.isGood() && saysGone(answer.body()))) {
      return new Outcome.Gone();
    }
    if (answer.isGood()) {
      return new Outcome.Delivered();
    }
    if (answer.isTooMany()) {
      return new Outcome.Later(answer.retryAfter(clock.instant()).orElse(LATER));
    }
    throw new OutgoingFault("the push webhook said " + answer.status());
  }

  /** A body that is no JSON is a good answer, too. */
  private static boolean saysGone(byte[] body) {
    try {
      return JsonObjects.parse(new String(body, StandardCharsets.UTF_8))
          .path("gone")
          .asBoolean(false);
    } catch (ChatException none) {
      return false;
    }
  }
}
