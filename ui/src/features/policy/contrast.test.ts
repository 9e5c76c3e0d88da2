import { expect, it } from 'vitest'
import { contrast } from './contrast'

it.each([
  ['#000000', '#FFFFFF', 21],
  ['#FFFFFF', '#000000', 21],
  ['#777777', '#777777', 1],
  ['#FFFFFF', '#767676', 4.54], // the lightest grey that may be text on white
  ['#C4001D', '#FFFFFF', 6.24],
])('%s on %s is %d', (a, b, ratio) => expect(contrast(a, b)).toBeCloseTo(ratio, 1))

it.each(['red', '#fff', '#12345g', ''])('%s is no colour to compare', (color) =>
  expect(contrast(color, '#FFFFFF')).toBeNull(),
)
