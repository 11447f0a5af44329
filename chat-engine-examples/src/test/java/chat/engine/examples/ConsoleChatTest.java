package chat.engine.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import chat.engine.examples.console.VirtualScreen;
import chat.engine.examples.local.LocalServers;
import chat.engine.examples.local.Signals;
import chat.engine.examples.server.ServerNode;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jline.terminal.Terminal;
import org.jline.terminal.impl.DumbTerminal;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The whole program on virtual terminals, with the packaged server. */
@Tag("thorough")
@Timeout(180)
final class ConsoleChatTest {
  private static final Path JAR = Path.of("../chat-server/target/chat-server.jar");

  @TempDir private static Path data;
  @TempDir private Path folder;

  private static Process server;
  private static String url = "";

  @BeforeAll
  static void startServer() throws IOException, InterruptedException {
    assumeTrue(Files.isReadable(JAR), "mvn package makes " + JAR);
    int http = LocalServers.freePort();
    url = "http://127.0.0.1:" + http;
    server =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-jar",
                JAR.toString(),
                "--http-port",
                Integer.toString(http),
                "--ws-port",
                Integer.toString(LocalServers.freePort()),
                "--data-dir",
                data.resolve("chat").toString())
            .redirectErrorStream(true)
            .redirectOutput(data.resolve("server.log").toFile())
            .start();
    ServerNode.connect(HttpClient.newHttpClient(), URI.create(url), null, 0);
  }

  @AfterAll
  static void stopServer() throws InterruptedException {
    if (server != null) {
      server.destroy();
      if (!server.waitFor(20, TimeUnit.SECONDS)) {
        server.destroyForcibly();
      }
    }
  }

  /** Somebody at a terminal. */
  private static final class Person implements AutoCloseable {
    private final VirtualScreen glass = new VirtualScreen();
    private final CompletableFuture<Boolean> run;

    private Person(String name, Map<String, String> environment) {
      this(name, "correct horse", environment);
    }

    private Person(String name, String password, Map<String, String> environment) {
      run = CompletableFuture.supplyAsync(() -> chat(glass.terminal(), environment));
      glass.awaitText("E-mail address:");
      glass.type(name + "@example.org\r");
      glass.awaitText("Password:");
      glass.type(password + "\r");
    }

    static Person signUp(String name) {
      return signUp(name, Map.of());
    }

    static Person signUp(String name, Map<String, String> environment) {
      Person person = new Person(name, environment);
      person.glass.awaitText("A name to sign up with");
      person.glass.type(name + "\r");
      person.glass.awaitText("Hello, " + name, "\n>");
      return person;
    }

    static Person logIn(String name) {
      Person person = new Person(name, Map.of());
      person.glass.awaitText("Hello, " + name, "\n>");
      return person;
    }

    void enter(String line) {
      glass.type(line + "\r");
    }

    void sees(String... parts) {
      glass.awaitText(parts);
    }

    /**
     * @return whether all was sent
     */
    boolean leave() throws Exception {
      glass.control('D');
      return run.get(30, TimeUnit.SECONDS);
    }

    @Override
    public void close() throws IOException {
      glass.close();
    }
  }

  private static boolean chat(Terminal terminal, Map<String, String> environment) {
    try {
      return ConsoleChat.run(terminal, environment, url);
    } catch (IOException fault) {
      throw new UncheckedIOException(fault);
    } catch (InterruptedException interrupted) {
      throw new IllegalStateException(interrupted);
    }
  }

  /** Runs a command of operators. */
  private static void admin(String... words) throws Exception {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-jar", JAR.toString(), "admin"));
    command.addAll(List.of(words));
    command.add("--data-dir=" + data.resolve("chat"));
    Path log = data.resolve("admin.log");
    Process process =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile()).start();
    assertThat(process.waitFor()).as(Files.readString(log)).isZero();
  }

  @Test
  void whatTheOperatorAnnouncesIsSeenByWhoIsThereAndByWhoComesLater() throws Exception {
    try (Person gina = Person.signUp("gina")) {
      admin("announce", "--text=We move tonight.", "--reason=of the test");
      gina.sees("The operator says: We move tonight.");
    }
    try (Person hugo = Person.signUp("hugo")) {
      hugo.sees("The operator says: We move tonight.");
      admin("withdraw-announcement", "1");
      hugo.sees("The operator takes back: We move tonight.");
    }
  }

  @Test
  void twoPeopleTalk() throws Exception {
    try (Person ada = Person.signUp("ada");
        Person bob = Person.signUp("bob")) {
      bob.enter("/add ada");
      bob.sees("ada is a contact now");
      bob.enter("/to ada");
      bob.sees("You write to ada now.", "ada>");
      bob.enter("hello :smile:");
      ada.sees("[bob] bob: hello 😄", "1 unread");
      ada.enter("/to bob");
      ada.sees("bob: hello 😄", "(That is all.)", "bob>");
      bob.sees("read by ada");

      ada.glass.type("half a sentence");
      ada.sees("bob> half a sentence");
      bob.sees("ada is typing");
      bob.glass.paste("one\n  two\nthree");
      bob.sees("ada> one", "\n  two\nthree");
      bob.enter("");
      ada.sees("bob: one\n       two\n     three\nbob> half a sentence");
      ada.glass.control('C');
      ada.glass.type("/repl\t1 yes, @b\t\r");
      bob.sees("> 1 you: hello 😄", "3 ", "ada: yes, @bob");

      bob.enter("/react 3 thumbs_up");
      ada.sees("bob reacted with 👍 to message 3: yes, @bob");
      ada.enter("/edit 3");
      ada.sees("bob> /edit 3 yes, @bob");
      ada.enter("!");
      bob.sees("ada: yes, @bob! (edited)");
      bob.enter("/delete 1");
      ada.sees("bob deleted message 1.");
      bob.enter("/delete 3");
      bob.sees("not yours");

      bob.enter("\u202Ebackwards\u202C");
      ada.sees("bob:  backwards");
      assertThat(ada.glass.sent()).doesNotContain("\u202E");

      Path file = Files.writeString(folder.resolve("my notes.txt"), "remember the milk");
      bob.enter("/send " + file.toString().replace(" ", "\\ ") + " for the shop");
      ada.sees("bob: for the shop", "/save 5", "File of 5: my notes.txt (17 B)");
      Path kept = Files.createDirectory(folder.resolve("kept"));
      ada.enter("/save 5 " + kept);
      ada.sees("Saved as");
      assertThat(kept.resolve("my notes.txt")).hasContent("remember the milk");

      ada.enter("/group walk bob");
      ada.sees("You write to #walk now.");
      ada.enter("come along, @bob");
      bob.sees("ada added you to #walk", "[#walk] ada: come along, @bob", "1 unread");
      ada.enter("/search shop");
      ada.sees("[bob] bob: for the shop");
      ada.enter("/find along");
      ada.sees("(That is all.)");
      assertThat(ada.leave()).isTrue();
      ada.sees("Bye.");
      bob.sees("ada has gone.");
      assertThat(bob.leave()).isTrue();
    }
  }

  @Test
  void aGroupIsRunFromTheTerminal() throws Exception {
    try (Person olga = Person.signUp("olga");
        Person pete = Person.signUp("pete")) {
      olga.enter("/group rowing");
      olga.sees("Usage: /group GROUP NAME ...");
      olga.enter("/add pete");
      olga.enter("/group rowing pete");
      pete.sees("olga added you to #rowing");
      pete.enter("/to #rowing");
      pete.enter("/link");
      pete.sees("Only the owner and admins may create invites.");
      olga.enter("/silence pete 5m");
      pete.sees("olga silenced you in #rowing until");
      pete.enter("may I?");
      pete.sees("Not sent. You may not write in this conversation until ");
      assertThat(pete.glass.text()).doesNotContainPattern("until [0-9]{4}-");
      olga.enter("/name Olga the Cox");
      olga.sees("You are shown as Olga the Cox");
      pete.enter("/members");
      pete.sees("● olga (Olga the Cox)  owner", "● pete  silenced until");
      olga.enter("/link 1d 3");
      olga.sees("/#/join/");
      String link = olga.glass.text().replaceAll("(?s).*(http\\S+/#/join/\\S{32}).*", "$1");
      olga.enter("/ban pete");
      pete.sees("olga removed you from #rowing.");
      pete.enter("/join " + link);
      olga.enter("/unban pete");
      olga.sees("You let pete come to #rowing again.");
      pete.enter("/join " + link);
      pete.sees("You write to #rowing now.");
      olga.enter("/links");
      olga.sees("1. by you, 1 of 3 joined, until");
      olga.enter("/handover pete");
      pete.sees("olga gave you the role owner in #rowing.");
      pete.enter("/mute 1h");
      pete.sees("#rowing is muted until");
      pete.enter("/to olga");
      pete.sees("You write to olga now.");
      olga.enter("psst");
      olga.sees("you: psst");
      olga.enter("/to pete");
      olga.enter("come outside");
      pete.sees("olga: come outside");
      assertThat(pete.glass.text()).doesNotContain("psst", "unread");
      pete.enter("/talks");
      pete.sees("#rowing  (1 unread, muted)");
      pete.enter("/logins");
      pete.sees("1. used ", "(this one)");
    }
  }

  @Test
  void aWrongPasswordDoesNotCostTheAddress() throws Exception {
    Person.signUp("rosa").close();
    try (Person rosa = new Person("rosa", "wrong horse", Map.of())) {
      rosa.sees("A name to sign up with (empty: try again):");
      rosa.enter("");
      rosa.sees("E-mail address (empty: rosa@example.org):");
      rosa.enter("");
      rosa.sees("rosa@example.org):\nPassword:");
      rosa.enter("correct horse");
      rosa.sees("Hello, rosa");
    }
  }

  @Test
  void aScriptTalksOverAPipe() throws Exception {
    String script =
        """
        carol@example.org
        correct horse
        carol
        /group notes carol
        /group notes
        one\\
        two
        /find one
        //slash
        without a line break at the end""";
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (Terminal pipe =
        new DumbTerminal(
            "script",
            Terminal.TYPE_DUMB,
            new ByteArrayInputStream(script.getBytes(StandardCharsets.UTF_8)),
            out,
            StandardCharsets.UTF_8)) {
      assertThat(chat(pipe, Map.of())).isTrue();
    }
    assertThat(out.toString(StandardCharsets.UTF_8))
        .contains("Hello, carol", "You write to #notes now.", "Usage: /group GROUP NAME ...")
        .contains("you: one\n     two\n", "you: /slash\n")
        .contains("you: without a line break at the end\n", "Bye.")
        .doesNotContain("\u001b");
  }

  @Test
  void whatTheServerHasNotConfirmedIsNamedAtTheEnd() throws Exception {
    try (Person dave = Person.signUp("dave");
        Person eve = Person.signUp("eve")) {
      dave.enter("/add eve");
      dave.enter("/to eve");
      dave.enter("this arrives");
      eve.sees("this arrives");
      Signals.stop(Stream.of(server.toHandle()));
      try {
        dave.enter("this may not");
        assertThat(dave.leave()).isFalse();
        dave.sees("The server has not confirmed what you wrote to eve: this may not", "Bye.");
      } finally {
        Signals.resume(Stream.of(server.toHandle()));
      }
      eve.leave();
    }
    try (Person again = Person.logIn("dave")) {
      again.enter("/to eve");
      again.sees("you: this arrives");
      again.leave();
    }
  }

  @Test
  void noColourIsUsedIfTheEnvironmentForbidsIt() throws Exception {
    String colour = "\u001b\\[(?:[0-9]+;)*(?:3[0-8]|4[0-8]|9[0-7]|10[0-7])[;m]";
    try (Person mia = Person.signUp("mia");
        Person tom = Person.signUp("tom", Map.of("NO_COLOR", "1"))) {
      for (Person person : List.of(mia, tom)) {
        person.enter("/frob");
        person.sees("There is no command /frob.");
        person.glass.type("/re\t");
        person.sees("/requests");
        person.glass.control('C');
        assertThat(person.leave()).isTrue();
      }
      assertThat(mia.glass.sent()).containsPattern(colour);
      assertThat(tom.glass.sent()).doesNotContainPattern(colour);
    }
  }

  @Test
  void withoutAServerItSaysSo() {
    assertThatThrownBy(
            () ->
                ConsoleChat.run(
                    new DumbTerminal(
                        InputStream.nullInputStream(), OutputStream.nullOutputStream()),
                    Map.of(),
                    "no-url"))
        .hasMessageContaining("Usage: ConsoleChat [URL]");
  }
}
