// One shape per meaning, so that the card is read without its colour: an
// octagon stops, a triangle warns, a hexagon is a lead, a circle is calm, a
// broken circle does not know.

import type { Card } from '../api/types'
import { hugeWord } from './words'

type Shape = ReadonlyArray<readonly [tag: 'path' | 'circle' | 'rect', attributes: Record<string, string>]>

const solid = { fill: 'currentColor' }
const cut = { fill: 'var(--cut)' }
const line = {
  fill: 'none',
  stroke: 'currentColor',
  'stroke-width': '7',
  'stroke-linecap': 'round',
  'stroke-linejoin': 'round',
}

const person = (y: number, attributes: Record<string, string>): Shape => [
  ['circle', { cx: '50', cy: String(y), r: '9', ...attributes }],
  ['path', { d: `M33 ${y + 30}v-5a13 13 0 0 1 13-13h8a13 13 0 0 1 13 13v5z`, ...attributes }],
]

const shapes = {
  stop: [
    ['path', { d: 'M31 4h38l27 27v38L69 96H31L4 69V31z', ...solid }],
    ['rect', { x: '20', y: '41', width: '60', height: '18', rx: '3', ...cut }],
  ],
  contact: [
    ['path', { d: 'M50 5a7 7 0 0 1 6 3.5l41 74A7 7 0 0 1 91 93H9a7 7 0 0 1-6-10.5l41-74A7 7 0 0 1 50 5z', ...solid }],
    ...person(49, cut),
  ],
  lead: [
    ['path', { d: 'M50 3l41 23.5v47L50 97 9 73.5V26.5z', ...solid }],
    ['path', { d: 'M26 32h48L57 54v21l-14-8V54z', ...cut }],
  ],
  own: [
    ['circle', { cx: '50', cy: '50', r: '46', ...solid }],
    ['path', { d: 'M28 52l15 15 30-33', ...line, stroke: 'var(--cut)', 'stroke-width': '11' }],
  ],
  company: [
    ['circle', { cx: '50', cy: '50', r: '45', ...line }],
    ['path', { d: 'M33 74V28h22v46h14V44H55M33 74h-7m50 0h-7', ...line, 'stroke-width': '6' }],
    ['path', { d: 'M40 38h8v6h-8zm0 13h8v6h-8z', ...solid }],
  ],
  colleague: [['circle', { cx: '50', cy: '50', r: '45', ...line }], ...person(38, solid)],
  nobody: [
    ['circle', { cx: '50', cy: '50', r: '45', ...line }],
    ['path', { d: 'M50 30v40M30 50h40', ...line, 'stroke-width': '9' }],
  ],
  question: [
    ['circle', { cx: '50', cy: '50', r: '45', ...line, 'stroke-width': '6', 'stroke-dasharray': '14 14.3' }],
    ['path', { d: 'M36 40a14 14 0 1 1 21 12c-5 3-7 6-7 11', ...line, 'stroke-width': '9' }],
    ['circle', { cx: '50', cy: '76', r: '6', ...solid }],
  ],
} satisfies Record<string, Shape>

export type ShapeName = keyof typeof shapes

const byWord: Partial<Record<string, ShapeName>> = {
  'word.red': 'stop',
  'word.red.head': 'stop',
  'word.yellow': 'contact',
  'word.blue': 'lead',
  'word.own': 'own',
  'word.team': 'own',
  'word.permit': 'own',
  'word.company': 'company',
  'word.internal': 'colleague',
  'word.unknown': 'nobody',
}

/** The shape that the policy gives the reason, or the one that says the same as the huge word. */
export function shapeOf(card: Card): ShapeName {
  const wanted = card.verdict.icon
  if (wanted && Object.hasOwn(shapes, wanted)) return wanted as ShapeName
  return byWord[hugeWord(card)] ?? 'question'
}

/** Draws a shape; the words beside it carry the meaning for readers, so it is hidden from them. */
export function draw(name: ShapeName): SVGSVGElement {
  const ns = 'http://www.w3.org/2000/svg'
  const svg = document.createElementNS(ns, 'svg')
  svg.setAttribute('viewBox', '0 0 100 100')
  svg.setAttribute('class', 'icon')
  svg.setAttribute('aria-hidden', 'true')
  for (const [tag, attributes] of shapes[name]) {
    const part = document.createElementNS(ns, tag)
    for (const [key, value] of Object.entries(attributes)) part.setAttribute(key, value)
    svg.append(part)
  }
  return svg
}
