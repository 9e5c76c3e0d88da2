// The look of <call-card>. One adopted stylesheet, so a page whose CSP forbids
// inline styles can still carry the card. Every colour pair is >= 4.5:1; the
// screenshots' axe run (npm run look) proves it.

const paint = `
:host {
  display: block; container: card / inline-size; min-inline-size: 320px;
  font-family: "Inter Variable", Inter, "Segoe UI", system-ui, -apple-system, Roboto, "Helvetica Neue", Arial, sans-serif;
  line-height: 1.35; text-align: start;
}
:host([hidden]) { display: none }
* { box-sizing: border-box; margin: 0 }

.card {
  --paper: #ffffff; --ink: #14181d; --cut: var(--paper); --soft: #eef1f4; --edge: #aab4be;
  background: var(--paper); color: var(--ink); border: 3px solid var(--edge); border-radius: 20px;
  min-block-size: 240px; position: relative; overflow: hidden; forced-color-adjust: none;
  font-size: clamp(16px, 12px + 1cqi, 34px);
  display: flex; flex-direction: column; gap: .7em; padding: clamp(12px, 2cqi, 36px) clamp(14px, 3cqi, 48px) clamp(14px, 2.5cqi, 40px);
}
.red    { --paper: #c4001d; --ink: #ffffff; --soft: #8f0015; --edge: #7d0012 }
.yellow { --paper: #ffd200; --ink: #1b1500; --soft: #ffe97d; --edge: #1b1500 }
.blue   { --paper: #0a58ca; --ink: #ffffff; --soft: #073d8e; --edge: #062f6e }
.grey   { --paper: #4a525c; --ink: #ffffff; --soft: #2a3037; --edge: #1d2227; --cut: #4a525c }
.grey { background-image: repeating-linear-gradient(135deg, var(--paper) 0 26px, var(--stripe, #596370) 26px 52px) }
.none {
  --paper: light-dark(#ffffff, #20262d); --ink: light-dark(#14181d, #f3f6f9);
  --soft: light-dark(#eaeef2, #2f3841); --edge: light-dark(#8b97a3, #6f7c89);
}
`

