// Made by `npm run schema`: what the texts of the API must match, by type and field.

export const patterns = {
  NewSource: { name: '^[a-z0-9][a-z0-9_\\-]{0,63}$' },
  NewStatus: { code: '^\\p{L}[\\p{L}\\p{Nd}_\\-.]{0,49}$' },
} as const
