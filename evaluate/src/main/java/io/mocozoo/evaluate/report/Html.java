package io.mocozoo.evaluate.report;

import java.util.Locale;

/** A page that stands alone: its style is inside, nothing is fetched, every text is escaped. */
final class Html {
    private static final String STYLE =
            """
            :root{color-scheme:light dark;--ink:#1d2430;--soft:#5b6675;--line:#d7dde5;--back:#fff;--a:#2f6fb5;--b:#c4532d;--fill:#eef2f7}
            @media(prefers-color-scheme:dark){:root{--ink:#e6eaf0;--soft:#9aa6b5;--line:#38424f;--back:#14181d;--a:#6aa7e8;--b:#e88a64;--fill:#1f262e}}
            *{box-sizing:border-box}body{margin:0 auto;max-width:64rem;padding:1rem;background:var(--back);color:var(--ink);font:16px/1.45 system-ui,sans-serif;overflow-wrap:anywhere}
            h1{font-size:1.4rem;margin:.2rem 0}h2{font-size:1.1rem;margin:2rem 0 .5rem;border-bottom:1px solid var(--line)}p{margin:.4rem 0}.soft{color:var(--soft);font-size:.9rem}
            table{border-collapse:collapse;width:100%}td,th{text-align:left;padding:.25rem .5rem;border-bottom:1px solid var(--line);vertical-align:top}td,th{overflow-wrap:break-word}.wide{overflow-x:auto}td.n,th.n{text-align:right;white-space:nowrap;font-variant-numeric:tabular-nums}
            svg{width:100%;height:auto;display:block}svg text{fill:var(--ink);font:11px system-ui,sans-serif}.pair{display:grid;grid-template-columns:repeat(auto-fit,minmax(17rem,1fr));gap:1.5rem}
            .shots{display:grid;grid-template-columns:repeat(auto-fill,minmax(7.5rem,1fr));gap:.75rem}.shots figure{margin:0;font-size:.8rem}.shots img{width:100%;image-rendering:auto;border-radius:4px;display:block;background:var(--fill)}
            .bars{display:grid;grid-template-columns:fit-content(11rem) 1fr auto;gap:.2rem .6rem;align-items:center;font-size:.85rem}.bars>span:nth-child(3n+1){text-align:right}.bars .n{text-align:right;font-variant-numeric:tabular-nums}
            .track{position:relative;height:1rem;border-left:1px solid var(--line);border-right:1px solid var(--line);background:repeating-linear-gradient(90deg,transparent 0 calc(25% - 1px),var(--line) calc(25% - 1px) 25%)}.track i{display:block;height:100%;background:var(--a)}.track b{position:absolute;top:calc(50% - 1px);height:2px;background:var(--b)}
            .axis{display:flex;justify-content:space-between}
            .scroll{overflow:auto;max-height:85vh;border:1px solid var(--line)}#zoom:checked~.scroll>*{width:300%;max-width:none}.scroll img{width:100%;image-rendering:pixelated;display:block}
            .big{font-size:1.6rem;font-weight:600}.cards{display:grid;grid-template-columns:repeat(auto-fit,minmax(10rem,1fr));gap:1rem;margin:1rem 0}.cards div{background:var(--fill);border-radius:6px;padding:.6rem .8rem}
            """;

    private final StringBuilder text = new StringBuilder();

    Html(String title) {
        text.append("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">")
                .append("<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\"><title>")
                .append(escape(title))
                .append("</title><style>\n")
                .append(STYLE)
                .append("</style></head><body>\n");
    }

    /** Text that is shown as it is, in an element or in an attribute. */
    static String escape(String text) {
        StringBuilder safe = new StringBuilder();
        text.codePoints().forEach(c -> {
            switch (c) {
                case '&' -> safe.append("&amp;");
                case '<' -> safe.append("&lt;");
                case '>' -> safe.append("&gt;");
                case '"' -> safe.append("&quot;");
                case '\'' -> safe.append("&#39;");
                default -> {
                    boolean control = (c < 0x20 && c != '\n' && c != '\t') || c == 0x7f || (c >= 0xd800 && c < 0xe000);
                    safe.appendCodePoint(control ? 0xfffd : c);
                }
            }
        });
        return safe.toString();
    }

    /** A number with some places after the point. */
    static String number(double value, int places) {
        return String.format(Locale.ROOT, "%." + places + "f", value);
    }

    /** A whole number in groups of three. */
    static String whole(long value) {
        return String.format(Locale.ROOT, "%,d", value);
    }

    /** Markup of ours; what it holds of others is escaped already. */
    Html raw(String markup) {
        text.append(markup).append('\n');
        return this;
    }

    Html heading(String title) {
        return raw("<h2>" + escape(title) + "</h2>");
    }

    Html paragraph(String words) {
        return raw("<p>" + escape(words) + "</p>");
    }

    Html soft(String words) {
        return raw("<p class=\"soft\">" + escape(words) + "</p>");
    }

    /** A number that is to be seen first. */
    Html card(String what, String value, String below) {
        return raw("<div><span class=\"soft\">" + escape(what) + "</span><br><span class=\"big\">" + escape(value)
                + "</span><br><span class=\"soft\">" + escape(below) + "</span></div>");
    }

    /** A row of a table; the first cell is a text, others numbers. */
    Html row(boolean heading, String... cells) {
        StringBuilder row = new StringBuilder("<tr>");
        for (int i = 0; i < cells.length; i++) {
            String tag = heading ? "th" : "td";
            row.append('<')
                    .append(tag)
                    .append(i == 0 ? ">" : " class=\"n\">")
                    .append(escape(cells[i]))
                    .append("</")
                    .append(tag)
                    .append('>');
        }
        return raw(row.append("</tr>").toString());
    }

    /** The whole page. */
    String finished() {
        return text + "</body></html>\n";
    }
}
