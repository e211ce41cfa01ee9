package io.mocozoo.evaluate.serve;

/** The page to drop a picture on; everything it needs is inside. */
final class Page {
    private static final String TEXT =
            """
            <!DOCTYPE html>
            <html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
            <title>MODEL</title><style>
            :root{color-scheme:light dark}body{font:16px/1.45 system-ui,sans-serif;max-width:40rem;margin:0 auto;padding:1rem}
            h1{font-size:1.2rem;overflow-wrap:anywhere}label{display:block;border:2px dashed #888;border-radius:8px;padding:2rem;text-align:center}
            img{max-width:100%;max-height:16rem;display:block;margin:1rem auto}img[hidden]{display:none}td{padding:.2rem .6rem}td+td{text-align:right}
            </style></head><body><h1>MODEL</h1>
            <label id="drop">Drop a picture here, or choose one<br><input type="file" id="file" accept="image/*"></label>
            <img id="shown" alt="" hidden><img id="attention" alt="where the model looks" hidden><p id="said" role="status"></p><table id="classes"></table>
            <script>
            const by = id => document.getElementById(id);
            async function ask(file) {
              by('shown').src = URL.createObjectURL(file); by('shown').hidden = false;
              by('said').textContent = '...'; by('classes').textContent = ''; by('attention').hidden = true;
              const answer = await fetch('predict', {method: 'POST', body: file});
              const json = await answer.json();
              by('said').textContent = json.error || json.pred_class;
              if (LOOKS && answer.ok) {
                const map = await fetch('attention', {method: 'POST', body: file});
                if (map.ok) { by('attention').src = URL.createObjectURL(await map.blob()); by('attention').hidden = false; }
              }
              for (const one of json.top || []) {
                const row = by('classes').insertRow();
                row.insertCell().textContent = one.class;
                row.insertCell().textContent = one.score.toFixed(4);
              }
            }
            by('file').onchange = e => e.target.files[0] && ask(e.target.files[0]);
            by('drop').ondragover = e => e.preventDefault();
            by('drop').ondrop = e => { e.preventDefault(); e.dataTransfer.files[0] && ask(e.dataTransfer.files[0]); };
            </script></body></html>
            """;

    private Page() {}

    /**
     * The page of a model.
     *
     * @param looks whether attention is served
     */
    static String of(String model, boolean looks) {
        return TEXT.replace("LOOKS", Boolean.toString(looks))
                .replace("MODEL", model.replace("&", "&amp;").replace("<", "&lt;"));
    }
}
