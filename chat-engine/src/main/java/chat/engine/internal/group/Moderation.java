package chat.engine.internal.group;

import chat.engine.Ban;
import chat.engine.ChatException;
import chat.engine.Role;
import chat.engine.UserId;
import chat.engine.spi.ConversationStore.Change;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What banning and silencing mean for a group as it is: the changes that are still to be made, none
 * if all is so already. Who may do it is checked before. Stateless.
 */
final class Moderation {
  /** Databases and clients know years of four digits. */
  private static final Instant LATEST = Instant.parse("9999-12-31T23:59:59.999Z");

  private Moderation() {}

  /**
   * @param until null for always
   * @return in whole milliseconds
   */
  static @Nullable Instant requireEnd(@Nullable Instant until) {
    if (until != null && until.isAfter(LATEST)) {
      throw ChatException.badRequest("until must be " + LATEST + " at the latest");
    }
    return until == null ? null : until.truncatedTo(ChronoUnit.MILLIS);
  }

  private static void requireFuture(@Nullable Instant until, Instant now) {
    if (until != null && !until.isAfter(now)) {
      throw ChatException.badRequest("until must be in the future");
    }
  }

  /** Removes the user, if they are a member, and keeps them out. */
  static List<Change> ban(GroupView group, UserId user, @Nullable Instant until) {
    List<Change> changes = new ArrayList<>(2);
    if (group.members().find(user) != null) {
      changes.add(Change.removed(List.of(user)));
    }
    Optional<Ban> before = find(group, user);
    if (before.isEmpty() || !Objects.equals(before.get().until(), until)) {
      requireFuture(until, group.now());
      changes.add(Change.banned(user, until));
    }
    return changes;
  }

  static List<Change> unban(GroupView group, UserId user) {
    return find(group, user).isEmpty() ? List.of() : List.of(Change.unbanned(user));
  }

  private static Optional<Ban> find(GroupView group, UserId user) {
    return group.bans().among(List.of(user)).stream().findFirst();
  }

  /**
   * @param until null to end it
   */
  static List<Change> silence(GroupView group, UserId user, @Nullable Instant until) {
    if (group.members().find(user) == null) {
      throw ChatException.conflict("user " + user + " is no member");
    }
    Instant before = group.members().silencedUntil(user);
    boolean silenced = before != null && before.isAfter(group.now());
    if (until == null ? !silenced : until.equals(before)) {
      return List.of();
    }
    requireFuture(until, group.now());
    return List.of(Change.silenced(user, until));
  }

  /**
   * Checks what the actor may do to another.
   *
   * @param plain what it takes for a plain member, or for a user who is no member
   * @param admins what it takes for an admin
   * @param what goes on from "may", in the error
   */
  static void require(
      Roles members, UserId actor, UserId user, Permission plain, Permission admins, String what) {
    Role own = members.role(actor);
    plain.require(own, what + " members");
    if (user.equals(actor)) {
      throw ChatException.badRequest("nobody can " + what + " themselves");
    }
    Role role = members.find(user);
    if (role == Role.OWNER) {
      throw ChatException.forbidden("nobody may " + what + " the owner");
    }
    if (role == Role.ADMIN) {
      admins.require(own, what + " an admin");
    }
  }
}
