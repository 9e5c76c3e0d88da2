// How well ink reads on a background, by the formula of WCAG 2.1.

/** What WCAG 2.1 (success criterion 1.4.3) asks of text. */
export const enough = 4.5

/** The contrast of two colours as #RRGGBB, 1 to 21; null when either is anything else. */
export function contrast(a: string, b: string): number | null {
  const [x, y] = [luminance(a), luminance(b)]
  return x === null || y === null ? null : (Math.max(x, y) + 0.05) / (Math.min(x, y) + 0.05)
}

function luminance(color: string): number | null {
  if (!/^#[0-9a-f]{6}$/i.test(color)) return null
  const channel = (at: number) => {
    const c = parseInt(color.slice(at, at + 2), 16) / 255
    return c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4
  }
  return 0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5)
}
