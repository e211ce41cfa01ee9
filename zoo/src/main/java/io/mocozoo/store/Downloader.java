package io.mocozoo.store;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.URI;
import java.net.http.HttpHeaders;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings one address into one part file, in as many tries as it takes, each going on where the last one broke off if
 * the server's file is still the same (RFC 9110, sections 13.1.5 and 14). Servers are not believed: what they send
 * counts when its length and digest do.
 */
final class Downloader {
    private static final Logger LOG = LoggerFactory.getLogger(Downloader.class);

    /** A try that came so much further than any before does not count as a failure. */
    private static final long GOOD_PIECE_BYTES = 1 << 20;

    private static final Set<Integer> WORTH_ANOTHER_TRY = Set.of(408, 425, 429);
    private static final Set<String> PACKED = Set.of("gzip", "x-gzip", "deflate", "compress", "br", "zstd");
    private static final Pattern ETAG = Pattern.compile("\"[!#-~]{0,200}\"");
    private static final Pattern DATE = Pattern.compile("[ -~]{1,100}");
    private static final Pattern CONTENT_RANGE = Pattern.compile("bytes (\\d{1,18})-(\\d{1,18})/(\\d{1,18}|\\*)");

    private final Transport transport;
    private final Patience patience;
    private final Space space;
    private final Progress progress;

    Downloader(Transport transport, Patience patience, Space space, Progress progress) {
        this.transport = transport;
        this.patience = patience;
        this.space = space;
        this.progress = progress;
    }

    /** What came: the digest of all bytes in the part file, and the server's name for this version of them. */
    record Received(String sha256, Optional<String> etag) {}

    /**
     * Fills the part file with the whole.
     *
     * @throws IOException if the server has no such file, the file is not the expected one, or nothing helps
     */
    Received download(URI address, Part part, ExpectedDigest expected) throws IOException {
        int failures = 0;
        long furthest = part.bytes();
        boolean refused = false;
        while (true) {
            TransientException failure;
            try {
                Received received = attempt(address, part, expected);
                Optional<String> problem = expected.problem(received.sha256());
                if (problem.isEmpty()) {
                    return received;
                }
                long bytes = part.bytes();
                part.discard();
                if (refused) {
                    throw new IOException(part.target().getFileName() + " from " + address + ": " + problem.get()
                            + ", twice, in " + bytes + " bytes. It was deleted: the address holds another file than"
                            + " the published one. Name one that has it with --mirror, or put it by hand at "
                            + part.target());
                }
                refused = true; // once may be an accident on the way
                failure = new TransientException(problem.get());
            } catch (TransientException e) {
                failure = e;
            }
            long reached = part.bytes();
            failures = reached - furthest >= GOOD_PIECE_BYTES ? 1 : failures + 1;
            furthest = Math.max(furthest, reached);
            if (failures >= patience.tries()) {
                throw new IOException(
                        address + ": gave up after " + failures + " tries; the last: " + failure.getMessage()
                                + (reached > 0 ? ". What is here is kept, the next run goes on from it" : "")
                                + ". Try later, name another address with --mirror, or put the file by hand at "
                                + part.target(),
                        failure);
            }
            pause(part, failure, failures);
        }
    }

