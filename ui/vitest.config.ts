import { defineConfig } from 'vitest/config'

// Browser tests start Chromium and build the app; on a busy machine that takes a while. Their files run side by side also
// on two cores, of which Vitest would leave one alone.
export default defineConfig({ test: { testTimeout: 30_000, hookTimeout: 90_000, maxWorkers: 2 } })
