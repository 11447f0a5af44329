package chat.server.verbs;

import chat.engine.ConversationId;
import chat.engine.UserId;
import chat.engine.protocol.Outcome;
import chat.engine.protocol.Verb;
import chat.engine.protocol.VerbCall;
import java.util.function.BiConsumer;

/** Marks messages as read, and says so to the server once that is stored. */
final class ReadAndTold implements Verb {
  private final Verb read;
  private final BiConsumer<UserId, ConversationId> told;

  /**
   * @param read of the engine
   * @param told must not block
   */
  ReadAndTold(Verb read, BiConsumer<UserId, ConversationId> told) {
    this.read = read;
    this.told = told;
  }

  @Override
  public Outcome handle(VerbCall call) {
    Outcome outcome = read.handle(call);
    return new Outcome(
        outcome
            .answer()
            .thenApply(
                answer -> {
                  told.accept(call.user(), call.conversation());
                  return answer;
                }),
        outcome.placed());
  }
}
