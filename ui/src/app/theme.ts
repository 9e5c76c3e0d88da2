import { createTheme } from '@mantine/core'

/** Sizes and shapes; the colours are CSS variables in app.css. */
export const theme = createTheme({
  primaryColor: 'dark',
  defaultRadius: 'md',
  cursorType: 'pointer',
  respectReducedMotion: true,
  fontFamily:
    '"Inter Variable", Inter, "Segoe UI", system-ui, -apple-system, Roboto, "Helvetica Neue", Arial, sans-serif',
})
