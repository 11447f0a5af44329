package chat.engine.protocol;

import chat.engine.ChatEngine;
import chat.engine.ChatSession;
import chat.engine.ConversationId;
import chat.engine.UserId;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import tools.jackson.databind.node.ObjectNode;

/**
 * One request of a connection. Its readers throw {@code BAD_REQUEST} with the name of the field for
 * what is missing or of another type; a field that is null counts as missing.
 *
 * @param connection that the request came in on
 * @param session of that connection
 * @param request the whole JSON object
 */
public record VerbCall(ProtocolConnection connection, ChatSession session, ObjectNode request) {
  public UserId user() {
    return session.user();
  }

  public ChatEngine engine() {
    return connection.protocol().engine();
  }

  public String text(String field) {
    return JsonObjects.text(request, field);
  }

  public Optional<String> optionalText(String field) {
    return JsonObjects.optionalText(request, field);
  }

  /** The strings of an array; none if the field is missing. */
  public List<String> texts(String field) {
    return JsonObjects.texts(request, field);
  }

  public long integer(String field) {
    return JsonObjects.integer(request, field);
  }

  public Optional<Long> optionalInteger(String field) {
    return JsonObjects.optionalInteger(request, field);
  }

  /**
   * @throws chat.engine.ChatException with {@code BAD_REQUEST} for a number below the minimum, too
   */
  public long integer(String field, long minimum) {
    return JsonObjects.atLeast(minimum, field, integer(field));
  }

  /**
   * @throws chat.engine.ChatException with {@code BAD_REQUEST} for a number below the minimum, too
   */
  public Optional<Long> optionalInteger(String field, long minimum) {
    return optionalInteger(field).map(given -> JsonObjects.atLeast(minimum, field, given));
  }

  /** The user that a field names. */
  public UserId namedUser(String field) {
    return JsonObjects.of(field, () -> UserId.of(text(field)));
  }

  public Optional<UserId> optionalUser(String field) {
    return JsonObjects.of(field, () -> optionalText(field).map(UserId::of));
  }

  /** The users whose ids are in an array, in its order; none if the field is missing. */
  public List<UserId> users(String field) {
    return JsonObjects.parsedTexts(request, field, UserId::of);
  }

  /** See {@link JsonObjects#optionalObject}. */
  public Optional<ObjectNode> optionalObject(String field) {
    return JsonObjects.optionalObject(request, field);
  }

  /** See {@link JsonObjects#optionalTime}. */
  public Optional<Instant> optionalTime(String field) {
    return JsonObjects.optionalTime(request, field);
  }

  public boolean flag(String field) {
    return JsonObjects.flag(request, field);
  }

  /** The {@code limit} of a page, which the engine checks. */
  public int limit(int unlessGiven) {
    // what does not fit into an int is out of range as well
    return optionalInteger("limit")
        .map(given -> (int) Math.max(-1, Math.min(given, Integer.MAX_VALUE)))
        .orElse(unlessGiven);
  }

  /** The conversation that {@code conversation_id} names. */
  public ConversationId conversation() {
    return ConversationId.parse(text("conversation_id"));
  }

  /**
   * Runs work that blocks on the protocol's threads for that. Fails with {@code BUSY} if too much
   * waits for them.
   */
  public <T> CompletableFuture<T> blocking(Callable<T> work) {
    return connection.protocol().blocking(work);
  }
}
