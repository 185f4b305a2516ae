"""How the desks look: one set of colours for light, one for dark, all pairs of AA contrast, no outside asset."""

from __future__ import annotations

COLOURS = """
:root {
  --bg: #f3f5f8; --surface: #ffffff; --sunken: #e9edf2; --ink: #17202c; --soft: #4d5a6b; --line: #cbd3dd;
  --accent: #175199; --on-accent: #ffffff; --tint: #e3edf9; --focus: #175199;
  --amber: #7a4a00; --on-amber: #fff1d6; --red: #a11d17; --on-red: #fdeae8; --green: #14603a; --on-green: #e0f3e8;
}
:root[data-theme="dark"] {
  --bg: #10151b; --surface: #181f28; --sunken: #222b36; --ink: #e7ebf1; --soft: #a9b5c4; --line: #394553;
  --accent: #8abaff; --on-accent: #08213f; --tint: #1c3049; --focus: #8abaff;
  --amber: #ffcb6b; --on-amber: #3a2b0d; --red: #ffa79f; --on-red: #46201d; --green: #86dba6; --on-green: #15351f;
}
"""

BASE = """
html, body { background: var(--bg); }
body, #app { color: var(--ink); font: 14px/1.45 "Segoe UI", "Helvetica Neue", "PingFang TC", "Microsoft JhengHei",
  "Noto Sans CJK TC", "Noto Sans", Arial, sans-serif; }
.nicegui-content { padding: 0; gap: 0; align-items: stretch; }
.nicegui-header.top { background: var(--surface); color: var(--ink); border-bottom: 1px solid var(--line);
  flex-direction: row; flex-wrap: wrap; align-items: center; gap: 4px 16px; padding: 6px 16px; box-shadow: none; }
h1, h2, h3 { font-weight: 600; margin: 0; line-height: 1.3; letter-spacing: 0; }
h1 { font-size: 18px; } h2 { font-size: 15px; } h3 { font-size: 13px; color: var(--soft); }
details > * { box-sizing: border-box; } p { margin: 0; } ul, ol { margin: 0; padding: 0; list-style: none; }
a { color: var(--accent); } code, .mono { font-family: "SF Mono", Consolas, "DejaVu Sans Mono", monospace;
  font-size: 13px; }
.soft { color: var(--soft); }
.small { font-size: 12px; }
.strong { font-weight: 600; }
.wrap { overflow-wrap: anywhere; }
.right { text-align: right; } .num { font-variant-numeric: tabular-nums; }
:focus-visible { outline: 3px solid var(--focus) !important; outline-offset: 2px; }
.skip { position: absolute; left: -999px; } .skip:focus { position: fixed; left: 8px; top: 8px; z-index: 9999;
  background: var(--surface); padding: 8px 12px; }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
"""

SHELL = """
.brand { font-weight: 700; font-size: 15px; text-decoration: none; color: var(--ink); }
.desks { display: flex; gap: 2px; overflow-x: auto; flex: 1 1 auto; }
.desks a { display: flex; gap: 6px; align-items: center; padding: 7px 12px; border-radius: 6px; text-decoration: none;
  color: var(--soft); white-space: nowrap; }
.desks a:hover { background: var(--sunken); color: var(--ink); }
.desks a[aria-current] { background: var(--tint); color: var(--accent); font-weight: 600; }
.desks .q-icon { font-size: 18px; }
.who { display: flex; gap: 4px; align-items: center; margin-left: auto; }
.who a, .who button.flat { padding: 6px 8px; border-radius: 6px; border: 0; background: none; color: var(--soft);
  text-decoration: none; font: inherit; cursor: pointer; }
.who a.narrow { display: none; }
.who a:hover, .who button.flat:hover { background: var(--sunken); color: var(--ink); }
.page { padding: 14px 16px 40px; width: 100%; max-width: 1360px; margin: 0 auto; display: flex; flex-direction: column;
  gap: 12px; outline: 0 !important; }
.notice { padding: 9px 12px; border-radius: 6px; border: 1px solid currentColor; display: flex; gap: 8px; }
.notice:empty, .card:empty { display: none; }
.page > .notice { position: sticky; top: 8px; z-index: 5; }
.notice.ok { color: var(--green); background: var(--on-green); }
.notice.no { color: var(--red); background: var(--on-red); }
.notice.warn { color: var(--amber); background: var(--on-amber); }
.notice.info { color: var(--accent); background: var(--tint); }
.banners { display: flex; flex-direction: column; gap: 8px; padding: 12px 16px 0; width: 100%; max-width: 1360px;
  margin: 0 auto; } .banners:empty { display: none; }
.banner { flex-wrap: wrap; gap: 2px 12px; align-items: baseline; }
.banner .said { flex: 1 1 320px; color: var(--ink); max-height: 7.5em; overflow-y: auto; white-space: pre-line; }
.desks.pages { flex: none; order: 0; } .desks.pages a { padding: 6px 12px; }
.qr { width: 220px; max-width: 100%; background: #fff; border-radius: 6px; padding: 6px; }
.codes { display: grid; grid-template-columns: repeat(auto-fill, minmax(250px, 1fr)); gap: 4px 14px; }
.sign { max-width: 360px; margin: 9vh auto 0; width: calc(100% - 32px); } .sign .btn { justify-content: center; }
.nicegui-error-popup { background: var(--on-red) !important; color: var(--red) !important;
  border: 1px solid currentColor; }
@media (min-width: 701px) and (max-width: 1500px) {
  .desks:has(a:nth-child(9)) a { padding: 7px 9px; } .desks:has(a:nth-child(9)) .q-icon { display: none; }
}
@media (max-width: 700px) {
  .nicegui-header.top { padding: 4px 10px; gap: 2px 8px; } .desks { order: 3; flex-basis: 100%; }
  .desks a { padding: 10px 12px; } .page { padding: 10px 10px 48px; }
  .who a.id { display: none; } .who a.narrow { display: inline; }
  .who a, .who button.flat { padding: 10px 8px; } .banners { padding: 10px 10px 0; }
  .desks.pages { order: 0; } .desks.pages a { padding: 10px 12px; }
}
"""

