package chat.engine.spi;

import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Set;

/**
 * Knows which node is interested in what, and hands envelopes to the nodes concerned. It is a hint,
 * not the truth: an envelope may be lost, late, doubled or overtaken, and everything works all the
 * same because receivers compare with the store. What a router must guarantee is to say so:
 * whenever envelopes to this node may have been lost, or another node died, it calls {@link
 * Receiver#onDoubt}.
 *
 * <p>A node is one incarnation: a process that restarts is another node. When a node dies its
 * topics are forgotten within a bounded time (the lease) without its help.
 *
 * <p>Thread-safe. Methods may block, but never for longer than the implementation's documented
 * time-out; a router whose link is down throws {@link RouterUnavailableException} from {@link
 * #publish} and {@link #subscribed} only. Cost: one publication costs the nodes concerned, never
 * the users behind them.
 */
public interface Router extends AutoCloseable {

  /**
   * Joins the cluster. Called once, first. Does not fail if the link is down: it is established in
   * the background.
   *
   * @param receiver gets what arrives for this node from now on, concurrently
   */
  void start(Receiver receiver);

  /** The name of this node's incarnation, unique in the cluster. */
  String nodeId();

  /**
   * Subscribes this node. When it returns, publications that begin later on any node reach this
   * one, unless the link is down: then the subscription takes effect, followed by {@link
   * Receiver#onDoubt}, when the link is back.
   */
  void subscribe(Collection<Topic> topics);

  /** Ends subscriptions; unknown topics are ignored. Late envelopes may still arrive. */
  void unsubscribe(Collection<Topic> topics);

  /**
   * Hands each publication to the other nodes that are subscribed to one of its topics; never to
   * this node.
   *
   * @throws RouterUnavailableException if any of them may not have been handed over
   */
  void publish(List<Publication> publications);

  /**
   * Those of the topics that at least one live node, this one included, is subscribed to.
   *
   * @throws RouterUnavailableException if the link is down
   */
  Set<Topic> subscribed(Collection<Topic> topics);

  /** Whether the link works, as last seen. Does not block. */
  boolean healthy();

  /**
   * Leaves the cluster at once: other nodes forget this one's topics without waiting for a lease to
   * end. Idempotent.
   */
  @Override
  void close();

  /**
   * The engine's side. Implementations call it from their own threads; its methods do not block and
   * do not throw.
   */
  interface Receiver {
    /** An envelope from another node. */
    void onEnvelope(byte[] payload);

    /**
     * Envelopes to this node that were sent since that time, with a safe margin, may not have
     * arrived.
     */
    void onDoubt(Instant since);

    /**
     * Another node died without leaving; exactly one of the surviving nodes is told which topics it
     * had, to clean up after it. {@link #onDoubt} is called on all.
     */
    void onNodeDied(String nodeId, Set<Topic> topics);
  }
}
