package io.mocozoo.store;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.channels.UnresolvedAddressException;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** Asks servers, through proxies and redirections; a body comes as it is, unread. */
final class Transport {
    private static final int MOST_REDIRECTIONS = 10;
    private static final Set<Integer> REDIRECTIONS = Set.of(301, 302, 303, 307, 308);

    private final Patience patience;
    private final Proxies proxies;
    private @Nullable HttpClient client;

    Transport(Patience patience, Proxies proxies) {
        this.patience = patience;
        this.proxies = proxies;
    }

    /**
     * The answer at the end of all redirections, whatever its status; the caller closes its body.
     *
     * @throws TransientException if nothing came, or not in time
     * @throws IOException for an address that cannot be asked, or leads nowhere
     */
    HttpResponse<Body> get(URI address, Map<String, String> headers) throws IOException {
        URI at = address;
        for (int hop = 0; hop <= MOST_REDIRECTIONS; hop++) {
            HttpResponse<Body> response = send(at, headers);
            if (!REDIRECTIONS.contains(response.statusCode())) {
                return response;
            }
            response.body().close();
            at = redirected(at, response.headers().firstValue("location"));
        }
        throw new IOException(
                address + ": expected at most " + MOST_REDIRECTIONS + " redirections, found more, the last to " + at);
    }

    /** The body of a good answer as a stream; whoever opened it closes it. */
    InputStream open(URI address) throws IOException {
        HttpResponse<Body> response = get(address, Map.of());
        if (response.statusCode() != 200) {
            response.body().close();
            throw new IOException(address + ": expected status 200, found status " + response.statusCode());
        }
        return new BodyStream(response.body());
    }

    static URI redirected(URI from, Optional<String> location) throws IOException {
        if (location.isEmpty()) {
            throw new IOException(from + " redirects to nowhere: its answer names no location");
        }
        URI to;
        try {
            to = from.resolve(location.get());
        } catch (IllegalArgumentException e) {
            throw new IOException(from + " redirects to '" + location.get() + "', which is no address", e);
        }
        String scheme = String.valueOf(to.getScheme()).toLowerCase(Locale.ROOT);
        boolean secure = scheme.equals("https");
        if (!secure && !scheme.equals("http")) {
            throw new IOException(from + " redirects to " + to + "; expected an http or https address");
        }
        if (!secure && "https".equalsIgnoreCase(from.getScheme())) {
            throw new IOException(
                    from + " redirects to " + to + ", from https to http; refused, since anyone could change the file"
                            + " on its way. Name an address to trust with --mirror");
        }
        return to;
    }

    private HttpResponse<Body> send(URI address, Map<String, String> headers) throws IOException {
        Optional<Proxies.Server> proxy = proxies.server(address);
        HttpClient sender = client(); // before any request is built: see allowPasswords
        HttpRequest.Builder request;
        try {
            request = HttpRequest.newBuilder(address)
                    .header("User-Agent", "mocozoo")
                    .header("Accept-Encoding", "identity");
        } catch (IllegalArgumentException e) {
            throw new IOException(address + " cannot be asked for: " + e.getMessage(), e);
        }
        headers.forEach(request::header);
        // Not by an Authenticator: with one, Java's client takes a 401 without a challenge for a broken connection.
        proxy.flatMap(Proxies.Server::authorization).ifPresent(a -> request.header("Proxy-Authorization", a));
        CompletableFuture<HttpResponse<Body>> answer =
                sender.sendAsync(request.build(), info -> new Body(patience.idle()));
        try {
            return answer.get(patience.connect().plus(patience.idle()).toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            answer.cancel(true);
            throw new TransientException("no answer came in time");
        } catch (InterruptedException e) {
            answer.cancel(true);
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("the download was interrupted; the next one goes on from here");
        } catch (ExecutionException e) {
            throw failed(address, proxy, e.getCause());
        }
    }

    private IOException failed(URI address, Optional<Proxies.Server> proxy, @Nullable Throwable cause) {
        for (Throwable t = cause; t != null; t = t.getCause()) {
            if (t instanceof UnresolvedAddressException) {
                String host = proxy.map(p -> p.host() + ", the proxy").orElse(address.getHost());
                return new IOException(address + ": no such host as " + host, cause);
            }
        }
        String through = proxy.map(p -> " through the proxy " + p).orElse("");
        String kind = cause == null ? "" : cause.getClass().getSimpleName();
        String why = cause == null || cause.getMessage() == null ? kind : kind + ": " + cause.getMessage();
        return new TransientException(
                "no connection to " + address.getAuthority() + through + " (" + why + ")", cause, Optional.empty());
    }

    private synchronized HttpClient client() {
        if (client == null) {
            proxies.allowPasswords();
            client = HttpClient.newBuilder()
                    .version(HttpClient.Version.HTTP_1_1) // one big file gains nothing by streams
                    .followRedirects(HttpClient.Redirect.NEVER)
                    .connectTimeout(patience.connect())
                    .proxy(proxies)
                    .build();
        }
        return client;
    }
}
