import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

// The app (index.html), the card alone for frames (embed/card.html) and their assets/. `npm run dev` passes the API through to a
// server on CALLHUE_URL, so that the UI can be worked on without a rebuild.
export default defineConfig({
  plugins: [react()],
  build: {
    target: 'es2022',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rollupOptions: { input: { app: 'index.html', frame: 'embed/card.html' } },
  },
  worker: { format: 'es' },
  server: { proxy: { '/api': process.env.CALLHUE_URL ?? 'http://127.0.0.1:8080' } },
})
