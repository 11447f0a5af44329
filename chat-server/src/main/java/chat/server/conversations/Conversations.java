package chat.server.conversations;

import chat.engine.ChatEngine;
import chat.engine.ChatUser;
import chat.engine.Conversation;
import chat.engine.ConversationId;
import chat.engine.GroupKey;
import chat.engine.GroupUpdate;
import chat.engine.HistoryAccess;
import chat.engine.NewGroup;
import chat.engine.Page;
import chat.engine.PageQuery;
import chat.engine.Presence;
import chat.engine.Role;
import chat.engine.TransactionalChat;
import chat.engine.UserId;
import chat.server.accounts.Account;
import chat.server.accounts.Accounts;
import chat.server.contacts.Contacts;
import chat.server.conversations.GroupNames.NamedGroup;
import chat.server.json.ApiError;
import chat.server.json.ApiException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Opens direct conversations and manages groups, with the rules of the server. Thread-safe. */
public final class Conversations {
  private static final Logger log = LoggerFactory.getLogger(Conversations.class);
  private static final long WAIT_SECONDS = 10;

  /** The engine's limit, known here so that nobody asks the database about more names. */
  private static final int MAX_GROUP_MEMBERS = 20_000;

  private static final int MAX_OWNED_GROUPS = 1_000;
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
   *     {@code forbidden} for one who is neither a contact nor a bot where the policy wants
   *     contacts
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
   * @throws ApiException {@code forbidden} where the policy wants contacts, and the peer is neither
   *     one nor a bot
   */
  public void requireMayWrite(Account account, Account peer) {
    if (policy == DirectPolicy.CONTACTS
        && !contactNames(account).contains(peer.userId())
        && !accounts.isBot(peer)) {
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
   * @throws ApiException {@code conflict} if the name is taken, with the ids of the group if the
   *     creator is in it; {@code not_found} or {@code forbidden} for members who do not exist or
   *     are no contacts of the creator
   * @throws chat.engine.ChatException {@code bad_request} for a name that cannot be
   */
  public NamedGroup createGroup(
      Account creator, String name, Collection<String> members, HistoryAccess history) {
    try {
      GroupKey key = GroupKey.of(UUID.randomUUID().toString());
      return createGroup(key, creator, name, members, history);
    } catch (ApiException refusal) {
      throw refusal.error() == ApiError.CONFLICT
          ? withIds(refusal, groupAmongOwn(creator, name))
          : refusal;
    }
  }

  private static ApiException withIds(ApiException refusal, Optional<NamedGroup> existing) {
    return existing
        .map(
            group ->
                refusal
                    .with("id", Long.toString(group.id()))
                    .with("conversation_id", group.conversation().toString()))
        .orElse(refusal);
  }

  /** What a client learns of a group that it has created. */
  public record Created(ConversationId conversation, String name) {}

  /**
   * As {@link #createGroup}, but once, however often it is repeated and on whatever node: later
   * calls of the same creator with the same id get the first group, whatever name and members they
   * ask for. A creator who is no longer in it learns nothing of it that is new.
   */
  public Created createGroupOnce(
      Account creator,
      String clientGroupId,
      String name,
      Collection<String> members,
      HistoryAccess history) {
    GroupKey key =
        GroupKey.of("user:" + creator.id() + ":" + GroupKey.ofClient(clientGroupId).value());
    Optional<Created> first = createdFirst(creator, key, name);
    if (first.isPresent()) {
      return first.get();
    }
    try {
      NamedGroup group = createGroup(key, creator, name, members, history);
      return new Created(group.conversation(), group.name());
    } catch (ApiException refusal) {
      if (refusal.error() != ApiError.CONFLICT) {
        throw refusal;
      }
      return createdFirst(creator, key, name).orElseThrow(() -> refusal); // at the same time
    }
  }

  private Optional<Created> createdFirst(Account creator, GroupKey key, String askedName) {
    return await(engine.asApplication().find(key))
        .map(
            group ->
                new Created(
                    group.id(),
                    isMember(creator, group.id())
                        ? Objects.requireNonNull(group.name())
                        : askedName));
  }

  private NamedGroup createGroup(
      GroupKey key,
      Account creator,
      String name,
      Collection<String> members,
      HistoryAccess history) {
    Conversation.requireName(name); // before the database sees it: an index takes no long names
    requireRoomForGroup(creator);
    NewGroup group =
        NewGroup.named(name)
            .withHistory(history)
            .withMembers(contactsAmong(creator, members))
            .withMember(creator.userId(), Role.OWNER);
    List<TransactionalChat> committed = new ArrayList<>(1);
    NamedGroup created =
        groupNames.create(
            name,
            connection -> {
              TransactionalChat chat = engine.transactional(connection);
              committed.add(chat);
              return chat.ensureGroup(key, group).id();
            });
    committed.forEach(Conversations::publish);
    return created;
  }

  /** Two creations at the same time may exceed the limit by one. */
  private void requireRoomForGroup(Account creator) {
    if (await(engine.asApplication().ownedGroups(creator.userId())) >= MAX_OWNED_GROUPS) {
      throw ApiException.of(
          ApiError.TOO_LARGE, "you own " + MAX_OWNED_GROUPS + " groups, which is the most");
    }
  }

  /** Shows what is committed; the engine shows it by itself, somewhat later, if this fails. */
  private static void publish(TransactionalChat committed) {
    try {
      await(committed.publish());
    } catch (ApiException late) {
      log.debug("a change of a group is not published yet: {}", late.toString());
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
    return groupAmongOwn(account, name).orElseThrow(() -> noSuchGroup(name));
  }

  private Optional<NamedGroup> groupAmongOwn(Account account, String name) {
    return groupNames.find(name).filter(group -> isMember(account, group.conversation()));
  }

  private boolean isMember(Account account, ConversationId group) {
    try {
      await(engine.asUser(account.userId()).members(group, PageQuery.<UserId>first().limit(1)));
      return true;
    } catch (ApiException refused) {
      if (refused.error() == ApiError.NOT_FOUND) {
        return false;
      }
      throw refused;
    }
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

  /** The engine decides whether the actor may. */
  public void rename(Account actor, ConversationId group, String name) {
    // a stranger is not told whether it exists
    Role role = await(engine.asUser(actor.userId()).inbox(group)).role();
    Conversation.requireName(name);
    if (hasName(group, name)) {
      requireMayRename(role);
      return; // it has the name already
    }
    rename(group, name, chat -> chat.rename(actor.userId(), group, name));
  }

  private boolean hasName(ConversationId group, String name) {
    return groupNames.find(name).filter(named -> named.conversation().equals(group)).isPresent();
  }

  /** Takes the name, and changes the group, in one transaction. */
  private void rename(ConversationId group, String name, Consumer<TransactionalChat> change) {
    List<TransactionalChat> committed = new ArrayList<>(1);
    groupNames.rename(
        group,
        name,
        connection -> {
          TransactionalChat chat = engine.transactional(connection);
          committed.add(chat);
          change.accept(chat);
        });
    committed.forEach(Conversations::publish);
  }

  /** The engine decides whether the actor may. A name goes the way of a renaming. */
  public void update(Account actor, ConversationId group, GroupUpdate update) {
    ChatUser user = engine.asUser(actor.userId());
    Role role = await(user.inbox(group)).role(); // a stranger is not told whether it exists
    String name = update.name();
    if (name != null && !hasName(group, name)) {
      rename(group, name, chat -> chat.update(actor.userId(), group, update));
      return;
    }
    GroupUpdate others = update.without(GroupUpdate.Field.NAME);
    if (others.isEmpty()) {
      requireMayRename(role);
      return; // it has the name already
    }
    await(user.updateGroup(group, others));
    groupNames.touch(group);
  }

  /**
   * @param until null for always
   */
  public void ban(Account actor, ConversationId group, String username, @Nullable Instant until) {
    UserId banned = accounts.named(username).userId();
    await(engine.asUser(actor.userId()).ban(group, banned, until));
    groupNames.touch(group);
  }

  public void unban(Account actor, ConversationId group, String username) {
    await(engine.asUser(actor.userId()).unban(group, accounts.named(username).userId()));
  }

  /**
   * @param until null to end it
   */
  public void silence(
      Account actor, ConversationId group, String username, @Nullable Instant until) {
    UserId member = accounts.named(username).userId();
    await(engine.asUser(actor.userId()).silence(group, member, until));
  }

  /** What the engine has of a group beside its members. */
  public Conversation details(NamedGroup group) {
    return await(engine.asApplication().conversation(group.conversation()));
  }

  private static void requireMayRename(Role role) {
    if (role == Role.MEMBER) {
      throw ApiException.of(ApiError.FORBIDDEN, "only the owner and admins may rename the group");
    }
  }

  /**
   * The accounts of these names, in whatever case they are given.
   *
   * @throws ApiException {@code not_found} if one of them is nobody's, {@code bad_request} if it
   *     cannot be a name, {@code too_large} for more than a group can have
   */
  private Collection<Account> existing(Collection<String> usernames) {
    Set<String> asked = new LinkedHashSet<>(usernames);
    if (asked.size() > MAX_GROUP_MEMBERS) {
      throw ApiException.of(
          ApiError.TOO_LARGE, "a group has at most " + MAX_GROUP_MEMBERS + " members");
    }
    Accounts.requireNames("members", asked);
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
      if (!oneself
          && policy == DirectPolicy.CONTACTS
          && !friends.contains(member.userId())
          && !accounts.isBot(member)) {
        throw ApiException.of(
            ApiError.FORBIDDEN, member.username() + " is not among your contacts");
      }
      ids.add(member.userId());
    }
    return ids;
  }

  /** Those of the names, in whatever case, that are of users. */
  public Set<UserId> known(Collection<String> usernames) {
    return ids(accounts.named(Set.copyOf(usernames)).values());
  }

  /** Those of the users for whom programs of this server speak. */
  public Set<String> botsAmong(Set<UserId> users) {
    return accounts.botsAmong(users.stream().map(UserId::value).toList());
  }

  /**
   * Whose presence the account may see, of those it asks about: contacts, and fellow members of a
   * group. A direct conversation does not suffice: it outlives the contact.
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
    visible.addAll(groupNames.fellowMembers(account.userId(), asked));
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
