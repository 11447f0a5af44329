package chat.server.verbs;

import chat.engine.ChatException;
import chat.engine.ConversationId;
import chat.engine.ErrorCode;
import chat.engine.FileId;
import chat.engine.protocol.Outcome;
import chat.engine.protocol.SendRequest;
import chat.engine.protocol.Verb;
import chat.engine.protocol.VerbCall;
import chat.engine.protocol.WireError;
import chat.server.accounts.Account;
import chat.server.conversations.Conversations;
import chat.server.verbs.caller.Caller;
import chat.server.verbs.caller.KnownConversations;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiConsumer;
import tools.jackson.databind.node.ObjectNode;

/** Sends to a conversation, to a contact, or to a group by its name. */
final class SendByName implements Verb {
  private final Conversations conversations;
  private final BiConsumer<Account, List<String>> files;

  /**
   * @param files refuses files that their sender may not read; may block
   */
  SendByName(Conversations conversations, BiConsumer<Account, List<String>> files) {
    this.conversations = conversations;
    this.files = files;
  }

  @Override
  public Outcome handle(VerbCall call) {
    SendRequest request = SendRequest.of(call);
    List<FileId> attachments = request.message().attachments();
    if (attachments.isEmpty()) {
      return send(call, request);
    }
    Account sender = Caller.of(call).account();
    CompletableFuture<Outcome> sent =
        call.blocking(
                () -> {
                  files.accept(sender, attachments.stream().map(FileId::value).toList());
                  return true;
                })
            .thenApply(allowed -> send(call, request));
    return new Outcome(
        sent.thenCompose(Outcome::answer),
        sent.handle((outcome, fault) -> outcome)
            .thenCompose(
                outcome ->
                    outcome == null
                        ? CompletableFuture.completedFuture(null)
                        : outcome.placed().thenApply(placed -> null)));
  }

  private Outcome send(VerbCall call, SendRequest request) {
    Optional<String> conversation = call.optionalText("conversation_id");
    Optional<String> to = call.optionalText("to");
    Optional<String> group = call.optionalText("group");
    if (oneIf(conversation) + oneIf(to) + oneIf(group) != 1) {
      throw ChatException.badRequest("give one of conversation_id, to and group");
    }
    if (conversation.isPresent()) {
      return Outcome.inOrder(request.sendTo(ConversationId.parse(conversation.get())));
    }
    return to.isPresent() ? sendToUser(request, to.get()) : sendToGroup(request, group.get());
  }

  private static int oneIf(Optional<String> given) {
    return given.isPresent() ? 1 : 0;
  }

  private Outcome sendToUser(SendRequest request, String name) {
    Caller caller = Caller.of(request.call());
    String key = KnownConversations.keyOfUser(name);
    ConversationId known = caller.known().find(key);
    if (known != null) {
      return Outcome.inOrder(request.sendTo(known));
    }
    return whenFound(
        request, key, request.call().blocking(() -> conversations.direct(caller.account(), name)));
  }

  /** The engine decides whether the caller is a member; a stranger learns nothing of the group. */
  private Outcome sendToGroup(SendRequest request, String name) {
    String key = KnownConversations.keyOfGroup(name);
    ConversationId known = Caller.of(request.call()).known().find(key);
    Outcome outcome =
        known != null
            ? Outcome.inOrder(request.sendTo(known))
            : whenFound(
                request,
                key,
                request.call().blocking(() -> conversations.groupNamed(name).conversation()));
    return new Outcome(
        outcome
            .answer()
            .exceptionallyCompose(
                fault -> {
                  if (!isNotFound(fault)) {
                    return CompletableFuture.failedFuture(fault);
                  }
                  // who is not in a group is not told of its next name
                  Caller.of(request.call()).known().forget(key);
                  return CompletableFuture.failedFuture(notFound(request, name));
                }),
        outcome.placed());
  }

  /** Of a forward nobody knows which of the two was not found. */
  private static RuntimeException notFound(SendRequest request, String group) {
    return request.message().forwardOf() == null
        ? Conversations.noSuchGroup(group)
        : ChatException.notFound(
            "there is no group '"
                + group
                + "' of yours, or forward_of names no message that you can read");
  }

  private static boolean isNotFound(Throwable fault) {
    return WireError.unwrapped(fault) instanceof ChatException refusal
        && refusal.code() == ErrorCode.NOT_FOUND;
  }

  private static Outcome whenFound(
      SendRequest request, String key, CompletableFuture<ConversationId> found) {
    CompletableFuture<CompletableFuture<ObjectNode>> sent =
        found.thenApply(
            conversation -> {
              Caller.of(request.call()).known().put(key, conversation);
              return request.sendTo(conversation);
            });
    return new Outcome(
        sent.thenCompose(answer -> answer), sent.handle((answer, fault) -> key)); // then it is sent
  }
}
