package chat.engine.examples.faultcheck.client;

import chat.engine.examples.faultcheck.client.device.DeviceSession;
import chat.engine.examples.faultcheck.client.device.Memory;
import chat.engine.examples.faultcheck.feed.FaultBots;
import chat.engine.examples.faultcheck.history.Recorder;
import java.util.List;
import java.util.Random;

/**
 * A user asks the bots: in direct conversations, where each message asks, and in groups by a
 * mention. Runs on the client's thread.
 */
final class BotActions {
  private final Client client;
  private final Talks talks;
  private final Recorder recorder;
  private final Random random;
  private final GroupActions groups;
  private final SendActions sends;

  BotActions(
      Client client,
      Talks talks,
      Recorder recorder,
      Random random,
      GroupActions groups,
      SendActions sends) {
    this.client = client;
    this.talks = talks;
    this.recorder = recorder;
    this.random = random;
    this.groups = groups;
    this.sends = sends;
  }

  void next(DeviceSession session) {
    String bot = FaultBots.NAMES.get(random.nextInt(FaultBots.NAMES.size()));
    boolean inGroup = random.nextInt(3) > 0;
    List<Long> open =
        client.memory().copies().stream()
            .filter(copy -> copy.group() == inGroup)
            .map(Memory.Copy::conversation)
            .filter(id -> inGroup || talks.peer(id, client.user()).equals(bot))
            .toList();
    if (open.isEmpty() && !inGroup) {
      groups.openDirect(session, bot);
      return;
    }
    List<Long> writable = open.stream().filter(id -> talks.mayWrite(id, recorder.now())).toList();
    if (!writable.isEmpty()) {
      sends.ask(session, writable.get(random.nextInt(writable.size())), inGroup ? bot : "-");
    }
  }
}
