/**
 * Between the nodes: envelopes, topics, what is published and received, and the regular comparison
 * with the store. May depend on {@code util} and {@code runtime}. The publisher and the
 * subscriptions have a thread each; envelopes arrive on threads of the router; comparisons run on a
 * thread of their own.
 */
@NullMarked
package chat.engine.internal.cluster;

import org.jspecify.annotations.NullMarked;