PARTS = """
.card { background: var(--surface); border: 1px solid var(--line); border-radius: 8px; padding: 12px 14px;
  display: flex; flex-direction: column; gap: 8px; min-width: 0; }
.bar { display: flex; flex-wrap: wrap; gap: 8px; align-items: center; } .bar .grow { flex: 1 1 auto; }
.bar.end { align-items: flex-end; } .bar:empty { display: none; }
.filters { display: flex; flex-wrap: wrap; gap: 8px; align-items: flex-end; }
.spread { display: flex; gap: 8px; justify-content: space-between; align-items: baseline; }
.card > .chip, .stack > .chip { align-self: flex-start; }
.stack:empty, .line-list:empty { display: none; }
.parted { border-top: 1px solid var(--line); padding-top: 10px; }
.stack { display: flex; flex-direction: column; gap: 8px; min-width: 0; } .tight { gap: 2px; }
.btn { font: inherit; font-weight: 600; padding: 7px 13px; border-radius: 6px; border: 1px solid var(--line);
  background: var(--surface); color: var(--ink); cursor: pointer; display: inline-flex; gap: 7px; align-items: center;
  text-decoration: none; min-height: 36px; }
.spread > .btn { flex: none; }
.btn:hover { background: var(--sunken); } .btn[disabled] { opacity: .55; cursor: default; }
.btn.primary { background: var(--accent); border-color: var(--accent); color: var(--on-accent); }
.btn.primary:hover { filter: brightness(1.08); }
.btn.danger { color: var(--red); border-color: var(--red); } .btn.danger:hover { background: var(--on-red); }
.btn kbd { font-size: 11px; border: 1px solid currentColor; border-radius: 4px; padding: 0 4px; line-height: 16px; }
.field { display: flex; flex-direction: column; gap: 3px; min-width: 0; }
.field > label { font-size: 12px; color: var(--soft); }
.field input, .field select, .field textarea { font: inherit; color: var(--ink); background: var(--surface);
  border: 1px solid #7b8794; border-radius: 6px; padding: 7px 9px; min-height: 36px; width: 100%; }
.field textarea { min-height: 68px; resize: vertical; }
.checks { display: flex; flex-wrap: wrap; gap: 6px 14px; }
fieldset.checks { border: 0; margin: 0; padding: 4px 0; }
.checks label { display: flex; gap: 6px; align-items: center; }
.checks input { width: 18px; height: 18px; accent-color: var(--accent); }
.chip { display: inline-flex; gap: 5px; align-items: center; padding: 1px 8px; border-radius: 10px; font-size: 12px;
  background: var(--sunken); color: var(--ink); white-space: nowrap; }
.chip.amber { background: var(--on-amber); color: var(--amber); }
.chip.red { background: var(--on-red); color: var(--red); }
.chip.green { background: var(--on-green); color: var(--green); }
.chip.blue { background: var(--tint); color: var(--accent); }
.clock { font-variant-numeric: tabular-nums; font-weight: 600; white-space: nowrap; }
.clock[data-state="soon"] { color: var(--amber); } .clock[data-state="passed"] { color: var(--red); }
.clock[data-state="soon"]::before, .clock[data-state="passed"]::before { content: "● "; font-size: 9px;
  vertical-align: 2px; }
.empty { text-align: center; padding: 28px 12px; color: var(--soft); }
.facts { display: grid; grid-template-columns: max-content 1fr; gap: 3px 14px; margin: 0; }
.facts dt { color: var(--soft); }
.facts dd { margin: 0; overflow-wrap: anywhere; }
table.grid { border-collapse: collapse; width: 100%; }
.grid th { text-align: left; font-size: 12px; color: var(--soft);
  font-weight: 500; padding: 3px 8px 3px 0; border-bottom: 1px solid var(--line); }
.grid td { padding: 5px 8px 5px 0; border-bottom: 1px solid var(--line); vertical-align: top;
  overflow-wrap: anywhere; }
.grid tr:last-child td { border-bottom: 0; } .grid .right { text-align: right; }
.two { display: grid; grid-template-columns: minmax(0, 1fr) minmax(0, 1fr); gap: 12px; align-items: start; }
.side { display: grid; grid-template-columns: minmax(0, 1.55fr) minmax(0, 1fr); gap: 12px; align-items: start; }
.split { display: grid; grid-template-columns: minmax(300px, 400px) minmax(0, 1fr); gap: 12px; align-items: start; }
.rows-side { position: sticky; top: 7px; max-height: calc(100vh - 14px); overflow-y: auto; padding: 5px; margin: -5px; }
.rows { display: flex; flex-direction: column; background: var(--surface); border: 1px solid var(--line);
  border-radius: 8px; overflow: hidden; }
.row-item { font: inherit; text-align: left; color: var(--ink); background: none; border: 0;
  border-bottom: 1px solid var(--line);
  border-left: 4px solid transparent; padding: 8px 12px 8px 10px; display: flex; flex-direction: column; gap: 2px;
  cursor: pointer; text-decoration: none; width: 100%; }
.row-item:last-child { border-bottom: 0; } .row-item:hover { background: var(--sunken); }
.row-item[aria-current="true"] { background: var(--tint); border-left-color: var(--accent); }
.row-item:focus-visible { outline-offset: -3px; }
.ticked { display: flex; align-items: stretch; border-bottom: 1px solid var(--line); }
.ticked:last-child { border-bottom: 0; }
.ticked > .checks { padding: 0 0 0 10px; flex: none; } .ticked > .checks label { cursor: pointer; min-width: 28px; }
.ticked > .checks span { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
.ticked > .row-item { border-bottom: 0; flex: 1; min-width: 0; }
.more-filters > summary { cursor: pointer; padding: 8px 0 6px; width: max-content; }
.entry { border-bottom: 1px solid var(--line); } .entry:last-child { border-bottom: 0; }
.entry > summary { list-style: none; box-sizing: border-box; border-bottom: 0; }
.entry > summary > .spread::after { content: "+"; color: var(--soft); width: 12px; text-align: center; flex: none; }
.entry[open] > summary > .spread::after { content: "−"; } .entry > summary .spread > .bar { flex: 1; min-width: 0; }
.entry > .inside { padding: 10px 14px 14px; background: var(--sunken); } .entry time { white-space: nowrap; }
.stays { position: sticky; top: 12px; }
.rights-grid { display: grid; grid-template-columns: repeat(auto-fill, minmax(270px, 1fr)); gap: 0 20px; }
.rights-grid li { border-top: 1px solid var(--line); padding: 5px 0; }
.preview { max-height: 180px; overflow-y: auto; } progress { width: 100%; accent-color: var(--accent); }
.line-list li { border-top: 1px solid var(--line); padding: 7px 0; }
.line-list li:first-child { border-top: 0; padding-top: 0; }
.story li { display: grid; grid-template-columns: 118px minmax(0, 1fr); gap: 10px; padding: 5px 0; }
.only-narrow { display: none; }
@media (max-width: 900px) {
  .two, .side, .split { grid-template-columns: minmax(0, 1fr); } .split.chosen > .rows-side { display: none; }
  .rows-side { position: static; max-height: none; overflow: visible; }
  .split:not(.chosen) > .detail-side { display: none; } .only-narrow { display: inline-flex; }
  .filters { display: grid; grid-template-columns: minmax(0, 1fr) minmax(0, 1fr); }
  .filters .field:has([type="datetime-local"]) { grid-column: 1 / -1; }
  .btn { min-height: 44px; } .field input, .field select { min-height: 44px; font-size: 16px; }
  .story li { grid-template-columns: minmax(0, 1fr); gap: 0; }
}
"""

