package chat.server.push;

import chat.engine.ConversationId;
import chat.engine.Member;
import chat.engine.UserId;
import chat.engine.spi.ConversationStore;
import chat.server.push.PushSender.Outcome;
import chat.server.push.device.PushDevice;
import chat.server.push.device.PushDevices;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes back what devices show once their user has read it elsewhere: on the node where it was
 * read, a moment later, as many readings in a moment are one. Only devices that can be told in
 * silence, and only what they were told of. Thread-safe.
 */
final class BadgeUpdates {
  private static final Logger log = LoggerFactory.getLogger(BadgeUpdates.class);
  private static final int LOOKS_AT_ONCE = 64;

  /** After a reading, and again where a device could not be reached. */
  private static final List<Duration> WAITS =
      List.of(Duration.ofSeconds(1), Duration.ofSeconds(10), Duration.ofMinutes(2));

  private final Map<String, PushSender> senders;
  private final PushDevices devices;
  private final ConversationStore conversations;
  private final Badge badge;
  private final Executor threads;
  private final boolean any;
  private final LaterLooks looks = new LaterLooks(WAITS, System::nanoTime);

  /**
   * @param senders by the kind of device
   * @param threads may block
   */
  BadgeUpdates(
      Map<String, PushSender> senders,
      PushDevices devices,
      ConversationStore conversations,
      Executor threads) {
    this.senders = Map.copyOf(senders);
    this.devices = devices;
    this.conversations = conversations;
    this.badge = new Badge(conversations);
    this.threads = threads;
    this.any = senders.values().stream().anyMatch(PushSender::tellsInSilence);
  }

  /** A user has read something of a conversation. Never blocks. */
  void read(UserId user, ConversationId conversation) {
    if (any) {
      looks.add(conversation, Set.of(user));
    }
  }

  /** Tells the devices for which it is time. Blocks. */
  void send() {
    for (LaterLooks.Look look : looks.due(LOOKS_AT_ONCE)) {
      send(look);
    }
  }

  private void send(LaterLooks.Look look) {
    UserId user = look.key().user();
    ConversationId conversation = look.key().conversation();
    Optional<Member> member = conversations.member(conversation, user);
    if (member.isEmpty()) {
      return;
    }
    long readSeq = member.get().readSeq();
    List<PushDevice> told = told(user, conversation, readSeq);
    if (told.isEmpty()) {
      return;
    }
    long everywhere = badge.of(user, conversation).everywhere();
    for (PushDevice device : told) {
      sent(new ReadElsewhere(device, conversation, readSeq, everywhere))
          .whenCompleteAsync(
              (outcome, fault) -> {
                if (outcome instanceof Outcome.Delivered) {
                  devices.showsNoMore(device, conversation, readSeq);
                } else if (outcome instanceof Outcome.Gone) {
                  devices.gone(device);
                } else {
                  log.debug("{} was not told that it was read elsewhere", device, fault);
                  looks.again(look);
                }
              },
              threads);
    }
  }

  private CompletableFuture<Outcome> sent(ReadElsewhere read) {
    PushSender sender = Objects.requireNonNull(senders.get(read.device().kind()));
    try {
      return sender.send(read);
    } catch (RuntimeException fault) {
      return CompletableFuture.failedFuture(fault);
    }
  }

  /** The devices of a user that take it, and show nothing of the conversation that is unread. */
  private List<PushDevice> told(UserId user, ConversationId conversation, long readSeq) {
    List<PushDevice> own =
        devices.of(Set.of(user)).values().stream()
            .flatMap(List::stream)
            .filter(device -> !device.rests() && tellsInSilence(device))
            .toList();
    if (own.isEmpty()) {
      return own;
    }
    Map<Long, Long> seqs = devices.told(conversation, own.stream().map(PushDevice::id).toList());
    return own.stream()
        .filter(device -> seqs.getOrDefault(device.id(), Long.MAX_VALUE) <= readSeq)
        .toList();
  }

  private boolean tellsInSilence(PushDevice device) {
    PushSender sender = senders.get(device.kind());
    return sender != null && sender.tellsInSilence();
  }
}
