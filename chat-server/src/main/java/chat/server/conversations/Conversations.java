package chat.server.conversations;

import chat.engine.ChatEngine;
import chat.engine.ChatUser;
import chat.engine.Conversation;
import chat.engine.ConversationId;
import chat.engine.Page;
import chat.engine.PageQuery;
import chat.engine.Presence;
import chat.engine.Role;
import chat.engine.UserId;
import chat.server.accounts.Account;
import chat.server.accounts.Accounts;
import chat.server.accounts.Contacts;
import chat.server.accounts.GroupNames;
import chat.server.accounts.GroupNames.NamedGroup;
import chat.server.json.ApiError;
import chat.server.json.ApiException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;

/** Opens direct conversations and manages groups, with the rules of the server. Thread-safe. */
public final class Conversations {
  private static final long WAIT_SECONDS = 10;

  /** The engine's limit, known here so that nobody asks the database about more names. */
  private static final int MAX_GROUP_MEMBERS = 20_000;

  private static final int MAX_NAMES_TOLD = 3;

  private final ChatEngine engine;
  private final Accounts accounts;
  private final Contacts contacts;
  private final GroupNames groupNames;
  private final DirectPolicy policy;

  /** Who may write to whom. */
  public enum DirectPolicy {
    CONTACTS,
    ANYONE
  }

  public Conversations(
      ChatEngine engine,
      Accounts accounts,
      Contacts contacts,
      GroupNames groupNames,
      DirectPolicy policy) {
    this.engine = engine;
    this.accounts = accounts;
    this.contacts = contacts;
    this.groupNames = groupNames;
    this.policy = policy;
  }