SCANNER = """
.tabs { display: flex; gap: 4px; border-bottom: 1px solid var(--line); overflow-x: auto; }
.tabs button { font: inherit; border: 0; background: none; color: var(--soft); padding: 8px 12px; cursor: pointer;
  border-bottom: 3px solid transparent; white-space: nowrap; min-height: 44px; }
.tabs button[aria-selected="true"] { color: var(--accent); border-bottom-color: var(--accent); font-weight: 600; }
.verdict { border-radius: 10px; padding: 16px; text-align: center; display: flex; flex-direction: column; gap: 4px;
  border: 2px solid var(--line); background: var(--surface); min-height: 112px; justify-content: center; }
.verdict .word { font-size: 30px; font-weight: 700; line-height: 1.15; }
.verdict .mark { font-size: 34px; line-height: 1; }
.verdict.right-one { background: var(--on-green); color: var(--green); border-color: currentColor;
  text-align: center; }
.verdict.wrong-one { background: var(--on-red); color: var(--red); border-color: currentColor; }
.scan input { font-size: 20px !important; min-height: 56px !important; border-width: 2px !important; }
.scan .field > label { font-size: 15px; font-weight: 600; color: var(--ink); }
.next-line { border-color: var(--accent) !important; background: var(--tint) !important; }
.bin { font-size: 20px; font-weight: 700; font-family: Consolas, "DejaVu Sans Mono", monospace; }
.pick-line.done-line { color: var(--soft); }
.label-frame { width: 100%; height: 480px; border: 1px solid var(--line); border-radius: 6px; background: #fff; }
.handheld { max-width: 720px; margin: 0 auto; width: 100%; }
"""

