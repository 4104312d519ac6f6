import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Text } from "../model/definition.ts";
import { completeText } from "./complete-text.ts";
import { resolveDraft } from "./testing.ts";
import { unknownSecrets } from "./unknown-secrets.ts";

function textOf(value: string, environment: Readonly<Record<string, string>> = {}): Text {
  const { definition, errors } = resolveDraft({
    globalEnv: environment,
    jobs: { build: {}, use: { dependsOn: ["build"], steps: [{ environment: { OUT: value } }] } },
  });
  expect(errors).toEqual([]);
  return definition.jobs.get("use")?.steps[0]?.environment["OUT"] ?? "";
}

function unknownIn(value: string, given: Readonly<Record<string, string>> = {}): string[] {
  return [...unknownSecrets(textOf(value), given)];
}

describe("the secrets a text cannot do without", () => {
  it.each([
    ["no secret", []],
    ["${secrets.A}", ["A"]],
    ["${{ secrets.A }}", ["A"]],
    ["https://${secrets.USER}:${{ secrets.PASS }}@host/${secrets.USER}", ["USER", "PASS"]],
    ["${secrets.A/x/y}", ["A"]],
    ["${{ secrets.A + '-' + secrets.B }}", ["A", "B"]],
    ["${{ ${secrets.A} + 'x' }}", ["A"]],
    ["${secrets.A:-none}", []],
    ["${secrets.A:-${secrets.B}}", ["B"]],
    ["${secrets.A:+${secrets.B}}", []],
    ["${job.build.status} secrets.A", []],
  ] as const)("%s", (text, expected) => {
    expect(unknownIn(text)).toEqual(expected);
  });

  it("are fewer where some are given", () => {
    const given = { A: "value", EMPTY: "" };
    expect(unknownIn("${secrets.A}${secrets.B}", given)).toEqual(["B"]);
    expect(unknownIn("${secrets.A:-${secrets.B}}", given)).toEqual([]);
    expect(unknownIn("${secrets.EMPTY:-${secrets.B}}", given)).toEqual(["B"]);
    expect(unknownIn("${secrets.A:+${secrets.B}}", given)).toEqual(["B"]);
    expect(unknownIn("${secrets.EMPTY}", given)).toEqual([]);
  });

  it("are found through variables", () => {
    expect([...unknownSecrets(textOf("x ${URL}", { URL: "https://${secrets.A}@host" }), {})]).toEqual(["A"]);
  });

  it("are all that completing it lacks", () => {
    const reference = fc.constantFrom(
      ...[
        "${secrets.A}",
        "${{ secrets.B }}",
        "${secrets.A:-x}",
        "${secrets.B:-${secrets.C}}",
        "${secrets.C:+${secrets.A}}",
      ],
      ...["${{ secrets.A + secrets.C }}", "text ", "${secrets.C/a/b}"],
    );
    const secrets = fc.subarray(["A", "B", "C"]).map((names) => Object.fromEntries(names.map((name) => [name, "abc"])));
    fc.assert(
      fc.property(fc.array(reference, { minLength: 1, maxLength: 4 }), secrets, (parts, given) => {
        const text = textOf(parts.join(""));
        const complete = (): string => completeText(text, { jobs: new Map(), runtime: {}, secrets: given });
        if (unknownSecrets(text, given).size === 0) expect(complete).not.toThrow();
        else expect(complete).toThrow(expect.objectContaining({ code: "VARIABLE_SECRET_UNKNOWN" }));
      }),
    );
  });
});