const layout = `
.bar { display: flex; align-items: center; gap: .5em; min-block-size: 40px; font-weight: 600; font-size: .9em }
.bar .where { flex: 1; min-inline-size: 0; display: flex; flex-wrap: wrap; align-items: center; gap: .15em .6em }
.dot { inline-size: .7em; block-size: .7em; border-radius: 50%; background: currentColor; flex: none }
.time { font-variant-numeric: tabular-nums }

.hero { display: grid; grid-template-columns: auto minmax(0, 1fr); align-items: center; gap: clamp(12px, 3cqi, 48px) }
.icon { display: block; inline-size: clamp(68px, 19cqi, 260px); block-size: auto; aspect-ratio: 1; flex: none }
.word {
  font-weight: 900; line-height: .95; letter-spacing: -.02em; overflow-wrap: break-word;
  font-size: min((94cqi - max(20px, 4cqi) - max(68px, 19cqi) - max(12px, 3cqi)) / (var(--letters, 6) * .86), max(76px, 12cqi));
}
.client { font-weight: 700; font-size: clamp(20px, 4.6cqi, 72px); line-height: 1.12; margin-block-start: .3em; overflow-wrap: anywhere }
.client small { display: block; font-size: .62em; font-weight: 600; margin-block-start: .2em }

.advice { background: var(--soft); border-radius: 12px; padding: .65em .85em; font-size: 1.05em; overflow-wrap: anywhere }
.advice strong { display: block; font-size: 1.12em }
.banner { background: var(--ink); color: var(--paper); border-inline-start: .5em solid var(--edge) }

.dnc {
  color: #fff; border: 4px solid #fff; outline: 3px solid #000; outline-offset: 0; border-radius: 12px; padding: .45em; margin: 3px; forced-color-adjust: none;
  background: repeating-linear-gradient(135deg, #000 0 18px, #ffd200 18px 36px);
}
.dncwords { background: #000; border-radius: 8px; padding: .4em .7em; display: flex; flex-wrap: wrap; gap: .1em .8em; align-items: baseline; overflow-wrap: anywhere }
.dncwords strong { font-size: 1.6em; font-weight: 900; line-height: 1.05 }
.dncwords strong::before { content: ""; display: inline-block; inline-size: .72em; block-size: .72em; margin-inline-end: .35em; border: .13em solid currentColor; border-radius: 50%; background: linear-gradient(45deg, #0000 43%, currentColor 43% 57%, #0000 57%) }
.dncmark { background: #000; color: #fff; border: 2px solid #fff; border-radius: 6px; padding: 0 .4em }
.permit { border: .18em solid currentColor }
.demand .ask { display: flex; flex-wrap: wrap; gap: .5em; margin-block-start: .4em }
.field { flex: 1 1 12em; min-inline-size: 0; font: inherit; color: #14181d; background: #fff; border: 2px solid #14181d; border-radius: 10px; padding: .35em .6em; min-block-size: 44px }

.facts { display: flex; flex-wrap: wrap; gap: .5em 1.8em }
.facts dt { font-size: .8em; font-weight: 600 }
.facts dd { font-weight: 700; font-size: 1.15em; overflow-wrap: anywhere }
.facts .owner { font-size: 1.35em }
.theirs { align-self: end; font-weight: 600; color: inherit }
.whole { white-space: nowrap }
.left { text-decoration: line-through }

.actions { display: flex; flex-wrap: wrap; gap: .5em }
button, .button {
  font: inherit; font-weight: 700; min-block-size: 44px; padding: .35em 1em; border-radius: 10px; cursor: pointer;
  border: 2px solid currentColor; background: transparent; color: inherit; text-decoration: none;
  display: inline-flex; align-items: center; justify-content: center;
}
.main { background: var(--ink); color: var(--paper); border-color: var(--ink) }
button:hover, .button:hover { text-decoration: underline }
:focus-visible { outline: 4px solid var(--ink); outline-offset: 3px; box-shadow: 0 0 0 3px var(--paper) }
.tool { border: 0; padding: 0; inline-size: 44px; min-block-size: 44px; flex: none; border-radius: 50% }
.tool:hover { background: var(--soft) }
.tool svg { inline-size: 22px; block-size: 22px; display: block; fill: none; stroke: currentColor; stroke-width: 3; stroke-linecap: round }

details { border-block-start: 2px solid color-mix(in srgb, currentColor 35%, transparent); padding-block-start: .5em }
summary { cursor: pointer; font-weight: 700; min-block-size: 32px }
.found { list-style: none; padding: 0; margin-block-start: .4em; display: grid; gap: .5em }
.found li { background: var(--soft); border-radius: 10px; padding: .45em .7em; overflow-wrap: anywhere }
.found a { color: inherit; font-weight: 700 }
.found span { display: block; font-size: .88em }
.unseen { position: absolute; inline-size: 1px; block-size: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap }
`

const folded = `
.strip { min-block-size: 0; border-radius: 14px; padding: .35em .5em .35em .8em; flex-direction: row; align-items: center; gap: .7em; font-size: 16px }
.strip .icon { inline-size: 36px }
.strip .line { flex: 1; min-inline-size: 0; display: flex; flex-wrap: wrap; gap: 0 .7em; font-weight: 600 }
.strip .line b { font-weight: 900 }
.strip .line .where { display: flex; flex-wrap: wrap; align-items: center; gap: 0 .5em }
.strip .line > * { overflow-wrap: anywhere }
`

const motion = `
@media (prefers-reduced-motion: no-preference) {
  .ringing .icon { animation: ring 1s ease-in-out infinite }
  .ringing .dot, .talking .dot { animation: blink 1s steps(2, jump-none) infinite }
  .ringing::after {
    content: ""; position: absolute; inset: 0; border-radius: 16px; pointer-events: none;
    border: 8px solid var(--ink); animation: pulse 1s ease-out infinite;
  }
  .strip.ringing::after { border-width: 3px }
}
@keyframes ring { 50% { transform: scale(1.09) } }
@keyframes blink { to { opacity: .25 } }
@keyframes pulse { from { opacity: .85 } to { opacity: 0 } }
@media print { .actions, .tool { display: none } }
`

/** The whole stylesheet of the shadow tree. */
export const css = paint + layout + folded + motion
