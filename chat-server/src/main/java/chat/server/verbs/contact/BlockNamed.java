package chat.server.verbs.contact;

import chat.engine.protocol.JsonObjects;
import chat.engine.protocol.Outcome;
import chat.engine.protocol.Verb;
import chat.engine.protocol.VerbCall;
import chat.server.conversations.Blocks;
import chat.server.verbs.caller.Caller;

/** Blocks a user, or ends that. */
public final class BlockNamed implements Verb {
  private final Blocks blocks;
  private final boolean on;

  public BlockNamed(Blocks blocks, boolean on) {
    this.blocks = blocks;
    this.on = on;
  }

  @Override
  public Outcome handle(VerbCall call) {
    return Outcome.alone(
        call.blocking(
            () -> {
              blocks.set(Caller.of(call).account(), call.text("username"), on);
              return JsonObjects.object();
            }));
  }
}
