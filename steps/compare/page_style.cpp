#include "compare/page_parts.hpp"

namespace slipway::compare {

namespace {

// Orange and blue are told apart by nearly everybody; the shapes by all.
constexpr std::string_view style_1 = R"(:root {
  --paper: #fbfaf7; --card: #ffffff; --ink: #1d2330; --soft: #5b6475;
  --line: #dcdad2; --band: #f1efe8;
  --open: #c2410c; --open-wash: #fdeadd; --limited: #a16207;
  --limited-wash: #fbf3d5; --closed: #1d5fa8; --nothing: #8a909c;
  --error: #8b1d8f; --wall: #1d5fa8;
}
@media screen and (prefers-color-scheme: dark) {
  :root {
    --paper: #14171d; --card: #1b1f27; --ink: #e8e6e0; --soft: #a3abb9;
    --line: #323844; --band: #232833;
    --open: #ff9a5c; --open-wash: #3b2518; --limited: #e7c14e;
    --limited-wash: #352e16; --closed: #74b2f5; --nothing: #7d8594;
    --error: #e08ae4; --wall: #74b2f5;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0 auto; padding: 2rem clamp(.8rem, 3vw, 3rem) 6rem; max-width: 92rem;
  background: var(--paper); color: var(--ink);
  font: 16px/1.5 system-ui, "Segoe UI", Roboto, "Noto Sans", sans-serif;
}
h1 { font-size: clamp(1.7rem, 4vw, 2.6rem); line-height: 1.15; margin: 0 0 .6rem;
  letter-spacing: -.02em; }
h2 { font-size: 1.35rem; margin: 3.2rem 0 .4rem; letter-spacing: -.01em; }
h2 + p { margin-top: 0; }
p { max-width: 46rem; }
.lead { font-size: 1.15rem; margin: 0 0 .4rem; }
.machine, .note { color: var(--soft); font-size: .88rem; }
nav { display: flex; flex-wrap: wrap; gap: .5rem 1.2rem; margin-top: 1rem; }
a { color: var(--closed); text-underline-offset: .2em; }
code { font: .88em/1.4 ui-monospace, "DejaVu Sans Mono", monospace; }
.g { width: 16px; height: 16px; display: inline-block; vertical-align: -3px; }
.open { color: var(--open); } .limited { color: var(--limited); }
.closed { color: var(--closed); } .nothing { color: var(--nothing); }
.error { color: var(--error); }

.poster { display: grid; gap: 1rem;
  grid-template-columns: repeat(auto-fit, minmax(min(100%, 17rem), 1fr)); }
@media (min-width: 62rem) { .poster { grid-template-columns: repeat(3, 1fr); } }
.poster figure { margin: 0; padding: .8rem .8rem 1rem; background: var(--card);
  border: 1px solid var(--line); border-radius: 14px; }
.poster svg { width: 100%; height: auto; display: block; }
.poster figcaption { text-align: center; line-height: 1.35; }
.poster figcaption b { font-size: 1.05rem; }
.poster figcaption span { display: block; color: var(--soft); font-size: .88rem; }
.ray { stroke-width: 1.4; stroke-linecap: round; }
.ray.open { stroke: var(--open); }
.ray.limited { stroke: var(--limited); stroke-dasharray: 3 2.4; }
.ray.closed { stroke: var(--closed); opacity: .42; }
)";

constexpr std::string_view style_2 =
    R"(.end.open { fill: var(--open); } .end.limited { fill: var(--limited); }
.end.closed { fill: var(--closed); }
.wall { fill: none; stroke: var(--wall); stroke-width: 1.2; opacity: .55; }
.rim { fill: none; stroke: var(--line); stroke-width: 1; }
.core { fill: var(--card); stroke: var(--ink); stroke-width: 1.6; }
.arc { fill: none; stroke: var(--soft); stroke-width: 1.1; opacity: .7; }
svg text { fill: var(--ink); font-family: inherit; }
svg text.soft { fill: var(--soft); }

.scroll { overflow: auto; max-height: 92vh; border: 1px solid var(--line);
  border-radius: 14px; background: var(--card); }
table.matrix { border-collapse: separate; border-spacing: 0; width: 100%;
  font-size: .92rem; }
.matrix col.cells { width: 4.6rem; }
.matrix th { font-weight: 600; text-align: left; }
.matrix thead th { position: sticky; top: 0; z-index: 2; background: var(--card);
  border-bottom: 2px solid var(--line); padding: .5rem .2rem; text-align: center;
  vertical-align: bottom; font-size: .8rem; }
.matrix thead th span { display: block; font-weight: 400; font-size: .68rem;
  color: var(--soft); line-height: 1.2; }
.matrix thead th.first, .matrix tbody th { position: sticky; left: 0; z-index: 1;
  background: var(--card); }
.matrix thead th.first { z-index: 3; text-align: left; padding-left: .9rem; }
.matrix tbody th { font-weight: 400; padding: .16rem .6rem .16rem .9rem;
  border-right: 1px solid var(--line); min-width: 19rem; }
.matrix tbody th a { color: inherit; text-decoration: none; display: grid;
  grid-template-columns: 2.6rem 1fr; line-height: 1.3; }
.matrix tbody th a:hover { text-decoration: underline; }
.matrix tbody th b { color: var(--soft); font-weight: 600; font-variant-numeric: tabular-nums; }
.matrix tr.group th { background: var(--band); font-weight: 650; left: 0;
  padding: .35rem .9rem; font-size: .82rem; letter-spacing: .04em; }
.matrix tr.group td { background: var(--band); }
.matrix td { padding: 0; text-align: center; }
.matrix td.new, .matrix th.new { border-left: 2px solid var(--line); }
.matrix td a { display: block; padding: .22rem .2rem; line-height: 1;
  border-radius: 5px; margin: 1px; min-width: 1.9rem; }
.matrix td.open a { background: var(--open-wash); }
.matrix td.limited a { background: var(--limited-wash); }
.matrix tbody tr:hover td a, .matrix tbody tr:hover th { background: var(--band); }
.matrix td.flip a { box-shadow: inset 0 0 0 2px currentColor; }
.matrix td.held a { outline: 1.5px dashed currentColor; outline-offset: -2px; }
.matrix td.flip.held a { box-shadow: none; outline: 2px dashed currentColor; }
.matrix tfoot td, .matrix tfoot th { border-top: 1px solid var(--line);
  padding: .3rem .2rem; font-variant-numeric: tabular-nums; font-weight: 650; }
.matrix tfoot th { padding-left: .9rem; position: sticky; left: 0;
  background: var(--card); }
.legend { list-style: none; padding: 0; display: flex; flex-wrap: wrap;
  gap: .3rem 1.6rem; font-size: .88rem; color: var(--soft); }
.legend .g, .legend .key { margin-right: .5rem; }
.key { display: inline-block; width: 16px; height: 16px; vertical-align: -3px;
  border-radius: 4px; color: var(--closed); }
)";

