package chat.server.push;

import chat.engine.ChatApplication;
import chat.engine.Conversation;
import chat.engine.ConversationId;
import chat.engine.HistoryQuery;
import chat.engine.Member;
import chat.engine.Message;
import chat.engine.Presence;
import chat.engine.UserId;
import chat.engine.spi.ConversationStore;
import chat.server.push.device.Push;
import chat.server.push.device.PushDevice;
import chat.server.push.device.PushDevices;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Finds whom to tell what of a conversation, as things stand when it is asked. Told are members
 * with a device, who are connected nowhere, have not muted the conversation, also where a message
 * mentions them, and have not read the message; nobody is told of what they, or somebody with whom
 * there is a block, wrote. What a device was told it is not told again. Thread-safe; blocks.
 */
final class Audience {
  /** The newest messages of a conversation that are looked at. */
  static final int MOST_MESSAGES = 50;

  /** How many unread messages a notification has at most. */
  private static final int SHOWN = 10;

  /** Older messages ring nobody up, but are shown with a newer one. */
  private static final Duration STALE = Duration.ofDays(1);

  private final ChatApplication chat;
  private final ConversationStore conversations;
  private final PushDevices devices;
  private final Badge badge;
  private final boolean hidesContent;
  private final InstantSource clock;

  /**
   * @param pushes to send now
   * @param later users who may have to be told later: they seem to be connected, but have not
   *     received the messages, or a device of theirs rests
   */
  record Found(List<Push> pushes, Set<UserId> later) {}

  private static final Found NOBODY = new Found(List.of(), Set.of());

  /**
   * @param hidesContent whether no device is sent any text or name
   */
  Audience(
      ChatApplication chat,
      ConversationStore conversations,
      PushDevices devices,
      boolean hidesContent,
      InstantSource clock) {
    this.chat = chat;
    this.conversations = conversations;
    this.devices = devices;
    this.badge = new Badge(conversations);
    this.hidesContent = hidesContent;
    this.clock = clock;
  }

  /** The newest messages of a conversation that is there, without those that were deleted. */
  List<Message> messages(ConversationId conversation) {
    return chat
        .history(conversation, HistoryQuery.newest().limit(MOST_MESSAGES))
        .join()
        .messages()
        .stream()
        .filter(message -> !message.deleted())
        .toList();
  }

  /** What is unread of a member. */
  private record News(Member member, List<Message> unread) {
    UserId user() {
      return member.user();
    }

    long newest() {
      return unread.get(unread.size() - 1).seq();
    }

    /** Whether there is something new to a device that was told up to a seq. */
    boolean rings(long told, Instant stale) {
      return unread.stream()
          .anyMatch(message -> message.seq() > told && message.createdAt().isAfter(stale));
    }
  }

  Found among(Conversation conversation, List<Message> messages, List<Member> members) {
    Map<UserId, News> news = new HashMap<>();
    for (Member member : members) {
      List<Message> unread =
          messages.stream()
              .filter(message -> message.seq() > Math.max(member.readSeq(), member.joinedSeq()))
              .filter(message -> !message.from().equals(member.user()))
              .toList();
      if (!unread.isEmpty()) {
        news.put(member.user(), new News(member, unread));
      }
    }
    if (news.isEmpty()) {
      return NOBODY;
    }
    Map<UserId, List<PushDevice>> reachable = devices.of(news.keySet());
    news.keySet().retainAll(reachable.keySet());
    news.keySet()
        .removeAll(
            conversations.muted(conversation.id(), Set.copyOf(news.keySet()), clock.instant()));
    withoutBlocked(news);
    Map<UserId, List<PushDevice>> untold = untold(conversation.id(), news, reachable);
    news.keySet().retainAll(untold.keySet());
    if (news.isEmpty()) {
      return NOBODY;
    }
    Set<UserId> later = new HashSet<>();
    for (UserId user : online(Set.copyOf(news.keySet()))) {
      News of = news.remove(user);
      if (of != null && of.member().receivedSeq() < of.newest()) {
        later.add(user);
      }
    }
    List<Push> pushes = new ArrayList<>();
    for (News of : news.values()) {
      List<PushDevice> own = untold.getOrDefault(of.user(), List.of());
      if (own.stream().anyMatch(PushDevice::rests)) {
        later.add(of.user());
      }
      pushes.addAll(pushes(conversation, of, own));
    }
    return new Found(pushes, later);
  }

  /** The devices that were not told of all the news yet. */
  private Map<UserId, List<PushDevice>> untold(
      ConversationId conversation,
      Map<UserId, News> news,
      Map<UserId, List<PushDevice>> reachable) {
    Map<Long, Long> told =
        devices.told(
            conversation,
            news.keySet().stream()
                .flatMap(user -> reachable.getOrDefault(user, List.of()).stream())
                .map(PushDevice::id)
                .toList());
    Instant stale = clock.instant().minus(STALE);
    Map<UserId, List<PushDevice>> untold = new HashMap<>();
    news.forEach(
        (user, of) -> {
          List<PushDevice> own =
              reachable.getOrDefault(user, List.of()).stream()
                  .filter(device -> of.rings(told.getOrDefault(device.id(), 0L), stale))
                  .toList();
          if (!own.isEmpty()) {
            untold.put(user, own);
          }
        });
    return untold;
  }

  /** Takes the messages out that came from somebody with whom there is a block. */
  private void withoutBlocked(Map<UserId, News> news) {
    Set<UserId> senders =
        news.values().stream()
            .flatMap(of -> of.unread().stream())
            .map(Message::from)
            .filter(sender -> !sender.isSystem())
            .collect(Collectors.toSet());
    for (UserId sender : senders) {
      Set<UserId> others = new HashSet<>(news.keySet());
      others.remove(sender);
      for (UserId blocked : chat.blockedBetween(sender, others).join()) {
        news.computeIfPresent(
            blocked,
            (user, of) -> {
              List<Message> rest =
                  of.unread().stream().filter(message -> !message.from().equals(sender)).toList();
              return rest.isEmpty() ? null : new News(of.member(), rest);
            });
      }
    }
  }

  private Set<UserId> online(Set<UserId> users) {
    return chat.presence(users).join().stream()
        .filter(Presence::online)
        .map(Presence::user)
        .collect(Collectors.toSet());
  }

  private List<Push> pushes(Conversation conversation, News news, List<PushDevice> own) {
    List<PushDevice> ready = own.stream().filter(device -> !device.rests()).toList();
    if (ready.isEmpty()) {
      return List.of();
    }
    Badge.Count count = badge.of(news.user(), conversation.id());
    int unread = news.unread().size();
    List<Message> shown = news.unread().subList(Math.max(0, unread - SHOWN), unread);
    return ready.stream()
        .map(
            device ->
                new Push(
                    device,
                    conversation,
                    news.newest(),
                    count.here(),
                    count.everywhere(),
                    hidesContent || device.hidesContent() ? List.of() : shown))
        .toList();
  }
}
