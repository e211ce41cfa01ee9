package io.mocozoo.store;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.SocketAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Which proxy an address goes through: Java's own properties ({@code https.proxyHost}, {@code http.nonProxyHosts}, ...)
 * where they are set, else the environment as curl reads it ({@code https_proxy}, {@code all_proxy}, {@code no_proxy};
 * {@code HTTP_PROXY} in capitals is not read, since a web server sets it from a stranger's header), else whatever
 * {@link ProxySelector} the process has. The environment's proxies are never asked for this machine itself.
 */
final class Proxies extends ProxySelector {
    private final Map<String, String> environment;
    private final Map<String, String> properties;

    Proxies(Map<String, String> environment, Map<String, String> properties) {
        this.environment = Map.copyOf(environment);
        this.properties = Map.copyOf(properties);
    }

    static Proxies ofProcess() {
        Map<String, String> properties = new HashMap<>();
        System.getProperties()
                .stringPropertyNames()
                .forEach(name -> properties.put(name, System.getProperty(name, "")));
        return new Proxies(System.getenv(), properties);
    }

    /**
     * A proxy that speaks HTTP.
     *
     * @param host name or address
     * @param port of it
     * @param authorization what its Proxy-Authorization asks for
     */
    record Server(String host, int port, Optional<String> authorization) {
        /** Without the password: this gets into messages. */
        @Override
        public String toString() {
            return host + ":" + port;
        }
    }

    /**
     * The proxy for an address, if it goes through one of those given by property or environment.
     *
     * @throws IOException if what is set cannot be read; names the variable, not the password in it
     */
    Optional<Server> server(URI address) throws IOException {
        String scheme = String.valueOf(address.getScheme()).toLowerCase(Locale.ROOT);
        String host = String.valueOf(address.getHost()).toLowerCase(Locale.ROOT);
        String own = text(properties, scheme + ".proxyHost");
        if (!own.isEmpty()) {
            return exemptByProperty(host) ? Optional.empty() : Optional.of(ofProperties(scheme, own));
        }
        for (String variable : List.of(
                scheme + "_proxy", scheme.equals("https") ? "HTTPS_PROXY" : "http_proxy", "all_proxy", "ALL_PROXY")) {
            String value = text(environment, variable);
            if (!value.isEmpty()) {
                return isThisMachine(host) || exemptByEnvironment(host, port(address))
                        ? Optional.empty()
                        : Optional.of(read(variable, value));
            }
        }
        return Optional.empty();
    }

    private Server ofProperties(String scheme, String host) throws IOException {
        String port = text(properties, scheme + ".proxyPort");
        try {
            int standard = scheme.equals("https") ? 443 : 80;
            return new Server(host, port.isEmpty() ? standard : Integer.parseInt(port), Optional.empty());
        } catch (NumberFormatException e) {
            throw new IOException(scheme + ".proxyPort: expected a number, found '" + port + "'", e);
        }
    }

    private static Server read(String variable, String value) throws IOException {
        try {
            URI uri = new URI(value.contains("://") ? value : "http://" + value);
            if ("http".equalsIgnoreCase(uri.getScheme()) && uri.getHost() != null) {
                Optional<String> login = Optional.ofNullable(uri.getRawUserInfo())
                        .map(Proxies::decoded)
                        .map(text -> text.contains(":") ? text : text + ":");
                return new Server(
                        uri.getHost(),
                        uri.getPort() < 0 ? 80 : uri.getPort(),
                        login.map(text ->
                                "Basic " + Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8))));
            }
        } catch (URISyntaxException | IllegalArgumentException e) {
            // Said below, without the value, which may hold a password.
        }
        throw new IOException("the environment's " + variable
                + " is no proxy that can be used: expected [http://][user:password@]host[:port]");
    }

    private static String decoded(String text) {
        return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
    }

    private boolean exemptByProperty(String host) {
        String hosts = properties.getOrDefault("http.nonProxyHosts", "localhost|127.*|[::1]|0.0.0.0");
        for (String entry : hosts.split("\\|")) {
            String pattern = Pattern.quote(entry.trim()).replace("*", "\\E.*\\Q");
            if (Pattern.compile(pattern, Pattern.CASE_INSENSITIVE).matcher(host).matches()) {
                return true;
            }
        }
        return false;
    }

    private boolean exemptByEnvironment(String host, int port) {
        String hosts = text(environment, "no_proxy");
        for (String entry : (hosts.isEmpty() ? text(environment, "NO_PROXY") : hosts).split("[,\\s]+")) {
            String name = entry.toLowerCase(Locale.ROOT).replaceFirst("^\\*?\\.", "");
            String withoutPort = name.replaceFirst(":" + port + "$", "");
            if (name.equals("*")
                    || (!withoutPort.isEmpty() && (host.equals(withoutPort) || host.endsWith("." + withoutPort)))) {
                return true;
            }
        }
        return false;
    }

    private static boolean isThisMachine(String host) {
        return host.equals("localhost") || host.equals("[::1]") || host.matches("127(\\.\\d+){3}");
    }

    private static int port(URI address) {
        if (address.getPort() >= 0) {
            return address.getPort();
        }
        return "https".equalsIgnoreCase(address.getScheme()) ? 443 : 80;
    }

    private static String text(Map<String, String> map, String key) {
        return map.getOrDefault(key, "").trim();
    }

    @Override
    public List<Proxy> select(URI uri) {
        try {
            Optional<Server> server = server(uri);
            if (server.isPresent()) {
                return List.of(new Proxy(
                        Proxy.Type.HTTP,
                        InetSocketAddress.createUnresolved(
                                server.get().host(), server.get().port())));
            }
        } catch (IOException e) {
            throw new IllegalArgumentException(e.getMessage(), e);
        }
        ProxySelector others = ProxySelector.getDefault();
        boolean decided = !text(properties, uri.getScheme() + ".proxyHost").isEmpty();
        return decided || others == null ? List.of(Proxy.NO_PROXY) : others.select(uri);
    }

    @Override
    public void connectFailed(URI uri, SocketAddress address, IOException failure) {
        // The download's error says so.
    }

    /**
     * Java refuses to send a password to a proxy before a tunnel unless this property is empty. Where the environment
     * gives one and the property is not set, it is emptied, as whoever set the variable wants; Java reads it once,
     * before the first client or request is built.
     */
    void allowPasswords() {
        String property = "jdk.http.auth.tunneling.disabledSchemes";
        boolean password = List.of("https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY").stream()
                .anyMatch(variable -> text(environment, variable).contains("@"));
        if (password && System.getProperty(property) == null) {
            System.setProperty(property, "");
        }
    }
}
