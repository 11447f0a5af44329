package chat.engine.internal.privacy;

import chat.engine.Privacy;
import chat.engine.Privacy.Audience;
import chat.engine.UserId;
import chat.engine.internal.runtime.StoreThreads;
import chat.engine.spi.BlockStore;
import chat.engine.spi.PrivacyStore;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * From whom the presence of a user is hidden. It is so both ways: for two users of whom one has
 * blocked the other, or hides from the other. Whoever cannot be seen does not see.
 *
 * <p>Thread-safe; reads the store on the store threads, and asks the application only about those
 * for whom it matters who is a contact.
 */
public final class Visibility {
  private static final Logger log = LoggerFactory.getLogger(Visibility.class);
  private static final int PAGE = 5_000;

  private final BlockStore blocks;
  private final PrivacyStore privacy;
  private final StoreThreads reads;
  private final ContactBook contacts;

  /** Tells who is a contact. */
  @FunctionalInterface
  public interface ContactBook {
    /** Those of the others who are contacts of the user. */
    CompletableFuture<Set<UserId>> contacts(UserId user, Set<UserId> others);
  }

  public Visibility(
      BlockStore blocks, PrivacyStore privacy, StoreThreads reads, ContactBook contacts) {
    this.blocks = blocks;
    this.privacy = privacy;
    this.reads = reads;
    this.contacts = contacts;
  }

  /** What the store says: no answer of the application is in it. */
  private record Stored(Map<UserId, Set<UserId>> blocked, Map<UserId, Privacy> settings) {
    Set<UserId> blockedFor(UserId user) {
      return blocked.getOrDefault(user, Set.of());
    }

    /** To whom two users are visible, if they are to each other: the smaller of two audiences. */
    Audience audience(UserId one, UserId other) {
      Audience first = settings.getOrDefault(one, Privacy.OPEN).lastSeen();
      Audience second = settings.getOrDefault(other, Privacy.OPEN).lastSeen();
      return first.compareTo(second) > 0 ? first : second;
    }
  }

  /** Those of the others who are hidden from the user, and the user from them. */
  public CompletableFuture<Set<UserId>> hidden(UserId user, Set<UserId> others) {
    return hidden(Map.of(user, others)).thenApply(found -> found.getOrDefault(user, Set.of()));
  }

  /**
   * The same for many users.
   *
   * @param others of each user, those who are asked about; a few hundred users at most
   */
  public CompletableFuture<Map<UserId, Set<UserId>>> hidden(Map<UserId, Set<UserId>> others) {
    return reads
        .submit(() -> new Stored(blocked(others), settings(others)))
        .thenCompose(stored -> decided(others, stored));
  }

  private Map<UserId, Set<UserId>> blocked(Map<UserId, Set<UserId>> others) {
    if (others.size() == 1) {
      Map.Entry<UserId, Set<UserId>> only = others.entrySet().iterator().next();
      return Map.of(only.getKey(), blocks.between(only.getKey(), only.getValue()));
    }
    return blocks.between(others.keySet());
  }

  private Map<UserId, Privacy> settings(Map<UserId, Set<UserId>> others) {
    Set<UserId> users = new HashSet<>(others.keySet());
    others.values().forEach(users::addAll);
    Map<UserId, Privacy> found = new HashMap<>();
    List<UserId> all = List.copyOf(users);
    for (int from = 0; from < all.size(); from += PAGE) {
      found.putAll(privacy.find(all.subList(from, Math.min(from + PAGE, all.size()))));
    }
    return found;
  }

  private CompletableFuture<Map<UserId, Set<UserId>>> decided(
      Map<UserId, Set<UserId>> others, Stored stored) {
    Map<UserId, Set<UserId>> hidden = new HashMap<>();
    List<CompletableFuture<Void>> asked = new ArrayList<>();
    others.forEach(
        (user, all) -> {
          Set<UserId> fromUser = new HashSet<>(stored.blockedFor(user));
          fromUser.retainAll(all);
          Set<UserId> forContacts = new HashSet<>();
          for (UserId other : all) {
            if (!other.equals(user) && !fromUser.contains(other)) {
              switch (stored.audience(user, other)) {
                case EVERYONE -> {}
                case CONTACTS -> forContacts.add(other);
                case NOBODY -> fromUser.add(other);
              }
            }
          }
          hidden.put(user, fromUser);
          if (!forContacts.isEmpty()) {
            asked.add(
                strangers(user, forContacts).thenAccept(strangers -> fromUser.addAll(strangers)));
          }
        });
    return CompletableFuture.allOf(asked.toArray(CompletableFuture[]::new))
        .thenApply(done -> hidden);
  }

  /** Those who are no contacts; all, if nobody can tell. */
  private CompletableFuture<Set<UserId>> strangers(UserId user, Set<UserId> others) {
    return contacts
        .contacts(user, Set.copyOf(others))
        .thenApply(
            known -> {
              Set<UserId> strangers = new HashSet<>(others);
              strangers.removeAll(known); // the application's set, which may throw
              return strangers;
            })
        .exceptionally(
            fault -> {
              log.debug("nobody can tell the contacts of {}; they stay hidden", user, fault);
              return new HashSet<>(others);
            });
  }
}
