package chat.engine.contract;

import static org.assertj.core.api.Assertions.assertThat;

import chat.engine.memory.InMemoryRouter;
import chat.engine.spi.Publication;
import chat.engine.spi.Router;
import chat.engine.spi.RouterUnavailableException;
import chat.engine.spi.Topic;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The contract of routers fails for routers that break it. */
@Timeout(120)
final class RouterContractTest {

  /** A router that does everything right unless a subclass does not. */
  private static class Honest implements Router {
    final InMemoryRouter real;

    Honest(InMemoryRouter real) {
      this.real = real;
    }

    @Override
    public void start(String cluster, Receiver receiver) {
      real.start(cluster, receiver);
    }

    @Override
    public String nodeId() {
      return real.nodeId();
    }

    @Override
    public void subscribe(Collection<Topic> topics) {
      real.subscribe(topics);
    }

    @Override
    public void unsubscribe(Collection<Topic> topics) {
      real.unsubscribe(topics);
    }

    @Override
    public void publish(List<Publication> publications) {
      real.publish(publications);
    }

    @Override
    public Set<Topic> subscribed(Collection<Topic> topics) {
      return real.subscribed(topics);
    }

    @Override
    public boolean healthy() {
      return real.healthy();
    }

    @Override
    public void close() {
      real.close();
    }

    void cut() {
      real.cut();
    }

    void heal() {
      real.heal();
    }
  }

  /** Passes on what a receiver is told, unless a subclass does not. */
  private static class Ear implements Router.Receiver {
    final Router.Receiver real;

    Ear(Router.Receiver real) {
      this.real = real;
    }

    @Override
    public void onEnvelope(byte[] payload) {
      real.onEnvelope(payload);
    }

    @Override
    public void onDoubt() {
      real.onDoubt();
    }

    @Override
    public void onNodeDied(String nodeId, Set<Topic> topics) {
      real.onNodeDied(nodeId, topics);
    }
  }

  /** Runs all tests of the contract; returns the names of those that failed. */
  private static List<String> failures(Function<InMemoryRouter, Honest> routers) throws Exception {
    List<String> failed = new ArrayList<>();
    for (Method test : RouterContract.class.getDeclaredMethods()) {
      if (!test.isAnnotationPresent(Test.class)) {
        continue;
      }
      InMemoryRouter.Network network = new InMemoryRouter.Network();
      RouterContract contract =
          new RouterContract() {
            @Override
            protected Router newNode() {
              return routers.apply(network.join());
            }

            @Override
            protected void cut(Router node) {
              ((Honest) node).cut();
            }

            @Override
            protected void heal(Router node) {
              ((Honest) node).heal();
            }

            @Override
            protected void crash(Router node) {
              ((Honest) node).real.crash();
            }

            @Override
            protected Duration patience() {
              return Duration.ofMillis(400);
            }

            @Override
            protected Duration longestCall() {
              return Duration.ofMillis(400);
            }
          };
      try {
        test.invoke(contract);
      } catch (InvocationTargetException failure) {
        failed.add(test.getName());
      } finally {
        contract.closeNodes();
      }
    }
    return failed;
  }

  @Test
  void anHonestRouterPasses() throws Exception {
    assertThat(failures(Honest::new)).isEmpty();
  }

  @Test
  void aRouterThatNeverDoubtsFails() throws Exception {
    assertThat(
            failures(
                real ->
                    new Honest(real) {
                      @Override
                      public void start(String cluster, Receiver receiver) {
                        super.start(
                            cluster,
                            new Ear(receiver) {
                              @Override
                              public void onDoubt() {}
                            });
                      }
                    }))
        .isNotEmpty();
  }

  @Test
  void aRouterThatTellsOfNoDeathFails() throws Exception {
    assertThat(
            failures(
                real ->
                    new Honest(real) {
                      @Override
                      public void start(String cluster, Receiver receiver) {
                        super.start(
                            cluster,
                            new Ear(receiver) {
                              @Override
                              public void onNodeDied(String nodeId, Set<Topic> topics) {}
                            });
                      }
                    }))
        .containsExactly("oneSurvivorIsToldWhichTopicsADeadNodeHadAndAllAreInDoubt");
  }

  @Test
  void aRouterThatLosesItsSubscriptionsWithTheLinkFails() throws Exception {
    assertThat(
            failures(
                real ->
                    new Honest(real) {
                      private final List<Topic> all = new ArrayList<>();

                      @Override
                      public void subscribe(Collection<Topic> topics) {
                        all.addAll(topics);
                        super.subscribe(topics);
                      }

                      @Override
                      void cut() {
                        super.cut();
                        super.unsubscribe(all);
                      }
                    }))
        .contains("aNodeThatWasCutOffIsInDoubtAndReceivesAgainAndSoDoTheOthersLookAgain");
  }

  @Test
  void aRouterThatForgetsWhatIsSubscribedWhileTheLinkIsDownFails() throws Exception {
    assertThat(
            failures(
                real ->
                    new Honest(real) {
                      @Override
                      public void subscribe(Collection<Topic> topics) {
                        if (healthy()) {
                          super.subscribe(topics);
                        }
                      }
                    }))
        .containsExactly("whatIsSubscribedAndEndedWhileTheLinkIsDownTakesEffectWhenItIsBack");
  }

  @Test
  void aRouterThatLeaksBetweenClustersFails() throws Exception {
    assertThat(
            failures(
                real ->
                    new Honest(real) {
                      @Override
                      public void start(String cluster, Receiver receiver) {
                        super.start("the same for everybody", receiver);
                      }
                    }))
        .containsExactly("clustersOnOneMediumShareNothing");
  }

  @Test
  void aRouterThatDeliversToItselfFails() throws Exception {
    assertThat(
            failures(
                real ->
                    new Honest(real) {
                      private Receiver own = new Ear(null);

                      @Override
                      public void start(String cluster, Receiver receiver) {
                        own = receiver;
                        super.start(cluster, receiver);
                      }

                      @Override
                      public void publish(List<Publication> publications) {
                        super.publish(publications);
                        for (Publication publication : publications) {
                          if (!subscribed(publication.topics()).isEmpty()) {
                            own.onEnvelope(publication.payload());
                          }
                        }
                      }
                    }))
        .contains("aPublicationReachesTheSubscribedNodesOnceAndNotItsSender");
  }

  @Test
  void aRouterThatBlocksWhileTheLinkIsDownFails() throws Exception {
    assertThat(
            failures(
                real ->
                    new Honest(real) {
                      private final CountDownLatch never = new CountDownLatch(1);

                      @Override
                      public void subscribe(Collection<Topic> topics) {
                        try {
                          if (!healthy() && never.await(600, TimeUnit.MILLISECONDS)) {
                            return;
                          }
                        } catch (InterruptedException stop) {
                          throw new IllegalStateException(stop);
                        }
                        super.subscribe(topics);
                      }
                    }))
        .containsExactly("whileTheLinkIsDownCallsEndInTimeAndSayThatItIs");
  }

  @Test
  void aRouterThatSwallowsPublicationsWhileTheLinkIsDownFails() throws Exception {
    assertThat(
            failures(
                real ->
                    new Honest(real) {
                      @Override
                      public void publish(List<Publication> publications) {
                        try {
                          super.publish(publications);
                        } catch (RouterUnavailableException swallowed) {
                          // That is what is wrong with it.
                        }
                      }
                    }))
        .containsExactly("whileTheLinkIsDownCallsEndInTimeAndSayThatItIs");
  }
}