  /** Waits for the engine; for threads that may block. */
  public static <T> T await(CompletableFuture<T> future) {
    try {
      return future.get(WAIT_SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException fault) {
      throw ApiException.from(
          new CompletionException(fault.getCause() == null ? fault : fault.getCause()));
    } catch (TimeoutException late) {
      throw ApiException.of(ApiError.UNAVAILABLE, "no answer in time; it may have been done");
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw ApiException.of(ApiError.UNAVAILABLE, "the server is stopping");
    }
  }

  /**
   * The conversation with a peer.
   *
   * @throws ApiException {@code not_found} for an unknown user, {@code bad_request} for oneself,
   *     {@code forbidden} for one who is no contact where the policy wants contacts
   */
  public ConversationId direct(Account account, String peerUsername) {
    Account peer = accounts.named(peerUsername);
    if (peer.id() == account.id()) {
      throw ApiException.badRequest("nobody can write to themselves");
    }
    requireMayWrite(account, peer);
    return await(engine.asUser(account.userId()).openDirect(peer.userId())).id();
  }

  /**
   * @throws ApiException {@code forbidden} where the policy wants contacts and they are none
   */
  public void requireMayWrite(Account account, Account peer) {
    if (policy == DirectPolicy.CONTACTS && !contactNames(account).contains(peer.userId())) {
      throw ApiException.of(ApiError.FORBIDDEN, peer.username() + " is not among your contacts");
    }
  }

  /** The direct conversations that there are already, by the other user. */
  public Map<UserId, ConversationId> directs(Account account) {
    Map<UserId, ConversationId> directs = new HashMap<>();
    ChatUser user = engine.asUser(account.userId());
    PageQuery<ConversationId> query = PageQuery.first();
    boolean more = true;
    while (more) {
      Page<Conversation> page = await(user.conversations(query.limit(PageQuery.MAX_LIMIT)));
      for (Conversation conversation : page.items()) {
        query = PageQuery.after(conversation.id());
        conversation.peerOf(user.user()).ifPresent(peer -> directs.put(peer, conversation.id()));
      }
      more = page.hasMore();
    }
    return directs;
  }

  private Set<UserId> contactNames(Account account) {
    return ids(contacts.of(account));
  }

  /**
   * @throws ApiException {@code conflict} if the name is taken, {@code not_found} or {@code
   *     forbidden} for members who do not exist or are no contacts of the creator
   * @throws chat.engine.ChatException {@code bad_request} for a name that cannot be
   */
  public NamedGroup createGroup(Account creator, String name, Collection<String> members) {
    Conversation.requireName(name); // before the database sees it: an index takes no long names
    Set<UserId> others = contactsAmong(creator, members);
    groupNames.reserve(name);
    try {
      ConversationId conversation =
          await(engine.asUser(creator.userId()).createGroup(name, others)).id();
      return groupNames.created(name, conversation);
    } catch (RuntimeException fault) {
      groupNames.release(name);
      throw fault;
    }
  }

  /**
   * The group of this name, whoever is in it: what a caller does with it, the engine checks.
   *
   * @throws ApiException {@code not_found} if there is none
   */
  public NamedGroup groupNamed(String name) {
    return groupNames.find(name).orElseThrow(() -> noSuchGroup(name));
  }

  /**
   * @throws ApiException {@code not_found} if there is none, or the account is not in it
   */
  public NamedGroup groupOf(Account account, String name) {
    NamedGroup group = groupNamed(name);
    try {
      await(
          engine
              .asUser(account.userId())
              .members(group.conversation(), PageQuery.<UserId>first().limit(1)));
    } catch (ApiException refused) {
      throw refused.error() == ApiError.NOT_FOUND ? noSuchGroup(name) : refused;
    }
    return group;
  }

  /** What is told of a group that does not exist, and of one that the caller is not in. */
  public static ApiException noSuchGroup(String name) {
    return ApiException.of(ApiError.NOT_FOUND, "there is no group " + name + " that you are in");
  }

  public void addMembers(Account actor, ConversationId group, Collection<String> members) {
    Set<UserId> added = contactsAmong(actor, members);
    requireSome(added);
    await(engine.asUser(actor.userId()).addMembers(group, added));
    groupNames.touch(group);
  }

  public void removeMembers(Account actor, ConversationId group, Collection<String> members) {
    Set<UserId> removed = ids(existing(members));
    requireSome(removed);
    await(engine.asUser(actor.userId()).removeMembers(group, removed));
    groupNames.touch(group);
  }

  public void setRole(Account actor, ConversationId group, String username, Role role) {
    UserId member = accounts.named(username).userId();
    await(engine.asUser(actor.userId()).setRole(group, member, role));
  }

  private static void requireSome(Set<UserId> members) {
    if (members.isEmpty()) {
      throw ApiException.badRequest("members is missing or empty");
    }
  }

  /** The engine decides whether the actor may; the name is kept first, and given back if not. */
  public void rename(Account actor, ConversationId group, String name) {
    // a stranger is not told whether it exists
    Role role = await(engine.asUser(actor.userId()).inbox(group)).role();
    Conversation.requireName(name);
    if (groupNames.find(name).filter(named -> named.conversation().equals(group)).isPresent()) {
      requireMayRename(role);
      return; // it has the name already
    }
    groupNames.reserve(name);
    try {
      await(engine.asUser(actor.userId()).renameGroup(group, name));
      groupNames.renamed(group, name);
    } catch (RuntimeException fault) {
      groupNames.release(name);
      throw fault;
    }
  }

  private static void requireMayRename(Role role) {
    if (role == Role.MEMBER) {
      throw ApiException.of(ApiError.FORBIDDEN, "only the owner and admins may rename the group");
    }
  }

  /**
   * The accounts of these names, in whatever case they are given.
   *
   * @throws ApiException {@code not_found} if one of them is nobody's, {@code too_large} for more
   *     than a group can have
   */
  private Collection<Account> existing(Collection<String> usernames) {
    Set<String> asked = new LinkedHashSet<>(usernames);
    if (asked.size() > MAX_GROUP_MEMBERS) {
      throw ApiException.of(
          ApiError.TOO_LARGE, "a group has at most " + MAX_GROUP_MEMBERS + " members");
    }
    Map<String, Account> known = accounts.named(asked);
    asked.removeAll(known.keySet());
    if (!asked.isEmpty()) {
      throw noSuchUsers(asked);
    }
    return known.values();
  }

  private static ApiException noSuchUsers(Set<String> names) {
    String first = names.stream().limit(MAX_NAMES_TOLD).collect(Collectors.joining(", "));
    String others =
        names.size() > MAX_NAMES_TOLD ? " and " + (names.size() - MAX_NAMES_TOLD) + " more" : "";
    return ApiException.of(ApiError.NOT_FOUND, "there is no user " + first + others);
  }

  private static Set<UserId> ids(Collection<Account> some) {
    return some.stream().map(Account::userId).collect(Collectors.toSet());
  }

  private Set<UserId> contactsAmong(Account account, Collection<String> usernames) {
    Collection<Account> known = existing(usernames);
    Set<UserId> ids = new HashSet<>();
    Set<UserId> friends = contactNames(account);
    for (Account member : known) {
      boolean oneself = member.id() == account.id(); // whom the engine passes over, or refuses
      if (!oneself && policy == DirectPolicy.CONTACTS && !friends.contains(member.userId())) {
        throw ApiException.of(
            ApiError.FORBIDDEN, member.username() + " is not among your contacts");
      }
      ids.add(member.userId());
    }
    return ids;
  }

  /**
   * Whose presence the account may see, of those it asks about: contacts, and fellow members of a
   * conversation.
   *
   * @throws ApiException {@code too_large} for more than {@link ChatUser#MAX_USERS} names
   */
  public Set<UserId> visibleTo(Account account, Collection<String> usernames) {
    if (usernames.size() > ChatUser.MAX_USERS) {
      throw ApiException.of(
          ApiError.TOO_LARGE, "at most " + ChatUser.MAX_USERS + " usernames, please");
    }
    Set<UserId> asked = ids(accounts.named(Set.copyOf(usernames)).values());
    Set<UserId> visible = contactNames(account);
    visible.retainAll(asked);
    visible.addAll(await(engine.asUser(account.userId()).fellowMembers(asked)));
    return visible;
  }

  /** How things stand with users, however many, ordered by username. Blocks. */
  public static List<Presence> presences(ChatUser asker, Set<UserId> users) {
    List<UserId> all = List.copyOf(users);
    List<Presence> presences = new ArrayList<>();
    for (int from = 0; from < all.size(); from += ChatUser.MAX_USERS) {
      int to = Math.min(all.size(), from + ChatUser.MAX_USERS);
      presences.addAll(await(asker.presence(Set.copyOf(all.subList(from, to)))));
    }
    presences.sort(Comparator.comparing(Presence::user));
    return presences;
  }
}
