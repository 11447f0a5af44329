/** Tests of the parts of LocalCluster, each on the test's own thread. */
@NullMarked
package chat.engine.examples.cluster;

import org.jspecify.annotations.NullMarked;
