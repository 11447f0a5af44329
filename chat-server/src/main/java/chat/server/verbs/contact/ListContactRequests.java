package chat.server.verbs.contact;

import chat.engine.protocol.JsonObjects;
import chat.engine.protocol.Outcome;
import chat.engine.protocol.Verb;
import chat.engine.protocol.VerbCall;
import chat.server.accounts.Account;
import chat.server.contacts.ContactRequests;
import chat.server.verbs.caller.Caller;
import java.util.List;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Lists the requests to become a contact that have no answer yet. */
public final class ListContactRequests implements Verb {
  private final ContactRequests requests;

  public ListContactRequests(ContactRequests requests) {
    this.requests = requests;
  }

  @Override
  public Outcome handle(VerbCall call) {
    return Outcome.alone(
        call.blocking(
            () -> {
              Account account = Caller.of(call).account();
              ObjectNode answer = JsonObjects.object();
              write(answer.putArray("received"), requests.received(account));
              write(answer.putArray("sent"), requests.sent(account));
              return answer;
            }));
  }

  private static void write(ArrayNode into, List<ContactRequests.Request> requests) {
    for (ContactRequests.Request request : requests) {
      into.addObject()
          .put("username", request.other().username())
          .put("requested_at", JsonObjects.time(request.at()));
    }
  }
}
