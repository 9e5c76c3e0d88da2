import { defineConfig } from 'vitest/config'

// Browser tests start Chromium and build the app; on a busy machine that takes a while.
export default defineConfig({ test: { testTimeout: 30_000, hookTimeout: 90_000 } })
