/// The style sheet of every page: light and dark, wide and narrow, screen and paper.
///
/// Each place of loss has one colour. The colours can be told apart with the usual deficiencies of
/// colour vision (after Okabe and Ito 2008, darkened to a contrast of 3:1 with the page), and words
/// stand beside them everywhere. Networks have colours of their own (after Tol 2021, "muted").
enum PageStyle {
    static let sheet = Markup.style(
        """
        \
        :root{color-scheme:light dark;--page:#fbfbf9;--raised:#fff;--ink:#15181c;--soft:#566069;\
        --line:#dcdfdc;--grid:#e9ebe8;--band:#d3e2f0;--answer:#0b5394;\
        --network:#c8420a;--injected:#a87400;--receivers:#b0478a;--late:#00806a;--outage:#2b3036;\
        --responder:#7d5a3c;--host:#7c858d;--unknown:#9aa2a8;\
        --pass:#17734f;--fail:#b3261e;--unsure:#8a5a00;--invalid:#7a3b9e;\
        --n0:#33409a;--n1:#1f7a5c;--n2:#8c2a5e;--n3:#6f6f12;--n4:#1c7f99;--n5:#7a4b1e;\
        --h0:#e3eaf2;--h1:#c3d5e8;--h2:#97b8d8;--h3:#6394c1;--h4:#306ea5;--h5:#0b4175}
        @media (prefers-color-scheme:dark){:root{--page:#121518;--raised:#191d21;--ink:#e7eaec;\
        --soft:#a2abb3;--line:#30363c;--grid:#252b30;--band:#22384d;--answer:#79b4ea;\
        --network:#ff7a3d;--injected:#e3a92b;--receivers:#e58bc3;--late:#3fc3a6;--outage:#d5dadf;\
        --responder:#c99a73;--host:#98a1a9;--unknown:#737b82;\
        --pass:#4cc38a;--fail:#ff7b72;--unsure:#e3b341;--invalid:#cf9cf0;\
        --n0:#9aa6ff;--n1:#5ec9a0;--n2:#f08abb;--n3:#cfcf55;--n4:#62c8e0;--n5:#d9a26c;\
        --h0:#1b2733;--h1:#223c55;--h2:#2b5880;--h3:#3a7bb1;--h4:#69a8dc;--h5:#b9dcfb}}
        *{box-sizing:border-box}
        body{margin:0;background:var(--page);color:var(--ink);\
        font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans","DejaVu Sans",sans-serif;\
        font-variant-numeric:tabular-nums;-webkit-text-size-adjust:100%}
        main{max-width:1120px;margin:0 auto;padding:40px 40px 64px}
        h1{font-size:30px;line-height:1.2;font-weight:650;letter-spacing:-.01em;margin:0;overflow-wrap:anywhere}
        h2{font-size:22px;line-height:1.25;font-weight:650;margin:56px 0 8px;overflow-wrap:anywhere}
        h3{font-size:16px;font-weight:650;margin:0}
        p{margin:0}
        ul{margin:8px 0;padding-left:20px}
        li{margin:2px 0;overflow-wrap:anywhere}
        .eyebrow{color:var(--soft);font-size:13px;margin-bottom:4px}
        .facts{color:var(--soft);font-size:13px;margin-top:8px;display:flex;flex-wrap:wrap;gap:2px 20px}
        .soft,.note,.caption,.interval,.sender,footer{color:var(--soft)}
        .note,.notes,.caption,.missing,footer{font-size:13px}
        .missing{color:var(--soft);font-style:italic;margin:8px 0}
        .caption{max-width:72ch;margin:2px 0 16px}
        .verdict{margin:24px 0 8px;padding:18px 22px;background:var(--raised);\
        border:1px solid var(--line);border-left:6px solid var(--v);border-radius:6px}
        .word{color:var(--v);font-weight:700;font-size:22px;line-height:1.2}
        .mark{margin-right:.4em}
        .deciding{font-size:17px;margin-top:4px;overflow-wrap:anywhere}
        .verdict ul,.verdict details{font-size:14px}
        .notices{color:var(--soft)}
        .v-pass{--v:var(--pass)}.v-fail{--v:var(--fail)}.v-inconclusive,.v-incomplete{--v:var(--unsure)}\
        .v-invalid{--v:var(--invalid)}.v-aborted,.v-none{--v:var(--soft)}
        .sign{display:inline-block;width:17px;height:17px;line-height:16px;border-radius:4px;\
        text-align:center;font-size:11px;font-weight:700;color:var(--v);border:1px solid var(--v);margin-right:2px}
        .signs{display:inline-flex;flex-wrap:wrap;gap:2px;max-width:164px}
        .headline{font-size:18px;line-height:1.4;max-width:70ch;overflow-wrap:anywhere}
        .trust{margin:6px 0 16px;color:var(--soft);max-width:86ch;overflow-wrap:anywhere}
        table{border-collapse:collapse;width:100%;margin:8px 0}
        th,td{text-align:left;vertical-align:top;padding:9px 14px 9px 0;border-bottom:1px solid var(--line)}
        thead th{font-weight:500;font-size:12.5px;color:var(--soft);padding-top:0;padding-bottom:6px;white-space:nowrap}
        tbody th{font-weight:650;overflow-wrap:anywhere}
        td .interval,.sender{display:block;font-size:12.5px;font-weight:400}
        .verdict + table,.matrix{margin-top:28px}
        .matrix td{white-space:nowrap}
        .matrix tr.scenario td{white-space:normal;padding:30px 0 8px}
        .matrix .scenario h2{margin:0 0 4px}
        .matrix .scenario .trust{margin:4px 0 2px}
        .matrix td.c3{width:26%;min-width:190px;white-space:normal}
        .matrix td.c2 data{font-weight:650}
        .matrix td.c8{white-space:normal}
        .limited td{color:var(--soft)}
        .warn{color:var(--unsure);font-weight:650}
        .none{color:var(--soft)}
        .bar{display:block;border-radius:2px;margin:6px 0 4px}
        .parts{display:flex;flex-wrap:wrap;gap:0 14px;font-size:12.5px;color:var(--soft)}
        .legend{margin:4px 0 8px}
        .swatch{display:inline-block;width:9px;height:9px;border-radius:2px;margin-right:5px}
        .p-network{fill:var(--network);background:var(--network)}\
        .p-injected{fill:var(--injected);background:var(--injected)}\
        .p-receivers{fill:var(--receivers);background:var(--receivers)}\
        .p-late{fill:var(--late);background:var(--late)}\
        .p-outage{fill:var(--outage);background:var(--outage)}\
        .p-responder{fill:var(--responder);background:var(--responder)}\
        .p-host{fill:var(--host);background:var(--host)}\
        .p-unknown{fill:var(--unknown);background:var(--unknown)}
        .figure{margin:32px 0 40px}
        svg{display:block}
        svg text{fill:var(--ink);font-size:12px}
        svg text.soft,svg text.tick,svg text.event-name,svg text.gate-name{fill:var(--soft);font-size:11.5px}
        svg text.small{font-size:11px}
        svg .count{font-weight:650}
        .defs{position:absolute}
        .hatch-line{fill:var(--host);opacity:.55}
        .rivers{display:grid;grid-template-columns:repeat(auto-fill,minmax(310px,1fr));gap:28px 28px}
        .trends{display:grid;grid-template-columns:repeat(auto-fill,minmax(300px,1fr));gap:28px}
        .pair{display:grid;grid-template-columns:350px 1fr;gap:0 40px}
        .multiple{margin:0;max-width:400px}
        figcaption{border-top:2px solid var(--ink);padding:4px 0 8px}
        .river{width:100%;height:auto;overflow:visible}
        .band{fill:var(--band)}
        .fine{stroke:currentColor;stroke-width:.9}
        .fine.p-network{stroke:var(--network)}.fine.p-injected{stroke:var(--injected)}\
        .fine.p-receivers{stroke:var(--receivers)}.fine.p-late{stroke:var(--late)}\
        .fine.p-outage{stroke:var(--outage)}.fine.p-responder{stroke:var(--responder)}\
        .fine.p-host{stroke:var(--host)}
        .frame{padding:4px 8px 4px 64px}
        .frame.flush{padding:2px 0}
        .frame.names-right{padding-right:132px}
        .frame.names-left{padding-left:132px}
        .frame.names-left.names-right{padding-right:200px}
        .plot{overflow:visible}
        .stretch{overflow:hidden}
        .stretch path{vector-effect:non-scaling-stroke}
        .grid{stroke:var(--grid);stroke-width:1}
        .zero{stroke:var(--soft);stroke-width:1}
        .end{text-anchor:end}.middle{text-anchor:middle}
        .curve{fill:none;stroke:var(--n);stroke-width:2;stroke-linejoin:round}
        .bundle{fill:none;stroke:var(--n);stroke-width:1;opacity:.22}
        circle.end{fill:var(--n)}
        svg text.name{font-weight:600}
        svg text[class*="name n"]{fill:var(--n)}
        .n0{--n:var(--n0)}.n1{--n:var(--n1)}.n2{--n:var(--n2)}.n3{--n:var(--n3)}.n4{--n:var(--n4)}.n5{--n:var(--n5)}
        .gate{stroke:var(--fail);stroke-width:1.2;stroke-dasharray:5 4}
        .gate.mark{stroke-dasharray:none;stroke-width:2}
        svg text.gate-name{fill:var(--fail)}
        .panel{margin:0 0 20px}
        .panel-title,.strip-title{font-size:13.5px;margin:0 0 4px}
        .run{fill:var(--ink);opacity:.42}
        .reach{stroke:var(--c);stroke-width:5;opacity:.45}
        .cap{stroke:var(--c);stroke-width:1.5}
        .estimate{stroke:var(--c);stroke-width:2.5}
        .run{--c:var(--ink)}
        .c-worse{--c:var(--fail)}.c-better{--c:var(--pass)}.c-same{--c:var(--answer)}\
        .c-no_conclusion{--c:var(--host)}
        circle.run{fill:var(--c)}
        svg text.words{fill:var(--c,var(--soft))}
        svg text.c-worse,svg text.c-better{font-weight:650}
        .strip{margin:14px 0 4px}
        .received{fill:var(--band)}
        .sent{fill:none;stroke:var(--answer);stroke-width:1.6}
        svg text.sent-name{fill:var(--answer)}svg text.received-name,svg text.limit-name{fill:var(--soft)}
        .limit{fill:url(#hatch)}
        .event{stroke:var(--ink);stroke-width:1;stroke-dasharray:2 3}
        .delay-band{fill:var(--band)}
        .delay-line{fill:none;stroke:var(--answer);stroke-width:1.6}
        .h0{fill:var(--h0)}.h1{fill:var(--h1)}.h2{fill:var(--h2)}.h3{fill:var(--h3)}.h4{fill:var(--h4)}.h5{fill:var(--h5)}
        .life-row{margin:10px 0 2px;font-size:13px}
        .life{fill:var(--band)}
        .gap{fill:var(--page);stroke:var(--outage);stroke-width:1}
        .death{stroke:var(--fail);stroke-width:2.5}
        .reset{fill:none;stroke:var(--network);stroke-width:1.2}
        .bracket{stroke:var(--fail);stroke-width:1.6}
        .bracket.recovery{stroke:var(--pass)}
        .range{stroke:var(--answer);stroke-width:4;opacity:.35}
        .median{fill:var(--answer)}
        .median.changed{fill:var(--network)}
        svg text.changed-name{fill:var(--network);font-weight:650}
        .trend-line{fill:none;stroke:var(--answer);stroke-width:1;opacity:.6}
        details{margin:8px 0}
        details.time{border-top:1px solid var(--line);padding:10px 0 0;margin:0 0 14px}
        summary{cursor:pointer;padding:4px 0;overflow-wrap:anywhere}
        .all-runs{margin-top:48px}
        .runs td,.runs th{font-size:14px}
        .runs td{overflow-wrap:anywhere}
        .runs tbody th{white-space:nowrap;font-weight:500}
        .runs .wide{width:46%}
        .trials tbody th{width:1%}.trials .wide{width:auto}
        .trial{width:24%}
        .change{margin-top:4px}
        .gate-result{display:block}
        .gate-result.broken{color:var(--fail);font-weight:600}
        .gate-result.holds,.gate-result.open{color:var(--soft)}
        .tally{display:flex;flex-wrap:wrap;gap:4px 24px;margin:12px 0}
        .tally span{color:var(--v)}
        .tally strong{font-size:22px}
        footer{margin-top:48px;padding-top:12px;border-top:1px solid var(--line);overflow-wrap:anywhere}
        @media screen and (max-width:760px){main{padding:20px 16px 40px}
        h1{font-size:24px}h2{margin-top:40px}.headline{font-size:16.5px}
        .frame{padding-left:54px}.frame.names-right{padding-right:86px}
        .frame.names-left{padding-left:86px}.frame.names-left.names-right{padding-right:104px}.frame.flush{padding:2px 0}
        .frame svg text.words{font-size:11px}
        .matrix,.matrix tbody,.runs,.runs tbody{display:block}.matrix thead,.runs thead{display:none}
        .matrix tr{display:grid;grid-template-columns:repeat(3,1fr);gap:8px 12px;padding:14px 0;border-bottom:1px solid var(--line)}
        .matrix th,.matrix td{border:0;padding:0;white-space:normal}
        .matrix th,.matrix td.c3,.matrix .scenario td{grid-column:1/-1;width:auto}
        .matrix td.c1,.matrix td.c8{grid-column:span 2}.matrix tr.scenario td{padding:20px 0 0}
        .matrix tr.scenario{border-bottom:0;padding-bottom:0}.matrix .scenario td::before{display:none}
        .matrix td::before{content:attr(data-head);display:block;font-size:11.5px;color:var(--soft)}
        .runs tr{display:block;padding:10px 0;border-bottom:1px solid var(--line)}
        .runs th,.runs td{display:block;border:0;padding:1px 0;width:auto!important}
        .score,.score tbody{display:table}.score tr{display:table-row}.score th,.score td{display:table-cell;padding-right:10px}
        .rivers,.trends,.pair{grid-template-columns:1fr}}
        @media print{:root{color-scheme:light}body{font-size:11px;background:#fff}
        main{max-width:none;padding:0}th,td{padding:5px 8px 5px 0}h1{font-size:22px}h2{font-size:16px;margin-top:24px}\
        .headline,.deciding{font-size:13px}.matrix td.c3{min-width:120px}.matrix td.c1{white-space:normal}\
        .rivers{grid-template-columns:repeat(3,1fr);gap:16px}.trends{grid-template-columns:repeat(3,1fr);gap:12px}\
        .pair{grid-template-columns:230px 1fr;gap:0 24px}.figure{margin:16px 0 20px}
        .multiple,.panel,.frame,.strip,tr,.verdict{break-inside:avoid}
        h2,h3,.caption,summary{break-after:avoid}
        *{-webkit-print-color-adjust:exact;print-color-adjust:exact}}
        """)
}
