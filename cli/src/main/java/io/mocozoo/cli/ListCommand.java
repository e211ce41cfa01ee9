package io.mocozoo.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import io.mocozoo.Zoo;
import io.mocozoo.registry.ModelCard;
import io.mocozoo.registry.Task;
import java.io.IOException;
import java.util.List;
import org.apache.commons.cli.Options;

/** Names of models. */
final class ListCommand implements Command {
    @Override
    public String name() {
        return "list";
    }

    @Override
    public String arguments() {
        return "[PATTERN]... [--exclude PATTERN]... [--task TASK]";
    }

    @Override
    public String summary() {
        return "list models; patterns are shell wildcards with a * appended";
    }

    @Override
    public String example() {
        return "mocozoo list '*mocov3' --task 'Image Classification' --exclude '*linear'";
    }

    @Override
    public Options options() {
        return CommonOptions.models()
                .addOption(CommonOptions.repeated("exclude", "PATTERN", "leave out what fits; may be repeated"))
                .addOption(CommonOptions.value(
                        "task",
                        "TASK",
                        "image-classification (Image Classification) or self-supervised-pretraining (null)"));
    }

    @Override
    public int run(Invocation call) throws IOException, UsageException {
        try (Zoo zoo = call.zoo()) {
            List<String> names = zoo.registry().list(call.words(), call.texts("exclude"), call.text("task"));
            if (call.json()) {
                ArrayNode cards = Console.mapper().createArrayNode();
                names.forEach(n -> cards.add(Cards.json(zoo.registry().get(n))));
                call.console().json(cards);
            } else {
                names.forEach(
                        n -> call.console().out().println(row(zoo.registry().get(n))));
            }
        }
        return Main.OK;
    }

    private static String row(ModelCard card) {
        String result = card.results().stream()
                .findFirst()
                .map(r -> r.metric() + " " + r.value())
                .orElse(card.task() == Task.PRETRAINING ? "pretraining" : "");
        return String.format("%-58s %s", card.name(), result).stripTrailing();
    }
}