TRACK = """
.track { max-width: 640px; gap: 14px; }
.track .bar.who { gap: 4px; }
.track-next { font-size: 20px; font-weight: 600; line-height: 1.35; }
.track-head h1 { font-size: 14px; font-weight: 400; }
.track-steps { display: grid; grid-template-columns: repeat(5, minmax(0, 1fr)); gap: 4px; padding: 6px 0; }
.track-steps li { border-top: 6px solid var(--line); border-radius: 3px; padding-top: 6px; font-size: 12px;
  color: var(--soft); overflow-wrap: anywhere; }
.track-steps li.done { border-top-color: var(--accent); color: var(--ink); }
.track-steps li[aria-current] { font-weight: 700; color: var(--accent); }
.track-trace li { display: flex; flex-direction: column; border-left: 2px solid var(--line); margin-left: 6px;
  padding: 0 0 12px 16px; position: relative; }
.track-trace li::before { content: ""; position: absolute; left: -6px; top: 5px; width: 10px; height: 10px;
  border-radius: 5px; background: var(--line); }
.track-trace li:first-child { font-weight: 600; } .track-trace li:first-child::before { background: var(--accent); }
.track-trace li:last-child { padding-bottom: 0; }
.track > .stack { gap: 14px; } .track-trace { padding-top: 6px; }
.track-text { border-top: 1px solid var(--line); } .track-text p { padding-bottom: 8px; }
.track-text summary { cursor: pointer; padding: 12px 0; font-weight: 600; display: flex; gap: 8px;
  justify-content: space-between; }
.track-text summary::after { content: "+"; color: var(--soft); } .track-text[open] summary::after { content: "−"; }
"""

BOARD = """
.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(170px, 1fr)); gap: 12px; }
.figures h2 { font-weight: 400; font-size: 12px; }
.figure { font-size: 20px; font-weight: 600; overflow-wrap: anywhere; }
.grid-around { overflow-x: auto; } .board-table summary { cursor: pointer; padding: 8px 0; color: var(--accent); }
.grid tbody th { color: var(--ink); font-size: 14px; font-weight: 400; padding: 5px 8px 5px 0; vertical-align: top; }
.grid tbody tr:last-child th { border-bottom: 0; }
.grid .meter-cell { width: 40%; min-width: 120px; } .grid th.right { text-align: right; }
.grid .right + td:not(.right), .grid .right + th:not(.right) { padding-left: 12px; }
.grid td.right.num { white-space: nowrap; } .grid th { word-break: keep-all; overflow-wrap: normal; }
.meter { height: 8px; border-radius: 4px; background: var(--sunken); overflow: hidden; margin-top: 3px; }
.meter > div { height: 100%; background: var(--accent); } .meter.told > div { background: var(--amber); }
@media (max-width: 700px) {
  .figures { grid-template-columns: minmax(0, 1fr) minmax(0, 1fr); gap: 8px; }
  .filters > .filters { grid-column: 1 / -1; }
  .figures > :first-child { grid-column: 1 / -1; } .grid .meter-cell { min-width: 96px; }
  .folds, .folds tbody, .folds tr, .folds td, .folds th[scope="row"] { display: block; } .folds thead { display: none; }
  .folds td { display: flex; gap: 12px; justify-content: space-between; text-align: right; border: 0;
    padding: 2px 0 !important; }
  .folds td::before { content: attr(data-head); color: var(--soft); text-align: left; flex: none; }
  .folds tbody th[scope="row"] { border: 0; padding: 8px 0 2px; }
  .folds tr + tr { border-top: 1px solid var(--line); margin-top: 6px; padding-top: 2px; }
}
"""

CSS = COLOURS + BASE + SHELL + PARTS + SCANNER + TRACK + BOARD
