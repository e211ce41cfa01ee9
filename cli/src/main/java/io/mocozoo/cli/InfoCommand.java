package io.mocozoo.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mocozoo.Zoo;
import io.mocozoo.network.Cost;
import io.mocozoo.registry.CardJson;
import io.mocozoo.registry.ModelCard;
import java.io.IOException;
import java.io.PrintStream;
import java.util.Locale;
import java.util.Objects;
import org.apache.commons.cli.Options;

/** Everything known of a model. */
final class InfoCommand implements Command {
    @Override
    public String name() {
        return "info";
    }

    @Override
    public String arguments() {
        return "NAME";
    }

    @Override
    public String summary() {
        return "show a model's card, with Params and FLOPs as its network has them";
    }

    @Override
    public String example() {
        return "mocozoo info vit-small-p16_mocov3-pre_8xb128-linear-coslr-90e_in1k";
    }

    @Override
    public Options options() {
        return CommonOptions.models();
    }

    @Override
    public int run(Invocation call) throws IOException, UsageException {
        call.atMost(1);
        try (Zoo zoo = call.zoo()) {
            ModelCard card = call.card(zoo, call.name());
            Cost cost = Cost.of(
                    card.network(),
                    card.preprocessing().crop(),
                    card.preprocessing().crop());
            long flops = Objects.requireNonNull(cost.flops().get(card.network().costAt()));
            if (call.json()) {
                ObjectNode json = Cards.json(card);
                json.putObject("computed").put("parameters", cost.parameters()).put("flops", flops);
                call.console().json(json);
            } else {
                print(card, cost, flops, zoo, call.console().out());
            }
        }
        return Main.OK;
    }

    private static void print(ModelCard card, Cost cost, long flops, Zoo zoo, PrintStream out) {
        out.println(card.name());
        line(out, "task", card.task().word());
        line(out, "network", CardJson.write(card).get("architecture").toString());
        line(out, "preprocessing", CardJson.write(card.preprocessing()).toString());
        line(out, "params", String.format(Locale.ROOT, "%,d (%.2f M)", cost.parameters(), cost.parameters() / 1e6));
        line(out, "flops", String.format(Locale.ROOT, "%,d (%.2f G multiply-adds)", flops, flops / 1e9));
        card.results().forEach(r -> line(out, "result", r.dataset() + " " + r.metric() + " " + r.value()));
        card.pretrained().ifPresent(p -> line(out, "pretrained", p));
        zoo.registry().downstream(card.name()).forEach(d -> line(out, "downstream", d));
        card.recipe().ifPresent(r -> line(out, "recipe", r));
        card.labels().ifPresent(l -> line(out, "labels", address(l)));
        card.weights().ifPresent(w -> {
            line(out, "weights", address(w.uri().toString()));
            w.sha256Prefix().ifPresent(d -> line(out, "sha256", d.length() < 64 ? d + "..." : d));
        });
        card.license().ifPresent(l -> line(out, "license", l));
        card.paper().ifPresent(p -> line(out, "paper", p));
        cost.shapes()
                .forEach((o, s) ->
                        line(out, "output", o.word() + " [n, " + s.toString().substring(1)));
    }

    private static String address(String text) {
        return Cards.shown(text) + (Cards.ships(text) ? " (ships with this program)" : "");
    }

    private static void line(PrintStream out, String what, String text) {
        out.printf("  %-14s %s%n", what, text);
    }
}
