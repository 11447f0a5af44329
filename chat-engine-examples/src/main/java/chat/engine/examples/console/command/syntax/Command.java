package chat.engine.examples.console.command.syntax;

import java.util.List;
import java.util.stream.Collectors;

/**
 * Something that can be done by typing its name.
 *
 * @param name with the slash
 * @param purpose the end of its line of help
 */
public record Command(String name, List<Parameter> parameters, String purpose, Action action) {
  /** Does it. */
  public interface Action {
    /**
     * @throws chat.engine.examples.console.link.Refusal if it cannot be done
     */
    void run(Arguments arguments);
  }

  public static Command of(String name, String purpose, Action action, Parameter... parameters) {
    return new Command(name, List.of(parameters), purpose, action);
  }

  public String usage() {
    return parameters.isEmpty()
        ? name
        : name + " " + parameters.stream().map(Parameter::usage).collect(Collectors.joining(" "));
  }
}
