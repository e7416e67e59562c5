// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/file.h"
#include "core/report/html_parts.h"

namespace diptych::html {

std::string escape(std::string_view text) {
    std::string out;
    for (const char c : toValidUtf8(text)) {
        switch (c) {
        case '&':
            out += "&amp;";
            break;
        case '<':
            out += "&lt;";
            break;
        case '>':
            out += "&gt;";
            break;
        case '"':
            out += "&quot;";
            break;
        case '\'':
            out += "&#39;";
            break;
        default:
            if (static_cast<unsigned char>(c) >= 0x20 || c == '\n' || c == '\t')
                out += c;
        }
    }
    return out;
}

std::string_view styleSheet() {
    return R"css(
:root{color-scheme:light dark;--bg:#fff;--text:#1c2026;--soft:#5d6673;--line:#e2e5ea;--panel:#f6f7f9;
--accent:#2f6fb7;--right:#2c8a5b;--wrong:#c8553d;--strong:#fff}
@media (prefers-color-scheme:dark){:root{--bg:#16191d;--text:#e6e9ed;--soft:#9aa4b1;--line:#2d333b;
--panel:#1e2329;--accent:#6ea8e6;--right:#4fb884;--wrong:#e8816b;--strong:#111}}
*{box-sizing:border-box}
body{margin:0;background:var(--bg);color:var(--text);font:15px/1.5 system-ui,"Segoe UI",Roboto,"DejaVu Sans",sans-serif}
main{max-width:1060px;margin:0 auto;padding:40px 28px 64px}
h1{font-size:28px;line-height:1.25;margin:0 0 4px}
h2{font-size:21px;margin:48px 0 12px;padding-top:20px;border-top:1px solid var(--line)}
h3{font-size:16px;margin:28px 0 10px}
p{margin:6px 0}
.soft,figcaption,caption{color:var(--soft)}
table{border-collapse:collapse;margin:12px 0}
th,td{padding:6px 14px 6px 0;text-align:left;vertical-align:middle;border-bottom:1px solid var(--line)}
th{font-weight:600;color:var(--soft);font-size:13px}
td.n,th.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
td.big{font-weight:600}
table.small{font-size:13px}table.small td,table.small th{padding:3px 12px 3px 0}
.scroll{overflow-x:auto}
dl{display:grid;grid-template-columns:max-content 1fr;gap:4px 20px;margin:12px 0}
dt{color:var(--soft)}dd{margin:0;overflow-wrap:anywhere}
code,pre{font-family:ui-monospace,"DejaVu Sans Mono",monospace;font-size:13px}
pre{background:var(--panel);border:1px solid var(--line);border-radius:6px;padding:10px 14px;white-space:pre-wrap;overflow-wrap:anywhere}
.protocol{display:grid;grid-template-columns:repeat(auto-fit,minmax(430px,1fr));gap:0 40px}
.protocol dl{font-size:13px;grid-template-columns:150px 1fr}
h4{font-size:14px;margin:16px 0 4px}
details{margin:10px 0}summary{cursor:pointer;color:var(--accent)}
ul{margin:8px 0;padding-left:20px}
.comment{border-left:3px solid var(--accent);padding:2px 0 2px 14px;white-space:pre-wrap;overflow-wrap:anywhere}
table.sortable th{cursor:pointer}th[aria-sort=ascending]:after{content:" \2191"}th[aria-sort=descending]:after{content:" \2193"}
.columns{display:flex;flex-wrap:wrap;gap:12px 40px;align-items:flex-start}
.columns>div{flex:1 1 300px;min-width:0}
a{color:var(--accent)}
figure{margin:0}
.gallery{display:grid;grid-template-columns:repeat(auto-fill,minmax(168px,1fr));gap:14px}
.card{background:var(--panel);border:1px solid var(--line);border-radius:8px;padding:10px;break-inside:avoid;font-size:13px}
.card .picture{height:140px;display:flex;align-items:center;justify-content:center;margin-bottom:8px}
.card img{max-width:100%;max-height:140px;border-radius:4px}
.card .key{color:var(--soft);overflow-wrap:anywhere;font-size:12px}
.card ol{margin:6px 0 0;padding:0;list-style:none}
.card li{display:flex;justify-content:space-between;gap:8px}
.card li span:first-child{overflow-wrap:anywhere}
.card li span:last-child{color:var(--soft);font-variant-numeric:tabular-nums;white-space:nowrap}
.card.two,.card.many{grid-column:span 2}
.card .picture.row{gap:8px}.card.two .picture img{max-width:48%}
.card b.block{display:block;margin-top:8px;color:var(--soft);font-weight:600;font-size:12px}
.members{display:flex;flex-wrap:wrap;gap:14px}.members>div{flex:0 0 168px;min-width:0}
.hit{color:var(--right);font-weight:600}.miss{color:var(--wrong);font-weight:600}
svg{display:block;max-width:100%;height:auto}
svg.bar{display:inline-block;vertical-align:middle}
svg .track{fill:var(--line)}svg .fill{fill:var(--accent)}svg .counts{fill:var(--soft);fill-opacity:.6}
svg .whisker{stroke:var(--text);stroke-width:1.4;fill:none}
svg .chance{stroke:var(--wrong);stroke-width:1.6;stroke-dasharray:3 2;fill:none}
svg .grid{stroke:var(--line);fill:none}svg .diagonal{stroke:var(--text);stroke-dasharray:5 4;fill:none}
svg .line{fill:none;stroke-width:2;stroke-linejoin:round}svg .dashed{stroke-width:1.5;stroke-dasharray:6 4}
svg .band{stroke:none;fill-opacity:.16}svg .dot{stroke:none}
svg .c0{stroke:var(--accent);fill:var(--accent)}svg .c1{stroke:#c8553d;fill:#c8553d}
svg .c2{stroke:#2c8a5b;fill:#2c8a5b}svg .c3{stroke:#8d63c4;fill:#8d63c4}
svg .c4{stroke:#c98a1b;fill:#c98a1b}svg .c5{stroke:#2a9db0;fill:#2a9db0}
svg .grey{stroke:var(--soft);fill:var(--soft)}svg path.line{fill:none}
svg path.dots{fill:none;stroke-width:5;stroke-linecap:round;stroke-opacity:.75}
svg .frame{fill:none;stroke:var(--line)}
svg .m0{stroke:#4477aa}svg .m1{stroke:#ee6677}svg .m2{stroke:#228833}svg .m3{stroke:#ccbb44}svg .m4{stroke:#66ccee}
svg .m5{stroke:#aa3377}svg .m6{stroke:#ee7733}svg .m7{stroke:#009988}svg .m8{stroke:#8f7bd6}svg .m9{stroke:#997700}
svg .good{stroke:var(--right)}svg .bad{stroke:var(--wrong)}
svg .label{fill:var(--soft);font-size:11.5px}
svg .none{fill:var(--panel)}svg .right{fill:var(--right)}svg .wrong{fill:var(--wrong)}
svg .count{fill:var(--text);font-size:10.5px}svg .strong{fill:var(--strong)}
footer{margin-top:56px;padding-top:14px;border-top:1px solid var(--line);color:var(--soft);font-size:13px}
@media print{:root{color-scheme:light;--bg:#fff;--text:#000;--soft:#444;--line:#ccc;--panel:#f5f5f5;
--accent:#2f6fb7;--right:#2c8a5b;--wrong:#c8553d;--strong:#fff}
body{font-size:11pt}main{max-width:none;padding:0}h2{break-before:page}
h3,h4{break-after:avoid}figure,table,svg{break-inside:avoid}*{print-color-adjust:exact;-webkit-print-color-adjust:exact}}
)css";
}

} // namespace diptych::html
