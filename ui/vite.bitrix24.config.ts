import { defineConfig } from 'vite'

// The script of our pages inside a Bitrix24 portal: dist/embed/bitrix24.js, one file
// whose name never changes because the server writes it into those pages.
export default defineConfig({
  publicDir: false,
  build: {
    target: 'es2022',
    emptyOutDir: false,
    lib: { entry: 'src/bitrix24.ts', formats: ['es'], fileName: () => 'embed/bitrix24.js' },
  },
})