constexpr std::string_view style_3 =
    R"(.key.flip { box-shadow: inset 0 0 0 2px currentColor; }
.key.held { outline: 1.5px dashed currentColor; outline-offset: -2px; }

.mechanisms { display: grid; gap: .8rem;
  grid-template-columns: repeat(auto-fit, minmax(min(100%, 25rem), 1fr)); }
.mechanisms section { background: var(--card); border: 1px solid var(--line);
  border-radius: 14px; padding: .4rem 1.1rem 1rem; }
.mechanisms h3 { font-size: 1rem; margin: .6rem 0 .5rem; }
.mechanisms dl { margin: 0; display: grid; grid-template-columns: auto 1fr;
  gap: .3rem .9rem; }
.mechanisms dt { color: var(--ink); white-space: nowrap; }
.mechanisms dd { margin: 0; }
.chip { display: inline-block; padding: 0 .45em; margin: 0 .2em .2em 0;
  border-radius: 6px; border: 1px solid currentColor; font-size: .8rem;
  text-decoration: none; line-height: 1.5; }
.chip.open { background: var(--open-wash); }

.cost { background: var(--card); border: 1px solid var(--line);
  border-radius: 14px; padding: .6rem; overflow-x: auto; }
.cost svg { display: block; min-width: 46rem; width: 100%; height: auto; }
.cost .dot { fill: var(--closed); opacity: .5; }
.cost .median { stroke: var(--open); stroke-width: 2.5; }
.cost .span { stroke: var(--closed); stroke-width: 1; opacity: .6; }
.cost .grid { stroke: var(--line); stroke-width: 1; }
.cost .bar { fill: var(--closed); opacity: .55; }

.cost + p { margin-top: 1.6rem; }

