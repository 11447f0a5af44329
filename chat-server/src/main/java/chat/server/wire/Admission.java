package chat.server.wire;

import chat.engine.DeviceId;
import chat.server.accounts.login.BearerTokens;
import chat.server.accounts.login.Identity;
import chat.server.accounts.login.Logins;
import chat.server.json.ApiException;
import chat.server.ws.UpgradeRequest;
import java.util.UUID;

/** Who comes in on a connection: by ticket or by access token. Blocks on the database. */
final class Admission {
  private final Logins logins;
  private final BearerTokens bearerTokens;

  Admission(Logins logins, BearerTokens bearerTokens) {
    this.logins = logins;
    this.bearerTokens = bearerTokens;
  }

  /**
   * @throws ApiException {@code unauthorized}; {@code forbidden} if the account is suspended
   */
  Identity identify(UpgradeRequest request) {
    String otp = request.query().get("otp");
    String username = request.query().get("username");
    if (otp != null && username != null) {
      return logins.redeem(otp, username);
    }
    String token = BearerTokens.inHeader(request.authorization().orElse(null)).orElse(null);
    if (token != null) {
      return logins.requireLive(bearerTokens.verify(token));
    }
    throw ApiException.unauthorized("a ticket with its username, or an access token, is needed");
  }

  static DeviceId device(UpgradeRequest request) {
    String named = request.query().get("device");
    return DeviceId.of(named == null ? UUID.randomUUID().toString() : named);
  }
}
