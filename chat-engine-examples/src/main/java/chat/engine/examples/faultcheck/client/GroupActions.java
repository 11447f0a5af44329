package chat.engine.examples.faultcheck.client;

import chat.engine.examples.faultcheck.client.device.Calls;
import chat.engine.examples.faultcheck.client.device.DeviceSession;
import chat.engine.examples.faultcheck.client.device.Memory;
import chat.engine.examples.faultcheck.feed.FaultBots;
import chat.engine.examples.faultcheck.history.Event.Outcome;
import chat.engine.examples.faultcheck.history.Event.Verb;
import chat.engine.examples.faultcheck.history.Recorder;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * What users do to groups: an owner adds and removes members singly and in bulk, bans and silences
 * them, renames, sets and invites, and lets the application set attributes and delete the group;
 * others leave; anybody opens direct conversations, makes groups, and joins by invites. Runs on the
 * client's thread.
 */
final class GroupActions {
  /** More than the engine reads of a group's changes at a time. */
  private static final int CROWD = 300;

  private static final int MOST_CROWDS = 2;

  private final Client client;
  private final Talks talks;
  private final Recorder recorder;
  private final Random random;
  private final RestrictionActions restrictions;
  private final InviteActions invites;
  private final SettingActions settings;
  private int made;
  private int crowds;

  GroupActions(Client client, Talks talks, Recorder recorder, Random random) {
    this.client = client;
    this.talks = talks;
    this.recorder = recorder;
    this.random = random;
    this.restrictions = new RestrictionActions(client, random);
    this.invites = new InviteActions(client, talks, recorder, random);
    this.settings = new SettingActions(talks, random);
  }

  void next(DeviceSession session) {
    Long group = writableGroup();
    int dice = random.nextInt(16);
    if (dice == 0) {
      openDirect(session, client.friend());
    } else if (dice == 1 && random.nextInt(4) == 0) {
      create(session, client.someFriends(2));
    } else if (dice > 11) {
      invites.join(session);
    } else if (group == null) {
      return;
    } else if (talks.isGroupOf(group, client.user())) {
      administer(session, group, dice);
    } else if (dice == 2 && random.nextBoolean()) {
      change(session, Verb.LEAVE, group, List.of(client.user()), "leave " + group);
    }
  }

  private void administer(DeviceSession session, long group, int dice) {
    int kind = random.nextInt(10);
    if (kind < 2) {
      invites.administer(session, group);
    } else if (kind < 5) {
      settings.next(session, group);
    } else if (dice < 9 && random.nextBoolean()) {
      restrictions.next(session, group);
    } else if (dice < 5) {
      boolean aBot = random.nextInt(4) == 0;
      addOrRemove(
          session,
          group,
          aBot ? List.of(FaultBots.NAMES.get(random.nextInt(2))) : client.someFriends(1));
    } else if (dice < 7) {
      addOrRemove(session, group, client.someFriends(3));
    } else if (dice < 9) {
      change(
          session,
          Verb.RENAME,
          group,
          List.of(),
          "rename " + group + " group-" + group + "-" + ++made);
    } else if (dice == 9 && crowds++ < MOST_CROWDS) {
      crowd(session, group);
    } else if (dice == 10) {
      String attributes = random.nextInt(4) == 0 ? "-" : "a" + ++made;
      change(session, Verb.ATTRIBUTES, group, List.of(), "attributes " + group + " " + attributes);
    } else if (dice == 11 && random.nextInt(3) == 0) {
      talks.closing(group);
      change(session, Verb.DELETE, group, List.of(), "delete " + group);
    }
  }

  /** Mostly one of which the user is the owner. */
  private @Nullable Long writableGroup() {
    List<Long> groups =
        client.memory().copies().stream()
            .filter(Memory.Copy::group)
            .map(Memory.Copy::conversation)
            .filter(group -> talks.mayWrite(group, recorder.now()))
            .toList();
    List<Long> own =
        groups.stream().filter(group -> talks.isGroupOf(group, client.user())).toList();
    List<Long> some = own.isEmpty() || random.nextInt(4) == 0 ? groups : own;
    return some.isEmpty() ? null : some.get(random.nextInt(some.size()));
  }

  /** All of them: who is in is removed in one call, who is not is added in another. */
  private void addOrRemove(DeviceSession session, long group, List<String> users) {
    if (random.nextInt(5) < 2) {
      change(session, Verb.REMOVE, group, users, "remove " + group + " " + String.join(",", users));
    } else {
      change(session, Verb.ADD, group, users, "add " + group + " " + String.join(",", users));
    }
  }

  /** Many come, one is removed, and something is said at once. */
  private void crowd(DeviceSession session, long group) {
    int first = random.nextInt(1000) * CROWD;
    List<String> crowd =
        IntStream.range(first, first + CROWD).mapToObj(i -> client.user() + "x" + i).toList();
    String removed = client.friend();
    if (change(session, Verb.ADD, group, crowd, "add " + group + " " + String.join(",", crowd))
            == Outcome.OK
        && change(session, Verb.REMOVE, group, List.of(removed), "remove " + group + " " + removed)
            == Outcome.OK) {
      Client.await(
          session
              .calls()
              .send(Verb.SEND, group, client.user() + "-crowd" + first, "-", Calls::nothingMore),
          session.wire());
    }
  }

  private @Nullable Outcome change(
      DeviceSession session, Verb verb, long group, List<String> subjects, String request) {
    return Client.await(
        session.calls().call(verb, group, 0, subjects, "", request), session.wire());
  }

  void openDirect(DeviceSession session, String peer) {
    Client.await(
        session
            .calls()
            .call(
                Verb.DIRECT,
                0,
                0,
                List.of(peer),
                "",
                "direct " + peer,
                (op, answer) -> begun(answer.words()[0], false, peer, "-")),
        session.wire());
  }

  void create(DeviceSession session, List<String> others) {
    String name = "group-" + client.user() + "-" + ++made;
    CompletableFuture<Long> created = new CompletableFuture<>();
    Client.await(
        session
            .calls()
            .call(
                Verb.GROUP,
                0,
                0,
                others,
                name,
                "group " + name + " " + String.join(",", others),
                (op, answer) -> {
                  begun(answer.words()[0], true, "", name);
                  created.complete(Long.parseLong(answer.words()[0]));
                }),
        session.wire());
    if (created.isDone()) {
      settings.begin(session, created.join());
    }
  }

  private void begun(String id, boolean group, String peer, String name) {
    long conversation = Long.parseLong(id);
    talks.add(conversation, group, client.user(), peer, recorder.now());
    client.memory().beginIfNew(conversation, group, name);
  }
}
