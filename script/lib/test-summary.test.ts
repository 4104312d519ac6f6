import { describe, expect, test } from "vitest";
import { summarizeTests, summaryLine } from "./test-summary.ts";

function reportOf(...files: readonly { status: string; tests: readonly string[] }[]): unknown {
  return {
    success: files.every((file) => file.status === "passed"),
    testResults: files.map(({ status, tests }, index) => ({
      name: `file-${index}`,
      status,
      assertionResults: tests.map((testStatus, position) => ({ fullName: `test ${position}`, status: testStatus })),
    })),
  };
}

describe("summary of a test run", () => {
  test("counts the tests of every file", () => {
    const report = reportOf(
      { status: "passed", tests: ["passed", "passed", "skipped"] },
      { status: "failed", tests: ["failed", "passed"] },
    );
    expect(summaryLine(summarizeTests(report, 1), 0)).toBe("3 passed, 1 failed, 1 skipped");
  });

  test("names what did not run", () => {
    const report = reportOf({ status: "passed", tests: ["passed", "pending", "todo"] });
    expect(summarizeTests(report, 0).skippedNames).toEqual(["test 1", "test 2"]);
  });

  test("names what failed, with its file", () => {
    const report = reportOf({ status: "failed", tests: ["passed", "failed"] }, { status: "failed", tests: [] });
    expect(summarizeTests(report, 1).failedNames).toEqual(["file-0 > test 1", "file-1"]);
  });

  test("a file that could not be loaded counts as a failure", () => {
    const report = reportOf({ status: "passed", tests: ["passed"] }, { status: "failed", tests: [] });
    expect(summarizeTests(report, 1)).toMatchObject({ passed: 1, failed: 1 });
  });

  test("an unhandled error counts although every test passed", () => {
    const report = reportOf({ status: "passed", tests: ["passed"] });
    expect(summarizeTests(report, 1)).toMatchObject({ passed: 1, failed: 1 });
  });

  test.each([null, {}, "nonsense"])("a report that is missing or broken is a failure: %j", (report) => {
    expect(summarizeTests(report, 0).failed).toBe(1);
  });

  test("a failed check counts as one failed test", () => {
    const report = reportOf({ status: "passed", tests: ["passed"] });
    expect(summaryLine(summarizeTests(report, 0), 2)).toBe("1 passed, 2 failed, 0 skipped");
  });
});
