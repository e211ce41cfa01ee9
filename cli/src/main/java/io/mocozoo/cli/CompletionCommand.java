package io.mocozoo.cli;

import io.mocozoo.registry.Registry;
import io.mocozoo.train.recipe.Recipes;
import java.io.IOException;
import java.util.List;
import java.util.stream.Collectors;

/** Shell completion. */
final class CompletionCommand implements Command {
    @Override
    public String name() {
        return "completion";
    }

    @Override
    public String arguments() {
        return "bash|zsh";
    }

    @Override
    public String summary() {
        return "print a completion script for a shell";
    }

    @Override
    public String example() {
        return "source <(mocozoo completion bash)";
    }

    @Override
    public int run(Invocation call) throws IOException, UsageException {
        call.atMost(1);
        String shell = call.words().isEmpty() ? "" : call.words().get(0);
        String script =
                switch (shell) {
                    case "bash" -> bash();
                    case "zsh" -> "autoload -Uz compinit bashcompinit && compinit && bashcompinit\n" + bash();
                    default -> throw new UsageException("expected bash or zsh, found '" + shell + "'");
                };
        if (call.json()) {
            call.console()
                    .json(Console.mapper()
                            .createObjectNode()
                            .put("shell", shell)
                            .put("script", script));
        } else {
            call.console().out().print(script);
        }
        return Main.OK;
    }

    /** Commands first, then a command's options, names of models, or files. */
    private static String bash() {
        String commands = Main.COMMANDS.stream().map(Command::name).collect(Collectors.joining(" "));
        String models = String.join(" ", Registry.builtIn().cards().keySet());
        String options = Main.COMMANDS.stream()
                .map(c -> "    " + c.name() + ") options=\"" + options(c) + "\" ;;\n")
                .collect(Collectors.joining());
        List<String> named = List.of("info", "preprocess", "predict", "extract", "run", "benchmark");
        return """
                _mocozoo() {
                  local word="${COMP_WORDS[COMP_CWORD]}" command="${COMP_WORDS[1]}" options=""
                  if [ "$COMP_CWORD" -eq 1 ]; then
                    COMPREPLY=($(compgen -W "%s" -- "$word"))
                    return
                  fi
                  case "$command" in
                %s  esac
                  case "$word" in
                    -*) COMPREPLY=($(compgen -W "$options" -- "$word")); return ;;
                  esac
                  if [ "${COMP_WORDS[COMP_CWORD-1]}" = "--model" ] || [ "$command" = fetch ] || { [ "$COMP_CWORD" -eq 2 ] && [[ " %s " == *" $command "* ]]; }; then
                    COMPREPLY=($(compgen -W "%s" -- "$word"))
                  elif [ "$COMP_CWORD" -eq 2 ] && [ "$command" = train ]; then
                    COMPREPLY=($(compgen -W "%s" -- "$word"))
                  elif [ "$command" = completion ]; then
                    COMPREPLY=($(compgen -W "bash zsh" -- "$word"))
                  else
                    local IFS=$'\\n'
                    COMPREPLY=($(compgen -f -- "$word"))
                  fi
                }
                complete -o filenames -F _mocozoo mocozoo ./mocozoo
                """
                .formatted(commands, options, String.join(" ", named), models, String.join(" ", Recipes.names()));
    }

    private static String options(Command command) {
        return CommonOptions.addTo(command.options()).getOptions().stream()
                .map(o -> "--" + o.getLongOpt())
                .collect(Collectors.joining(" "));
    }
}
