package chat.engine.spi;

import java.util.Collection;
import java.util.List;
import java.util.Set;

/**
 * Knows which node is interested in what, and passes envelopes to these nodes. What it carries are
 * hints, not the truth: an envelope may be lost, late, doubled or overtaken, and receivers compare
 * themselves with the store regularly. A router must guarantee that it reports losses: whenever
 * envelopes to this node may have been lost, or an answer of {@link #subscribed} may have been
 * incomplete, it calls {@link Receiver#onDoubt}.
 *
 * <p>A node is one incarnation: a process that restarts is another node. When a node dies, its
 * topics are forgotten within a bounded time (the lease) without its help.
 *
 * <p>An implementation that keeps a table on a server compares its own subscriptions with that
 * table every few seconds, whether or not anything looks wrong, and writes again what is missing.
 *
 * <p>Thread-safe. Methods may block, but never for longer than the implementation's documented
 * time-out; a router whose link is down throws {@link RouterUnavailableException} from {@link
 * #publish} and {@link #subscribed} only. Cost: one publication costs the nodes concerned, never
 * the users behind them.
 */
public interface Router extends AutoCloseable {

  /**
   * Joins the cluster. Called once, before any other method except {@link #nodeId}, {@link
   * #healthy} and {@link #close}. Does not fail if the link is down: it is established in the
   * background.
   *
   * @param cluster the epoch of the store that the nodes share. Nodes that were started with
   *     different clusters never see each other's envelopes or topics, even if everything else is
   *     configured the same
   * @param receiver gets what arrives for this node from now on, concurrently
   */
  void start(String cluster, Receiver receiver);

  /** The name of this node's incarnation, unique in the cluster. */
  String nodeId();

  /**
   * Subscribes this node. When it returns, publications that begin later on any node reach this
   * one, unless the link is down or refuses the subscription: then it takes effect, followed by
   * {@link Receiver#onDoubt}, when the link works again.
   */
  void subscribe(Collection<Topic> topics);

  /**
   * Ends subscriptions; unknown topics are ignored. Late envelopes may still arrive. What the link
   * refuses takes effect when the link works again, followed by {@link Receiver#onDoubt} on the
   * other nodes.
   */
  void unsubscribe(Collection<Topic> topics);

  /**
   * Hands each publication to the other nodes that are subscribed to one of its topics; never to
   * this node.
   *
   * @throws RouterUnavailableException if any of them may not have been passed on
   */
  void publish(List<Publication> publications);

  /**
   * Those of the topics that at least one live node, this one included, is subscribed to.
   *
   * <p>A topic that is contained was subscribed to by a node that was alive within the lease time.
   * A topic that is missing had no subscriber as far as this node can know: the router does not
   * answer from a table if it knows that the table was lost, that nodes are still rewriting it, or
   * that a node in it may or may not be alive. It cannot know that another node is cut off from the
   * table, or that a subscription was lost a moment ago and the loss has not been noticed yet. So
   * "no subscriber" becomes certain only if a second look, after the lease time, says the same.
   * After each such event {@link Receiver#onDoubt} is called on all nodes that the router can
   * reach.
   *
   * @throws RouterUnavailableException if the link is down, or if this node cannot tell
   */
  Set<Topic> subscribed(Collection<Topic> topics);

  /**
   * Whether the link works and all subscriptions are in effect, as last seen. Does not block.
   * Envelopes may be lost silently only while this is false, or before a call of {@link
   * Receiver#onDoubt}.
   */
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
     * Envelopes to this node may have been lost, or answers of {@link Router#subscribed} may have
     * been incomplete: the receiver compares itself with the store and looks again at what it
     * asked. Called after the cause has ended for this node; may be called unnecessarily.
     */
    void onDoubt();

    /**
     * Another node died without leaving; exactly one of the surviving nodes gets its topics, to
     * clean up after it. {@link #onDoubt} is called on all.
     */
    void onNodeDied(String nodeId, Set<Topic> topics);
  }
}