    private void pause(Part part, TransientException failure, int failures) throws IOException {
        Duration delay = failure.retryAfter().map(patience::bounded).orElse(patience.delay(failures));
        LOG.warn(
                "{}: {}; trying again in {} s",
                part.target().getFileName(),
                failure.getMessage(),
                delay.toMillis() / 1000.0);
        try {
            Thread.sleep(delay.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("the download was interrupted; the next one goes on from here");
        }
    }

    private Received attempt(URI address, Part part, ExpectedDigest expected) throws IOException {
        Optional<Part.Note> begun = part.resumable(address.toString(), expected.known());
        long have = begun.isPresent() ? part.bytes() : 0;
        if (begun.isPresent() && begun.get().totalBytes() == have) { // killed between the last byte and the move
            try (Part.Writer writer = part.append(begun.get())) {
                return new Received(
                        writer.sha256(), Optional.ofNullable(begun.get().etag()));
            }
        }
        Map<String, String> headers = new LinkedHashMap<>();
        begun.flatMap(Part.Note::validator).ifPresent(validator -> {
            headers.put("Range", "bytes=" + have + "-");
            headers.put("If-Range", validator);
        });
        HttpResponse<Body> response = transport.get(address, headers);
        try (Body body = response.body()) {
            Part.Note note =
                    switch (response.statusCode()) {
                        case 200 -> anew(address, part, response.headers());
                        case 206 -> continued(part, begun, have, response.headers());
                        case 416 -> throw startOver(part, "the file is shorter than what is here");
                        default -> throw refusal(address, part, response);
                    };
            return receive(part, note, body);
        }
    }

    /** The server sends everything: it is the first try, the file has changed, or it knows no ranges. */
    private static Part.Note anew(URI address, Part part, HttpHeaders headers) throws IOException {
        String packed =
                headers.firstValue("content-encoding").orElse("identity").toLowerCase(Locale.ROOT);
        if (PACKED.contains(packed)) {
            throw new IOException(address + ": expected the file as it is, found it packed (Content-Encoding: " + packed
                    + "); name another address with --mirror, or put the file by hand at " + part.target());
        }
        Part.Note note = new Part.Note(
                address.toString(),
                strongEtag(headers).orElse(null),
                headers.firstValue("last-modified")
                        .filter(DATE.asMatchPredicate())
                        .orElse(null),
                length(headers),
                0);
        part.restart(note);
        return note;
    }

    /** The server sends the rest, if it says so and means the same file. */
    private static Part.Note continued(Part part, Optional<Part.Note> begun, long have, HttpHeaders headers)
            throws IOException {
        String text = headers.firstValue("content-range").orElse("none");
        Matcher range = CONTENT_RANGE.matcher(text);
        if (begun.isEmpty() || !range.matches()) {
            throw startOver(part, "the server sends a part nobody asked for (Content-Range: " + text + ")");
        }
        Part.Note note = begun.get();
        long total = range.group(3).equals("*") ? note.totalBytes() : Long.parseLong(range.group(3));
        if (Long.parseLong(range.group(1)) != have || total != note.totalBytes()) {
            throw startOver(
                    part,
                    "expected the rest from byte " + have + " of " + note.totalBytes() + ", found Content-Range: "
                            + text);
        }
        if (differ(note.etag(), strongEtag(headers))
                || differ(note.lastModified(), headers.firstValue("last-modified"))) {
            throw startOver(part, "the server's file has changed");
        }
        return note;
    }

    /** Some servers take a range but do not look at If-Range. */
    private static boolean differ(@Nullable String then, Optional<String> now) {
        return then != null && now.isPresent() && !now.get().equals(then);
    }

    private static TransientException startOver(Part part, String why) throws IOException {
        part.discard();
        return new TransientException(why + "; starting over");
    }

    private static IOException refusal(URI address, Part part, HttpResponse<Body> response) {
        int status = response.statusCode();
        if (status >= 500 || WORTH_ANOTHER_TRY.contains(status)) {
            return new TransientException(
                    "the server answered with status " + status,
                    null,
                    response.headers().firstValue("retry-after").flatMap(Downloader::retryAfter));
        }
        String from = response.uri().equals(address) ? "" : " (redirected to " + response.uri() + ")";
        return new IOException(address + from + ": expected the file, found status " + status
                + (status == 404 || status == 410 ? " (not there)" : "")
                + "; name an address that has it with --mirror or --weights, or put the file by hand at "
                + part.target());
    }

    private Received receive(Part part, Part.Note note, Body body) throws IOException {
        long total = note.totalBytes();
        space.check(part.target(), Math.max(0, total - part.bytes()));
        try (Part.Writer writer = part.append(note);
                Progress.Work work =
                        progress.start("downloading " + part.target().getFileName(), total)) {
            work.at(writer.position());
            Optional<List<ByteBuffer>> next = body.next();
            while (next.isPresent()) {
                for (ByteBuffer bytes : next.get()) {
                    writer.write(bytes);
                }
                if (total >= 0 && writer.position() > total) {
                    throw new TransientException("expected " + total + " bytes, found more; starting over");
                }
                work.at(writer.position());
                next = body.next();
            }
            if (total >= 0 && writer.position() != total) {
                throw new TransientException("expected " + total + " bytes, found " + writer.position());
            }
            return new Received(writer.sha256(), Optional.ofNullable(note.etag()));
        }
    }

    /** A weak one (RFC 9110, section 8.8.1) says nothing about bytes. */
    private static Optional<String> strongEtag(HttpHeaders headers) {
        return headers.firstValue("etag").filter(ETAG.asMatchPredicate());
    }

    private static long length(HttpHeaders headers) {
        return headers.firstValue("content-length")
                .filter(text -> text.matches("\\d{1,18}"))
                .map(Long::parseLong)
                .orElse(-1L);
    }

    /** Seconds, or a date (RFC 9110, section 10.2.3). */
    static Optional<Duration> retryAfter(String text) {
        if (text.matches("\\d{1,9}")) {
            return Optional.of(Duration.ofSeconds(Long.parseLong(text)));
        }
        try {
            Instant then = ZonedDateTime.parse(text, DateTimeFormatter.RFC_1123_DATE_TIME)
                    .toInstant();
            Duration wait = Duration.between(Instant.now(), then);
            return Optional.of(wait.isNegative() ? Duration.ZERO : wait);
        } catch (DateTimeParseException e) {
            return Optional.empty();
        }
    }
}
