import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: "unit",
          globalSetup: ["test/support/shared-docker.ts", "test/support/shared-postgres.ts"],
          include: [
            "packages/*/src/**/*.test.ts",
            "apps/*/src/**/*.test.ts",
            "script/**/*.test.ts",
            "test/architecture/**/*.test.ts",
          ],
          // Most tests look at what steps do outside of their workspace. Those of the other executors name theirs.
          env: { WAYBILL_EXECUTOR: "process" },
          // Limits against hanging, here and below: no budgets. The machine may be busy with anything.
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: "e2e",
          globalSetup: ["test/support/shared-docker.ts", "test/support/shared-postgres.ts"],
          include: ["test/**/*.test.ts"],
          // Most tests look at what steps do outside of their workspace. Those of the other executors name theirs.
          env: { WAYBILL_EXECUTOR: "process" },
          exclude: ["test/architecture/**"],
          testTimeout: 300_000,
          hookTimeout: 300_000,
          // After the unit tests. Two files at a time: they wait for other processes more than they compute.
          maxWorkers: 2,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
