package io.mocozoo.cli;

import io.mocozoo.runtime.DeviceException;
import io.mocozoo.runtime.ModelException;
import java.io.FileDescriptor;
import java.io.FileNotFoundException;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.util.Arrays;
import java.util.List;
import org.apache.commons.cli.CommandLine;
import org.apache.commons.cli.DefaultParser;
import org.apache.commons.cli.Options;
import org.apache.commons.cli.ParseException;

/** The command line: finds the command, reads its options, turns failures into one message and an exit code. */
public final class Main {
    /** Done. */
    public static final int OK = 0;

    /** Tried and failed. */
    public static final int FAILED = 1;

    /** Not understood. */
    public static final int USAGE = 2;

    static final List<Command> COMMANDS = List.of(
            new ListCommand(),
            new InfoCommand(),
            new FetchCommand(),
            new VerifyCommand(),
            new CacheCommand(),
            new ConvertCommand(),
            new PreprocessCommand(),
            new PredictCommand(),
            new ExtractCommand(),
            new RunCommand(),
            new TrainCommand(),
            new ReportCommand(),
            new RegisterCommand(),
            new EvaluateCommand(),
            new MetricsCommand(),
            new CompareCommand(),
            new KnnCommand(),
            new ProbeCommand(),
            new RetrieveCommand(),
            new AttentionCommand(),
            new ServeCommand(),
            new ShapesCommand(),
            new BenchmarkCommand(),
            new DoctorCommand(),
            new DemoCommand(),
            new CompletionCommand());

    private Main() {}

    /** Runs a command and ends the process with its exit code. */
    public static void main(String[] args) {
        System.setProperty("java.awt.headless", "true");
        if (List.of(args).contains("--debug")) {
            System.setProperty("org.slf4j.simpleLogger.defaultLogLevel", "debug");
        }
        PrintStream out = new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8);
        PrintStream err = new PrintStream(new FileOutputStream(FileDescriptor.err), true, StandardCharsets.UTF_8);
        Interrupt.install(err);
        System.exit(Interrupt.code(run(new Console(out, err, Boolean.getBoolean("mocozoo.terminal")), args)));
    }

    /** Runs a command inside this process; gives its exit code. */
    public static int run(PrintStream out, PrintStream err, String... args) {
        return run(new Console(out, err, false), args);
    }

    /** A print stream keeps its failures to itself: without asking, results lost on a full disk would be a success. */
    private static int run(Console console, String... args) {
        int code = answer(console, args);
        if (console.out().checkError()) {
            console.err().println("mocozoo: standard output is closed or full; what was printed is not all there");
            return code == OK ? FAILED : code;
        }
        return code;
    }

    private static int answer(Console console, String... args) {
        if (args.length > 1 && args[0].equals("help")) {
            return answer(console, args[1], "--help");
        }
        if (args.length == 0 || args[0].equals("help") || args[0].equals("--help") || args[0].equals("-h")) {
            (args.length == 0 ? console.err() : console.out()).print(overview());
            return args.length == 0 ? USAGE : OK;
        }
        if (args[0].equals("--version") || args[0].equals("version")) {
            console.out().println("mocozoo " + version());
            return OK;
        }
        Command command = COMMANDS.stream()
                .filter(c -> c.name().equals(args[0]))
                .findFirst()
                .orElse(null);
        if (command == null) {
            console.err().println("mocozoo: there is no command '" + args[0] + "'");
            console.err().print(overview());
            return USAGE;
        }
        return run(command, console, Arrays.copyOfRange(args, 1, args.length));
    }

    private static int run(Command command, Console console, String... args) {
        Options options = CommonOptions.addTo(command.options());
        boolean debug = List.of(args).contains("--debug");
        try {
            CommandLine line =
                    DefaultParser.builder().setAllowPartialMatching(false).get().parse(options, args);
            if (line.hasOption("help")) {
                help(command, options, console.out());
                return OK;
            }
            CommonOptions.refuseTwice(line.getOptions());
            return command.run(new Invocation(command.name(), line, console));
        } catch (ParseException | UsageException e) {
            console.err().println("mocozoo " + command.name() + ": " + e.getMessage());
            console.err()
                    .println("usage: mocozoo " + command.name() + " " + command.arguments() + "; --help says more");
            return USAGE;
        } catch (IOException | RuntimeException e) {
            return failed(command, console, e, debug);
        } catch (LinkageError e) {
            return failed(
                    command,
                    console,
                    new IOException(
                            "code this needs cannot be loaded: " + e + "; 'mocozoo doctor' says what is missing", e),
                    debug);
        } catch (OutOfMemoryError e) {
            return failed(
                    command,
                    console,
                    new IOException(
                            "the heap of " + Console.size(Runtime.getRuntime().maxMemory())
                                    + " is too small for this; MOCOZOO_JAVA_OPTIONS=-Xmx4g gives 4 GB, a smaller"
                                    + " --batch needs less",
                            e),
                    debug);
        }
    }

    private static int failed(Command command, Console console, Exception e, boolean debug) {
        console.err().println("mocozoo " + command.name() + ": " + reason(e));
        if (debug) {
            e.printStackTrace(console.err());
        }
        return FAILED;
    }

    /** A message that can stand alone; the file system's own exceptions only name the file. */
    static String reason(Throwable e) {
        if (e instanceof UncheckedIOException && e.getCause() != null) {
            return reason(e.getCause());
        }
        if (e instanceof NoSuchFileException || e instanceof FileNotFoundException) {
            return "there is no file " + e.getMessage();
        }
        if (e instanceof AccessDeniedException) {
            return "no permission for " + e.getMessage();
        }
        if (e instanceof FileAlreadyExistsException file) {
            return file.getFile() + " is there already and is no folder";
        }
        if (e instanceof FileSystemException file) {
            return file.getFile() + " cannot be read or written"
                    + (file.getReason() == null ? "" : ": " + file.getReason());
        }
        boolean ours = e instanceof IOException
                || e instanceof IllegalArgumentException
                || e instanceof IllegalStateException
                || e instanceof DeviceException
                || e instanceof ModelException;
        return ours && e.getMessage() != null ? e.getMessage() : e + "; --debug shows where";
    }

    static String version() {
        String version = Main.class.getPackage().getImplementationVersion();
        return version == null ? "(unpackaged)" : version;
    }

    private static String overview() {
        StringBuilder text = new StringBuilder();
        text.append("MoCoZoo: the models of MoCo v3, from a name to a prediction.\n\nusage: mocozoo COMMAND ...\n\n");
        COMMANDS.forEach(c -> text.append(String.format("  %-11s %s%n", c.name(), c.summary())));
        text.append("\n'mocozoo COMMAND --help' shows a command's options and an example.\n");
        return text.toString();
    }

    private static void help(Command command, Options options, PrintStream out) {
        out.println("usage: mocozoo " + command.name() + " " + command.arguments());
        out.println("\n" + command.summary() + ".\n\nOptions:");
        for (var option : options.getOptions()) {
            String name = (option.getOpt() == null ? "" : "-" + option.getOpt() + ", ") + "--" + option.getLongOpt()
                    + (option.hasArg() ? " " + option.getArgName() : "");
            out.printf("  %-28s %s%n", name, option.getDescription());
        }
        out.println("\nExample:\n  " + command.example());
    }
}
