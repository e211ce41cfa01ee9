package io.mocozoo.evaluate.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.StringReader;
import java.util.List;
import java.util.stream.IntStream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.xml.sax.InputSource;

class ChartsTest {
    private static Document parsed(String svg) throws Exception {
        return DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(new InputSource(new StringReader(svg)));
    }

    @Test
    void textsAreShownAndNeverRun() {
        assertThat(Html.escape("<b a='1'>\"&\u0000\u0007")).isEqualTo("&lt;b a=&#39;1&#39;&gt;&quot;&amp;\ufffd\ufffd");
        assertThat(Html.escape("\ud83c\udf1f\ud83c")).isEqualTo("\ud83c\udf1f\ufffd");
        assertThat(new Html("<script>").finished()).contains("<title>&lt;script&gt;</title>");
    }

    @Test
    void barsAreAsLongAsTheirValues() throws Exception {
        Document html = parsed(Charts.bars(
                List.of(new Charts.Bar("<a>", 50, 40, 60, "x"), new Charts.Bar("b", 0, 0, 10, "y")), name -> name));
        assertThat(attribute(html, "i", 0, "style")).isEqualTo("width:50.0%");
        assertThat(attribute(html, "i", 1, "style")).isEqualTo("width:0.0%");
        assertThat(attribute(html, "b", 0, "style")).isEqualTo("left:40.0%;width:20.0%");
        assertThat(attribute(html, "span", 1, "title")).isEqualTo("<a>: 50.00 % [40.00, 60.00], x");
    }

    private static String attribute(Document html, String tag, int which, String name) {
        return html.getElementsByTagName(tag)
                .item(which)
                .getAttributes()
                .getNamedItem(name)
                .getNodeValue();
    }

    @Test
    void fewClassesAreDrawnAndManyArePainted() throws Exception {
        List<Charts.Cell> cells = List.of(new Charts.Cell(0, 0, 3), new Charts.Cell(0, 1, 1));
        Document svg = parsed(Charts.heatMap(List.of("one & only", "two"), cells));
        assertThat(svg.getElementsByTagName("rect").getLength()).isEqualTo(2);
        assertThat(svg.getElementsByTagName("title").item(1).getTextContent())
                .isEqualTo("one & only taken for two: 1 of 4");
        List<String> many = IntStream.range(0, 1000).mapToObj(Integer::toString).toList();
        assertThat(Charts.heatMap(many, cells)).startsWith("<img").contains("data:image/png;base64,");
    }

    @Test
    void longNamesAreCutBetweenCharacters() throws IOException {
        assertThat(Charts.shortened("a".repeat(16))).hasSize(16);
        assertThat(Charts.shortened("a".repeat(17))).isEqualTo("a".repeat(15) + "\u2026");
        assertThat(Charts.shortened("\ud83c\udf1f".repeat(12))).hasSize(24);
        assertThat(Charts.shortened("\ud83c\udf1f".repeat(20))).isEqualTo("\ud83c\udf1f".repeat(15) + "\u2026");
    }
}
