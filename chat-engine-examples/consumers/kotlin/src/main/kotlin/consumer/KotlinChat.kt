package consumer

import chat.engine.ChatEngine
import chat.engine.ChatListener
import chat.engine.ChatSession
import chat.engine.DeviceId
import chat.engine.Message
import chat.engine.NewMessage
import chat.engine.UserId
import chat.engine.memory.InMemoryMessageStore
import java.util.concurrent.CompletableFuture
import java.util.concurrent.TimeUnit

/** Two users talk, in memory. The library's annotations tell the compiler what may be null. */
fun main() {
    val heard = CompletableFuture<Message>()
    val phone = object : ChatListener {
        override fun onMessage(session: ChatSession, message: Message) {
            heard.complete(message)
        }
    }
    ChatEngine.builder().store(InMemoryMessageStore()).build().use { engine ->
        val bob = UserId.of("bob")
        engine.connect(bob, DeviceId.of("phone"), phone).join()
        val ada = engine.asUser(UserId.of("ada"))
        val ack = ada.openDirect(bob)
            .thenCompose { talk -> ada.send(talk.id(), NewMessage.text("Hello from Kotlin")) }
            .join()
        val message = heard.get(30, TimeUnit.SECONDS)
        check(message.seq() == ack.seq()) { "acknowledged as ${ack.seq()}, heard as ${message.seq()}" }
        println("${message.from()}: ${message.text()}")
    }
}
