/**
 * What browsers load: the page, the JavaScript client and the pages that show the API. All of it is
 * on the class path; nothing comes from another host. It knows HTTP and no feature.
 */
@NullMarked
package chat.server.browser;

import org.jspecify.annotations.NullMarked;
