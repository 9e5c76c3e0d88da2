import { defineConfig } from 'vite'

// The card alone: dist/embed/card.js, one file without imports, whose name
// never changes because foreign pages link to it.
export default defineConfig({
  publicDir: false,
  build: {
    target: 'es2022',
    emptyOutDir: false,
    lib: { entry: 'src/card/card.ts', formats: ['es'], fileName: () => 'embed/card.js' },
  },
})
