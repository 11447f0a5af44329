package chat.engine.examples.faultcheck.client;

import chat.engine.examples.faultcheck.client.device.DeviceSession;
import chat.engine.examples.faultcheck.history.Event.Outcome;
import chat.engine.examples.faultcheck.history.Event.Verb;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What owners do to users of their groups: bans, of which some end and some do not keep the owner
 * from trying to add the user again, and silences. Runs on the client's thread.
 */
final class RestrictionActions {
  private static final String UNTIL =
      String.valueOf(Instant.parse("2100-01-01T00:00:00Z").toEpochMilli());

  private final Client client;
  private final Random random;
  private final Map<Long, Set<String>> banned = new HashMap<>();

  RestrictionActions(Client client, Random random) {
    this.client = client;
    this.random = random;
  }

  void next(DeviceSession session, long group) {
    Set<String> out = banned.computeIfAbsent(group, none -> new HashSet<>());
    if (random.nextInt(5) < 2) {
      boolean begins = random.nextInt(3) > 0;
      call(session, Verb.SILENCE, group, client.friend(), begins ? UNTIL : "-");
    } else if (!out.isEmpty() && random.nextInt(3) > 0) {
      String user = new ArrayList<>(out).get(random.nextInt(out.size()));
      if (random.nextBoolean()) {
        call(session, Verb.ADD, group, user, "");
      } else if (call(session, Verb.UNBAN, group, user, "") == Outcome.OK) {
        out.remove(user);
      }
    } else {
      String user = client.friend();
      out.add(user);
      call(session, Verb.BAN, group, user, "");
    }
  }

  /**
   * @param text behind the user in the request, or empty
   */
  private @Nullable Outcome call(
      DeviceSession session, Verb verb, long group, String user, String text) {
    String request = verb.name().toLowerCase(Locale.ROOT) + " " + group + " " + user;
    return Client.await(
        session
            .calls()
            .call(
                verb,
                group,
                0,
                List.of(user),
                text,
                text.isEmpty() ? request : request + " " + text),
        session.wire());
  }
}
