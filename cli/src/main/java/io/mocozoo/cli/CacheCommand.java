package io.mocozoo.cli;

import io.mocozoo.Zoo;
import io.mocozoo.store.Store;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.apache.commons.cli.Options;

/** What the cache holds, and less of it. */
final class CacheCommand implements Command {
    @Override
    public String name() {
        return "cache";
    }

    @Override
    public String arguments() {
        return "[--prune | --prune-older DAYS | --prune-broken]";
    }

    @Override
    public String summary() {
        return "list what the cache holds, or remove some of it; registry.json is never touched";
    }

    @Override
    public String example() {
        return "mocozoo cache --prune-older 30";
    }

    @Override
    public Options options() {
        return CommonOptions.models()
                .addOption(CommonOptions.flag("prune", "remove everything that can be fetched or made again"))
                .addOption(CommonOptions.value("prune-older", "DAYS", "remove what was not used for so many days"))
                .addOption(CommonOptions.flag("prune-broken", "remove what fails a full check"));
    }

    @Override
    public int run(Invocation call) throws IOException, UsageException {
        call.atMost(0);
        List<String> ways = Stream.of("prune", "prune-older", "prune-broken")
                .filter(call::has)
                .toList();
        if (ways.size() > 1) {
            throw new UsageException("--" + String.join(" and --", ways) + " exclude each other; give one");
        }
        boolean prune = !ways.isEmpty();
        try (Zoo zoo = call.zoo()) {
            Store store = zoo.store();
            List<Store.Entry> entries;
            if (call.has("prune-broken")) {
                entries = store.pruneBroken();
            } else if (prune) {
                entries = store.prune(Duration.ofDays(call.whole("prune-older", 0, 36_500, 0)));
            } else {
                entries = store.list();
            }
            long total = entries.stream().mapToLong(Store.Entry::bytes).sum();
            if (call.json()) {
                var all = Console.mapper().createArrayNode();
                entries.forEach(e -> all.addObject()
                        .put("path", e.path().toString())
                        .put("kind", e.kind())
                        .put("bytes", e.bytes())
                        .put("used", e.lastUsed().toString()));
                call.console().json(all);
            } else {
                entries.forEach(e -> call.console()
                        .out()
                        .printf(
                                "%-10s %9s  %s  %s%n",
                                e.kind(),
                                Console.size(e.bytes()),
                                e.lastUsed().toString().substring(0, 10),
                                store.folder().relativize(e.path())));
                call.console()
                        .out()
                        .println((prune ? "removed " : "")
                                + Console.size(total)
                                + (prune ? "" : " in " + store.folder()));
            }
        }
        return Main.OK;
    }
}
