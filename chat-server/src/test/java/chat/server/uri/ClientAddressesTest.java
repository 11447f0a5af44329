package chat.server.uri;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.util.List;
import org.junit.jupiter.api.Test;

final class ClientAddressesTest {
  private final ClientAddresses addresses =
      new ClientAddresses(List.of("10.0.0.0/8", "192.0.2.7", "2001:db8::/32"));

  private String of(String remote, String forwardedFor) throws Exception {
    return addresses.of(InetAddress.getByName(remote), forwardedFor);
  }

  @Test
  void aHeaderThatComesFromNoProxyIsNotLookedAt() throws Exception {
    assertThat(of("203.0.113.5", "198.51.100.1")).isEqualTo("203.0.113.5");
    assertThat(of("203.0.113.5", null)).isEqualTo("203.0.113.5");
    assertThat(of("11.0.0.1", "198.51.100.1")).isEqualTo("11.0.0.1");
  }

  @Test
  void theLastAddressThatNoProxyHasIsTheClients() throws Exception {
    assertThat(of("10.1.2.3", "198.51.100.1")).isEqualTo("198.51.100.1");
    assertThat(of("10.1.2.3", "1.1.1.1, 198.51.100.1 , 192.0.2.7")).isEqualTo("198.51.100.1");
    assertThat(of("10.1.2.3", "10.9.9.9")).isEqualTo("10.9.9.9");
    assertThat(of("2001:db8::1", "2001:470::5")).isEqualTo("2001:470:0:0:0:0:0:5");
    assertThat(of("10.1.2.3", null)).isEqualTo("10.1.2.3");
  }

  @Test
  void whatIsNoAddressEndsTheSearchAndNoNameIsLookedUp() throws Exception {
    assertThat(of("10.1.2.3", "localhost")).isEqualTo("10.1.2.3");
    assertThat(of("10.1.2.3", "198.51.100.1, unknown")).isEqualTo("10.1.2.3");
    assertThat(of("10.1.2.3", "")).isEqualTo("10.1.2.3");
    assertThat(of("10.1.2.3", "999.1.1.1")).isEqualTo("10.1.2.3");
    assertThat(of("10.1.2.3", "1.1.1.1,".repeat(1_000))).isEqualTo("10.1.2.3");
  }

  @Test
  void aNetworkThatIsNoneIsRefusedByName() {
    for (String wrong : List.of("proxy.example.org", "10.0.0.0/33", "10.0.0.0/x", "::1/129", "")) {
      assertThatThrownBy(() -> new ClientAddresses(List.of(wrong)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining(wrong);
    }
  }
}
