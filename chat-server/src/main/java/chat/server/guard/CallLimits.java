package chat.server.guard;

import chat.server.accounts.login.BearerTokens;
import chat.server.http.Guard;
import chat.server.http.Request;
import chat.server.json.ApiError;
import chat.server.json.ApiException;
import chat.server.security.SecurityEvent;
import chat.server.security.SecurityEvents;
import java.time.Duration;
import java.util.Optional;

/**
 * Limits REST calls of each user and from each address, and registrations from each address. What
 * balancers and Prometheus ask, and the files of the page, are not counted. Thread-safe; does not
 * block.
 */
public final class CallLimits implements Guard {
  private static final String COUNTED = "/v1/";
  private static final String REGISTRATION = "/v1/auth/register";

  private final BearerTokens bearerTokens;
  private final TokenBuckets byUser;
  private final TokenBuckets byAddress;
  private final TokenBuckets registrations;
  private final SecurityEvents events;

  public CallLimits(
      BearerTokens bearerTokens,
      Rate perUser,
      Rate perAddress,
      Rate registrationsPerAddress,
      SecurityEvents events) {
    this.bearerTokens = bearerTokens;
    this.byUser = new TokenBuckets(perUser);
    this.byAddress = new TokenBuckets(perAddress);
    this.registrations = new TokenBuckets(registrationsPerAddress);
    this.events = events;
  }

  @Override
  public Admitted admit(String method, String route, Request request) {
    if (!route.startsWith(COUNTED)) {
      return Admitted.UNCOUNTED;
    }
    String address = request.clientAddress();
    require(byAddress.take(address), SecurityEvent.CALL_LIMITED, address);
    request
        .header("Authorization")
        .flatMap(BearerTokens::inHeader)
        .flatMap(bearerTokens::counted)
        .ifPresent(user -> require(byUser.take(user), SecurityEvent.CALL_LIMITED, address));
    if (!route.equals(REGISTRATION)) {
      return Admitted.UNCOUNTED;
    }
    require(registrations.take(address), SecurityEvent.REGISTRATION_LIMITED, address);
    return status -> {
      if (status >= ApiError.INTERNAL.httpStatus()) { // through no fault of the client
        registrations.giveBack(address);
      }
    };
  }

  private void require(Optional<Duration> wait, SecurityEvent event, String address) {
    if (wait.isPresent()) {
      events.happened(event, address);
      throw ApiException.rateLimited(wait.get());
    }
  }
}
