package io.mocozoo.cli;

import io.mocozoo.Zoo;
import io.mocozoo.store.Store;
import java.io.IOException;
import org.apache.commons.cli.Options;

/** Checks the cache to the last byte. */
final class VerifyCommand implements Command {
    @Override
    public String name() {
        return "verify";
    }

    @Override
    public String arguments() {
        return "";
    }

    @Override
    public String summary() {
        return "hash everything in the cache again and compare";
    }

    @Override
    public String example() {
        return "mocozoo verify";
    }

    @Override
    public Options options() {
        return CommonOptions.models();
    }

    @Override
    public int run(Invocation call) throws IOException, UsageException {
        call.atMost(0);
        int bad = 0;
        var all = Console.mapper().createArrayNode();
        try (Zoo zoo = call.zoo()) {
            for (Store.Checked file : zoo.store().verify()) {
                bad += file.problem().isEmpty() ? 0 : 1;
                all.addObject()
                        .put("file", file.path().toString())
                        .put("ok", file.problem().isEmpty())
                        .put("problem", file.problem().orElse(null));
                if (!call.json()) {
                    call.console()
                            .out()
                            .println((file.problem().isEmpty() ? "ok      " : "BROKEN  ")
                                    + file.path()
                                    + file.problem().map(p -> ": " + p).orElse(""));
                }
            }
        }
        if (call.json()) {
            call.console().json(all);
        } else if (bad > 0) {
            call.console()
                    .err()
                    .println("mocozoo verify: " + bad
                            + " broken; 'mocozoo cache --prune-broken' removes them, the next use fetches them again");
        }
        return bad == 0 ? Main.OK : Main.FAILED;
    }
}
