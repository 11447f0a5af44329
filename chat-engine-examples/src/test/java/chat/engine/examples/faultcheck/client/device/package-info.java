/** Tests of a connection to a node; the test plays the node. */
@NullMarked
package chat.engine.examples.faultcheck.client.device;

import org.jspecify.annotations.NullMarked;
