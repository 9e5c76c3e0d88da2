// Groups the digits of a number so that an eye can compare them. Display only:
// nothing is looked up by this text.

const russia = /^\+7(\d{3})(\d{3})(\d{2})(\d{2})$/
const ukMobile = /^\+44(7\d{3})(\d{6})$/
const northAmerica = /^\+1(\d{3})(\d{3})(\d{4})$/

/** pretty("+74950000011") is "+7 495 000-00-11"; other countries get groups of three from the right. */
export function pretty(e164: string): string {
  const ru = russia.exec(e164)
  if (ru) return `+7 ${ru[1]} ${ru[2]}-${ru[3]}-${ru[4]}`
  const uk = ukMobile.exec(e164)
  if (uk) return `+44 ${uk[1]} ${uk[2]}`
  const na = northAmerica.exec(e164)
  if (na) return `+1 ${na[1]} ${na[2]}-${na[3]}`
  if (!/^\+\d{8,15}$/.test(e164)) return e164
  return `+${e164.slice(1).replace(/\B(?=(\d{3})+$)/g, ' ')}`
}
