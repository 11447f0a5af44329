package chat.server.outgoing;

import org.eclipse.jetty.client.HttpClient;
import org.eclipse.jetty.client.ProtocolHandler;
import org.eclipse.jetty.client.ProtocolHandlers;
import org.eclipse.jetty.client.Request;
import org.eclipse.jetty.client.Response;

/**
 * Passes over interim answers (1xx), as a client of HTTP must, but not over any number: they have
 * no bound in the protocol, and a server that says nothing else keeps a thread busy. Thread-safe.
 */
final class FewInterims implements ProtocolHandler {
  static final int MOST = 100;

  private static final String COUNT = FewInterims.class.getName();

  private final ProtocolHandler handler;
  private final OpenConnections connections;

  private FewInterims(ProtocolHandler handler, OpenConnections connections) {
    this.handler = handler;
    this.connections = connections;
  }

  /** Puts a bound to the interim answers that a client handles. */
  static void bound(HttpClient client, OpenConnections connections) {
    ProtocolHandlers handlers = client.getProtocolHandlers();
    for (String name : new String[] {"continue", "processing", "early-hints"}) {
      ProtocolHandler handler = handlers.remove(name);
      if (handler == null) {
        throw new IllegalStateException("the HTTP client has no handler " + name);
      }
      handlers.put(new FewInterims(handler, connections));
    }
  }

  @Override
  public String getName() {
    return handler.getName();
  }

  @Override
  public boolean accept(Request request, Response response) {
    boolean isInterim = handler.accept(request, response);
    if (isInterim && count(request) > MOST) {
      request.abort(
          new OutgoingFault(request.getHost() + " gave more than " + MOST + " interim answers"));
      connections.cut(request);
    }
    return isInterim;
  }

  private static int count(Request request) {
    int count = request.getAttributes().get(COUNT) instanceof Integer before ? before + 1 : 1;
    request.attribute(COUNT, count);
    return count;
  }

  @Override
  public Response.Listener getResponseListener() {
    return handler.getResponseListener();
  }
}
