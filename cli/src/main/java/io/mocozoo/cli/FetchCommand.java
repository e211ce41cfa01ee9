package io.mocozoo.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import io.mocozoo.Zoo;
import io.mocozoo.runtime.ModelException;
import java.io.IOException;
import java.nio.file.Path;
import org.apache.commons.cli.Options;

/** Downloads and converts ahead of time. */
final class FetchCommand implements Command {
    @Override
    public String name() {
        return "fetch";
    }

    @Override
    public String arguments() {
        return "NAME...";
    }

    @Override
    public String summary() {
        return "download, check and convert models into the cache";
    }

    @Override
    public String example() {
        return "mocozoo fetch resnet50_mocov3-100e-pre_8xb128-linear-coslr-90e_in1k";
    }

    @Override
    public Options options() {
        return CommonOptions.downloads(CommonOptions.models());
    }

    @Override
    public int run(Invocation call) throws IOException, UsageException {
        call.name();
        ArrayNode done = Console.mapper().createArrayNode();
        int code = Main.OK;
        try (Zoo zoo = call.zoo()) {
            for (String name : call.words()) {
                call.card(zoo, name);
            }
            for (String name : call.words()) {
                if (call.card(zoo, name).weights().isEmpty()) {
                    call.console()
                            .err()
                            .println("mocozoo fetch: " + name + ": its card names no weights, so there is nothing to"
                                    + " fetch; predict and its like take a file with --weights");
                    code = Main.FAILED;
                    continue;
                }
                try {
                    Path folder = zoo.prepare(name);
                    done.addObject().put("name", name).put("folder", folder.toString());
                    if (!call.json()) {
                        call.console().out().println(name + " is in " + folder);
                    }
                } catch (IOException | ModelException e) {
                    call.console().err().println("mocozoo fetch: " + name + ": " + Main.reason(e));
                    code = Main.FAILED;
                }
            }
        }
        if (call.json()) {
            call.console().json(done);
        }
        return code;
    }
}