.panel { display: none; }
.panel:target, .panel:has(:target) { display: block; position: fixed; z-index: 9;
  left: 0; right: 0; bottom: 0; max-height: 62vh; overflow: auto;
  background: var(--card); border-top: 3px solid var(--closed);
  box-shadow: 0 -12px 40px rgb(0 0 0 / .25);
  padding: 1rem clamp(.8rem, 3vw, 3rem) 1.6rem; }
.panel h3 { margin: 0 2rem .2rem 0; }
.panel p { margin: .15rem 0; }
.panel .close { position: absolute; top: .7rem; right: clamp(.8rem, 3vw, 3rem);
  text-decoration: none; font-size: 1.4rem; line-height: 1; padding: .3rem; }
.panel table { border-collapse: collapse; font-size: .88rem; margin-top: .7rem;
  width: 100%; }
.panel td, .panel th { text-align: left; padding: .25rem .9rem .25rem 0;
  border-top: 1px solid var(--line); vertical-align: top; }
.panel th, .panel td:first-child { white-space: nowrap; font-weight: 600; }
.panel tr:target { scroll-margin-top: 12rem;  background: var(--band); outline: 2px solid var(--closed); }

@media (max-width: 700px) {
  .matrix tbody th { min-width: 9.5rem; max-width: 9.5rem; font-size: .8rem;
    padding-left: .5rem; }
  .matrix tbody th a { display: block; }
  .matrix tbody th b { display: block; line-height: 1; }
  .matrix thead th.first { padding-left: .5rem; }
  .matrix tr.group th { padding-left: .5rem; }
  .mechanisms dl { grid-template-columns: 1fr; gap: .1rem; }
  .panel td:last-child { display: none; }  /* the command: there is no room */
  .panel th { white-space: normal; }
  .panel td, .panel th { padding-right: .5rem; }
  .panel td:nth-child(4) { overflow-wrap: anywhere; }
}
)";

constexpr std::string_view style_4 = R"(@media print {
  :root { --paper: #fff; --card: #fff; --ink: #000; --soft: #444;
    --line: #bbb; --band: #eee; }
  @page { size: A4 landscape; margin: 12mm; }
  body { padding: 0; max-width: none; font-size: 11px; }
  nav, .panel { display: none !important; }
  .scroll { max-height: none; overflow: visible; border: 0; }
  .matrix thead th, .matrix thead th.first, .matrix tbody th { position: static; }
  .matrix thead { display: table-header-group; }
  .matrix td, .matrix tbody th { padding-top: 0; padding-bottom: 0; }
  .matrix td a { padding: 0; }
  h2, .mechanisms section, .poster figure, .cost { break-inside: avoid; }
  h2 { break-after: avoid; }
  .poster { grid-template-columns: repeat(3, 1fr); gap: .4rem; }
  .poster figure { padding: .2rem; }
  .poster svg { height: 46mm; }  /* six on the first page */
  h1 { font-size: 1.7rem; } h2 { margin-top: 1rem; } p { max-width: none; }
  #matrix, #mechanisms, #cost { break-before: page; margin-top: 0; }
  .cost { padding: .2rem; }
  .cost svg { max-height: 150mm; min-width: 0; }
  .cost + p { break-before: page; break-after: avoid; }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
}
)";

}  // namespace

std::string page_style() {
    std::string style;
    for (std::string_view part : {style_1, style_2, style_3, style_4})
        style += part;
    return style;
}

std::string_view page_symbols() {
    return R"(<svg width="0" height="0" style="position:absolute" aria-hidden="true">
<symbol id="g-open" viewBox="0 0 16 16"><circle cx="8" cy="8" r="6.4" fill="currentColor"/></symbol>
<symbol id="g-limited" viewBox="0 0 16 16"><circle cx="8" cy="8" r="5.6" fill="none" stroke="currentColor" stroke-width="1.6"/><path d="M8 2.4a5.6 5.6 0 0 1 0 11.2z" fill="currentColor"/></symbol>
<symbol id="g-closed" viewBox="0 0 16 16"><circle cx="8" cy="8" r="5.2" fill="none" stroke="currentColor" stroke-width="1.8"/></symbol>
<symbol id="g-nothing" viewBox="0 0 16 16"><path d="M4 8h8" stroke="currentColor" stroke-width="1.6"/></symbol>
<symbol id="g-error" viewBox="0 0 16 16"><path d="M8 1.6 15 14.4H1z" fill="none" stroke="currentColor" stroke-width="1.6"/><path d="M8 6v4.2M8 11.6v1.2" stroke="currentColor" stroke-width="1.6"/></symbol>
</svg>
)";
}

}  // namespace slipway::compare
