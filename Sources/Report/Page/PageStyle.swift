/// How the page looks: light or dark as the reader's system is, on screens wide and narrow, and on paper.
enum PageStyle {
  /// The style sheet. It holds neither `<` nor `&`, so that the page is XML as well.
  static let sheet: StaticString = """
    :root {
      color-scheme: light dark;
      --page: #f7f8fa; --card: #ffffff; --ink: #17202c; --faint: #566273; --line: #dfe4ea; --grid: #e9edf1;
      --link: #1d5fa8; --good: #1a6e3c; --good-back: #e3f3e8; --bad: #a8231f; --bad-back: #fbe7e5;
      --warn: #7d5300; --warn-back: #fbf0d6; --code: #f0f2f5; --shade: #d9822b; --lease: #0f6a80;
      --c0: #256abf; --c1: #d9591c; --c2: #1baf7a; --c3: #eda100; --c4: #4a3aa7; --c5: #e87ba4; --c6: #008300; --c7: #e34948;
      --o0: #fff; --o1: #000; --o2: #000; --o3: #000; --o4: #fff; --o5: #000; --o6: #fff; --o7: #000;
    }
    @media screen and (prefers-color-scheme: dark) {
      :root {
        --page: #11151b; --card: #1a2029; --ink: #e6eaf0; --faint: #a0abba; --line: #303947; --grid: #27303c;
        --link: #7db5f2; --good: #7fd6a0; --good-back: #17352a; --bad: #ff9d96; --bad-back: #421f22;
        --warn: #f0c674; --warn-back: #3a2f17; --code: #232b36; --shade: #e09b50; --lease: #7fcfe0;
        --c0: #4b95e8; --c1: #e8743c; --c2: #22a57a; --c3: #d09a1f; --c4: #9a90ec; --c5: #dd6f96; --c6: #3f9c3f; --c7: #ec7474;
        --o0: #000; --o1: #000; --o2: #000; --o3: #000; --o4: #000; --o5: #000; --o6: #000; --o7: #000;
      }
    }
    * { box-sizing: border-box; }
    body { margin: 0; background: var(--page); color: var(--ink);
      font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "DejaVu Sans", sans-serif; }
    main, header, nav, footer { max-width: 1040px; margin: 0 auto; padding: 0 20px; }
    header { padding-top: 32px; }
    h1 { font-size: 28px; line-height: 1.2; margin: 0 0 8px; overflow-wrap: anywhere; }
    h2 { font-size: 18px; margin: 0 0 12px; }
    h3 { font-size: 15px; margin: 16px 0 6px; }
    p { margin: 0 0 10px; overflow-wrap: anywhere; }
    a { color: var(--link); }
    .teaches { font-size: 16px; max-width: 78ch; color: var(--faint); }
    nav ul { list-style: none; display: flex; flex-wrap: wrap; gap: 4px 18px; margin: 14px 0; padding: 0; font-size: 14px; }
    section { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 18px 20px; margin: 0 0 16px; }
    .verdict { border-left: 6px solid var(--faint); }
    .verdict.good { border-left-color: var(--good); }
    .verdict.bad { border-left-color: var(--bad); }
    .verdict.open { border-left-color: var(--warn); }
    .verdict h2 { font-weight: 600; }
    .badge { font-size: 13px; letter-spacing: .04em; text-transform: uppercase; padding: 3px 10px; border-radius: 99px; margin-right: 10px; vertical-align: 2px; white-space: nowrap; }
    .good .badge { color: var(--good); background: var(--good-back); }
    .bad .badge { color: var(--bad); background: var(--bad-back); }
    .open .badge { color: var(--warn); background: var(--warn-back); }
    .verdict ul { margin: 0 0 12px; padding-left: 20px; }
    dl.facts { display: grid; grid-template-columns: max-content 1fr; gap: 4px 16px; margin: 0; }
    dl.facts dt { color: var(--faint); }
    dl.facts dd { margin: 0; min-width: 0; overflow-wrap: anywhere; }
    .tiles { display: grid; grid-template-columns: repeat(auto-fill, minmax(150px, 1fr)); gap: 10px; margin: 0 0 18px; }
    .tile { border: 1px solid var(--line); border-radius: 8px; padding: 10px 12px; }
    .tile b { display: block; font-size: 21px; line-height: 1.25; font-weight: 600; font-variant-numeric: tabular-nums; }
    .tile span { color: var(--faint); font-size: 13px; }
    .columns { display: grid; grid-template-columns: repeat(auto-fit, minmax(290px, 1fr)); gap: 4px 32px; align-items: start; }
    .columns > * { min-width: 0; }
    code, pre { font: 13px/1.45 ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; }
    code { background: var(--code); border-radius: 4px; padding: 1px 5px; overflow-wrap: anywhere; }
    pre { background: var(--code); border-radius: 8px; padding: 12px; overflow-x: auto; margin: 10px 0 0; }
    .scroll { overflow-x: auto; }
    table { border-collapse: collapse; width: 100%; font-size: 14px; }
    caption { text-align: left; color: var(--faint); padding-bottom: 4px; font-size: 13px; }
    th, td { text-align: left; vertical-align: top; padding: 5px 12px 5px 0; border-bottom: 1px solid var(--line); }
    th { font-weight: 600; font-size: 13px; color: var(--faint); white-space: nowrap; }
    tbody tr:last-child td { border-bottom: 0; }
    .number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
    td.number:last-child, th.number:last-child { padding-right: 2px; }
    tr:target td { background: var(--warn-back); }
    .kind { white-space: nowrap; }
    .fault .kind { color: var(--warn); }
    .lease .kind { color: var(--lease); }
    .recovery .kind { color: var(--good); }
    .violation .kind, .violation .what { color: var(--bad); font-weight: 600; }
    .note { color: var(--faint); font-size: 13px; margin: 8px 0 0; }
    .broken { border-left: 3px solid var(--bad); padding-left: 14px; margin: 0 0 16px; }
    .broken h3 { margin-top: 0; }
    .broken ol { margin: 0; padding-left: 22px; }
    .broken li { margin-bottom: 6px; overflow-wrap: anywhere; }
    summary { cursor: pointer; font-weight: 600; }
    .unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
    .dense td { white-space: nowrap; } .dense td:last-child { white-space: normal; min-width: 260px; }
    figure { margin: 0; }
    .legend { list-style: none; display: flex; flex-wrap: wrap; gap: 2px 18px; margin: 0 0 6px; padding: 0; font-size: 13px; }
    .legend i { display: inline-block; width: 14px; height: 10px; border-radius: 3px; margin-right: 6px; }
    .legend i.shade { background: var(--shade); opacity: .3; }
    i.b0 { background: var(--c0); } i.b1 { background: var(--c1); } i.b2 { background: var(--c2); } i.b3 { background: var(--c3); }
    i.b4 { background: var(--c4); } i.b5 { background: var(--c5); } i.b6 { background: var(--c6); } i.b7 { background: var(--c7); }
    svg { display: block; width: 100%; height: auto; font: 11px system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif; }
    .dashed { stroke-dasharray: 7 4; }
    i.dashed { -webkit-mask: repeating-linear-gradient(90deg, #000 0 5px, transparent 5px 9px);
      mask: repeating-linear-gradient(90deg, #000 0 5px, transparent 5px 9px); }
    .narrow { display: none; }
    .label { fill: var(--faint); font-size: 11px; }
    .strong { fill: var(--ink); font-weight: 600; }
    .grid { stroke: var(--grid); } .axis { stroke: var(--faint); }
    rect.shade { fill: var(--shade); fill-opacity: .13; }
    .strip { fill: var(--shade); fill-opacity: .3; }
    .mark { stroke: var(--ink); stroke-width: 1.2; stroke-dasharray: 4 3; }
    .hint { fill: transparent; } .hint:hover { fill: var(--ink); fill-opacity: .07; }
    .curve { fill: none; stroke-width: 2; stroke-linejoin: round; stroke-linecap: round; }
    .curve.c0 { stroke: var(--c0); } .curve.c1 { stroke: var(--c1); } .curve.c2 { stroke: var(--c2); } .curve.c3 { stroke: var(--c3); }
    .curve.c4 { stroke: var(--c4); } .curve.c5 { stroke: var(--c5); } .curve.c6 { stroke: var(--c6); } .curve.c7 { stroke: var(--c7); }
    .bar.c0 { fill: var(--c0); } .bar.c1 { fill: var(--c1); } .bar.c2 { fill: var(--c2); } .bar.c3 { fill: var(--c3); }
    .bar.c4 { fill: var(--c4); } .bar.c5 { fill: var(--c5); } .bar.c6 { fill: var(--c6); } .bar.c7 { fill: var(--c7); }
    .on { font-size: 11px; }
    .o0 { fill: var(--o0); } .o1 { fill: var(--o1); } .o2 { fill: var(--o2); } .o3 { fill: var(--o3); }
    .o4 { fill: var(--o4); } .o5 { fill: var(--o5); } .o6 { fill: var(--o6); } .o7 { fill: var(--o7); }
    footer { color: var(--faint); font-size: 13px; padding-bottom: 32px; }
    @media (max-width: 640px) {
      main, header, nav, footer { padding-left: 12px; padding-right: 12px; }
      header { padding-top: 20px; }
      section { padding: 14px; }
      h1 { font-size: 23px; }
      .wide { display: none; }
      .narrow { display: block; }
      dl.facts { grid-template-columns: 1fr; gap: 0; }
      dl.facts dd { margin-bottom: 8px; }
      .tiles { grid-template-columns: repeat(2, 1fr); }
      .dense td:last-child { min-width: 440px; }
    }
    @media print {
      :root { --page: #fff; --card: #fff; --ink: #000; --faint: #444; --line: #ccc; --grid: #e4e4e4; }
      * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
      nav { display: none; }
      section { border: 0; padding: 0; break-inside: auto; }
      .verdict { border-left-style: solid; border-left-width: 6px; padding-left: 14px; }
      .dense td { white-space: normal; overflow-wrap: anywhere; }
      figure, .broken, tr, .tiles { break-inside: avoid; }
      h2, h3 { break-after: avoid; }
      .scroll { overflow: visible; }
    }
    """
}
