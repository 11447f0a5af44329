/**
 * The bots of a server, as its file of integrations binds them: a webhook, a chat completion in the
 * form of OpenAI, or EdenAI's text generation. Who asks a bot when is the engine's.
 */
@NullMarked
package chat.server.bots;

import org.jspecify.annotations.NullMarked;
