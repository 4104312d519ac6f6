import * as z from "zod/mini";

/** What matters of the report that Vitest's JSON reporter writes. */
const reportSchema = z.object({
  success: z.boolean(),
  testResults: z.array(
    z.object({
      name: z.string(),
      status: z.string(),
      assertionResults: z.array(z.object({ fullName: z.string(), status: z.string() })),
    }),
  ),
});

export interface TestSummary {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  /** Full names of the tests that failed, each behind its file, and the files that could not be run. */
  readonly failedNames: readonly string[];
  /** Full names of the tests that did not run. */
  readonly skippedNames: readonly string[];
}

/**
 * Counts the tests of all projects. What fails without a failed test counts too, so that a summary never says
 * `0 failed` of a run that failed: a file that could not be loaded, an unhandled rejection, a missing report.
 *
 * @param report The parsed report, or null where Vitest wrote none.
 * @param exitCode How Vitest ended.
 */
export function summarizeTests(report: unknown, exitCode: number): TestSummary {
  const parsed = reportSchema.safeParse(report);
  if (!parsed.success) return { passed: 0, failed: 1, skipped: 0, failedNames: [], skippedNames: [] };
  const tests = parsed.data.testResults.flatMap((file) => file.assertionResults);
  const passed = tests.filter((test) => test.status === "passed").length;
  const failedNames = parsed.data.testResults.flatMap((file) => {
    const failed = file.assertionResults.filter((test) => test.status === "failed");
    if (file.status === "failed" && failed.length === 0) return [file.name];
    return failed.map((test) => `${file.name} > ${test.fullName}`);
  });
  const failed = failedNames.length;
  const skippedNames = tests
    .filter((test) => test.status !== "passed" && test.status !== "failed")
    .map((test) => test.fullName);
  return {
    passed,
    failed: failed === 0 && (exitCode !== 0 || !parsed.data.success) ? 1 : failed,
    skipped: skippedNames.length,
    failedNames,
    skippedNames,
  };
}

/** The last line of a test run, for people and for programs that read it. */
export function summaryLine(summary: TestSummary, failedChecks: number): string {
  return `${summary.passed} passed, ${summary.failed + failedChecks} failed, ${summary.skipped} skipped`;
}
