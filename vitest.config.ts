import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: "unit",
          include: [
            "packages/*/src/**/*.test.ts",
            "apps/*/src/**/*.test.ts",
            "script/**/*.test.ts",
            "test/architecture/**/*.test.ts",
          ],
        },
      },
      {
        test: {
          name: "e2e",
          include: ["test/**/*.test.ts"],
          exclude: ["test/architecture/**"],
          // Whole programs, package installations and pipelines on a busy machine: a limit against hanging, no budget.
          testTimeout: 300_000,
          hookTimeout: 300_000,
        },
      },
    ],
  },
});
