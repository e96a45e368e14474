/** One run over every package; packages are imported from their sources, so tests need no build. */
import { defineConfig } from "vitest/config";

export default defineConfig({
  resolve: { conditions: ["pennon-source"] },
  ssr: { resolve: { conditions: ["pennon-source"] } },
  test: {
    include: ["packages/*/test/**/*.test.ts"],
    passWithNoTests: true,
    // A test that hangs is to be ended; one on a busy machine is not.
    testTimeout: 60_000,
  },
});
