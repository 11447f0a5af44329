package chat.server.push.browser;

import chat.server.database.SharedSecrets;
import chat.server.outgoing.OutgoingFault;
import chat.server.outgoing.OutgoingHttp;
import chat.server.outgoing.PublicAddresses;
import chat.server.push.PushSender;
import chat.server.push.device.Push;
import com.interaso.webpush.VapidKeys;
import com.interaso.webpush.WebPush;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.jdbi.v3.core.Jdbi;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Browsers, through the push service that each of them names (RFC 8030): encrypted for the browser
 * (RFC 8291), signed with the key of this server (VAPID, RFC 8292). A push service keeps the newest
 * notification of a conversation only.
 */
public final class WebPushSender implements PushSender {
  private static final String KIND = "webpush";

  private static final Duration DEADLINE = Duration.ofSeconds(5);
  private static final Duration KEPT = Duration.ofDays(7);
  private static final Duration LATER = Duration.ofMinutes(1);
  private static final int MOST_ANSWER_BYTES = 64 * 1024;
  private static final int TOPIC_CHARACTERS = 32;
  private static final String SECRET = "push-vapid-keys";

  private final WebPush webPush;
  private final OutgoingHttp http;
  private final PublicAddresses addresses;
  private final Executor lookUps;
  private final InstantSource clock;

  /**
   * @param lookUps looks names up, which takes as long as the servers of a name want, and may
   *     refuse
   * @param contact of the operator, {@code mailto:} or {@code https:}, for those who run push
   *     services
   */
  public WebPushSender(
      Jdbi jdbi,
      String contact,
      OutgoingHttp http,
      PublicAddresses addresses,
      Executor lookUps,
      InstantSource clock) {
    this.webPush = new WebPush(contact, keys(jdbi));
    this.http = http;
    this.addresses = addresses;
    this.lookUps = lookUps;
    this.clock = clock;
  }

  /** Made once: a browser's subscription belongs to the key that it was made with. */
  private static VapidKeys keys(Jdbi jdbi) {
    String[] kept =
        new String(
                SharedSecrets.get(
                    jdbi,
                    SECRET,
                    () -> {
                      VapidKeys made = VapidKeys.generate();
                      return (made.getX509PublicKey() + " " + made.getPkcs8PrivateKey())
                          .getBytes(StandardCharsets.UTF_8);
                    }),
                StandardCharsets.UTF_8)
            .split(" ", 2);
    return VapidKeys.create(kept[0], kept[1]);
  }

  /** What pages subscribe with: an uncompressed point of P-256 in Base64 for URLs. */
  public String publicKey() {
    return Base64.getUrlEncoder()
        .withoutPadding()
        .encodeToString(webPush.getVapidKeys().getApplicationServerKey());
  }

  @Override
  public String kind() {
    return KIND;
  }

  @Override
  public String accept(JsonNode token) {
    WebPushSubscription subscription = WebPushSubscription.read(token);
    try {
      addresses.require(subscription.endpoint());
    } catch (OutgoingFault | IllegalArgumentException refusal) {
      throw new IllegalArgumentException("endpoint: " + refusal.getMessage(), refusal);
    }
    requireKeys(subscription);
    return subscription.stored();
  }

  private void requireKeys(WebPushSubscription subscription) {
    try {
      byte[] unused = webPush.getBody(new byte[1], subscription.publicKey(), subscription.secret());
    } catch (Exception broken) { // Kotlin declares none
      throw new IllegalArgumentException("p256dh is no point of the curve P-256", broken);
    }
  }

  @Override
  public CompletableFuture<Outcome> send(Push push) {
    WebPushSubscription to =
        WebPushSubscription.read(JsonMapper.shared().readTree(push.device().token()));
    URI endpoint = to.endpoint();
    byte[] body = webPush.getBody(WebPushPayload.of(push), to.publicKey(), to.secret());
    Map<String, String> headers =
        webPush.getHeaders(endpoint.toString(), (int) KEPT.toSeconds(), topic(push), urgency(push));
    return CompletableFuture.runAsync(() -> addresses.require(endpoint), lookUps)
        .orTimeout(DEADLINE.toMillis(), TimeUnit.MILLISECONDS)
        .thenCompose(found -> http.post(endpoint, headers, body, DEADLINE, MOST_ANSWER_BYTES))
        .thenApply(this::outcome);
  }

  /** Wakes a sleeping device for what is meant for its user. */
  private static WebPush.Urgency urgency(Push push) {
    return push.isUrgent() ? WebPush.Urgency.High : WebPush.Urgency.Normal;
  }

  /** The same for a conversation, but tells the push service nothing of it. */
  private static String topic(Push push) {
    String name = push.device().id() + ":" + push.conversation().id();
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256").digest(name.getBytes(StandardCharsets.UTF_8));
      return Base64.getUrlEncoder().encodeToString(hash).substring(0, TOPIC_CHARACTERS);
    } catch (NoSuchAlgorithmException impossible) {
      throw new IllegalStateException("every JVM has SHA-256", impossible);
    }
  }

  private Outcome outcome(OutgoingHttp.Answer answer) {
    if (answer.isGood()) {
      return new Outcome.Delivered();
    }
    if (List.of(404, 410).contains(answer.status())) {
      return new Outcome.Gone();
    }
    if (answer.isTooMany()) {
      return new Outcome.Later(answer.retryAfter(clock.instant()).orElse(LATER));
    }
    throw new OutgoingFault("the push service said " + answer.status());
  }
}
