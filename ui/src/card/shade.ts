// A policy may paint a colour its own way: background and ink are given, the tones between are mixed from them.

import type { Card } from '../api/types'

const hex = /^#[0-9a-f]{6}$/i

/** Puts the policy's shade on a card's section; a shade that cannot be read leaves the card's own look. */
export function dressed(card: Card, section: HTMLElement): HTMLElement {
  const shade = card.verdict.shade
  if (!shade || !hex.test(shade.back) || !hex.test(shade.ink)) return section
  const { back, ink } = shade
  const mix = (percent: number, other: string) => `color-mix(in srgb, ${back} ${percent}%, ${other})`
  // Boxes and edges are darker in either case: under light words that helps reading, under dark ones a little costs nothing.
  const light = isLight(ink)
  const look = {
    '--paper': back,
    '--cut': back,
    '--ink': ink,
    '--stripe': mix(90, ink),
    '--soft': light ? mix(72, '#000') : mix(88, ink),
    '--edge': light ? mix(62, '#000') : mix(50, ink),
  }
  for (const [name, value] of Object.entries(look)) section.style.setProperty(name, value)
  return section
}

function isLight(color: string): boolean {
  const part = (at: number) => parseInt(color.slice(at, at + 2), 16)
  return part(1) * 299 + part(3) * 587 + part(5) * 114 > 160_000
}
