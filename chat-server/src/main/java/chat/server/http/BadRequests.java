package chat.server.http;

import chat.server.json.ApiException;
import java.nio.ByteBuffer;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.handler.ErrorHandler;
import org.eclipse.jetty.util.Callback;

/** The answer to what is no HTTP, or more of it than the server takes. Stateless. */
final class BadRequests extends ErrorHandler {
  @Override
  public boolean handle(Request request, Response response, Callback callback) {
    chat.server.http.Response error =
        Call.error(ApiException.badRequest("this is no request that the server understands"));
    response.getHeaders().put("Content-Type", error.contentType());
    response.getHeaders().put("X-Content-Type-Options", "nosniff");
    response.getHeaders().put("Cache-Control", "no-store");
    response.getHeaders().put("Connection", "close"); // which Jetty does, and does not say
    byte[] body =
        error.content() instanceof chat.server.http.Response.Bytes bytes
            ? bytes.plain()
            : new byte[0];
    response.write(true, ByteBuffer.wrap(body), callback);
    return true;
  }
}
