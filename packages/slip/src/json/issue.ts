import type * as z from "zod/mini";

const WORDS: Readonly<Record<string, string>> = {
  string: "a text",
  number: "a number",
  array: "a list",
  object: "an object",
  record: "an object",
};

/** The first thing that is wrong with a value, for people: the library's small build has no words for it. */
export function describeProblem(error: z.core.$ZodError): string {
  const [issue] = error.issues;
  if (issue === undefined) return "it is not valid";
  const place = issue.path.join(".");
  const subject = place === "" ? "it" : place;
  switch (issue.code) {
    case "invalid_type":
      return `${subject} should be ${WORDS[issue.expected] ?? `of type ${issue.expected}`}`;
    case "unrecognized_keys":
      return `${place === "" ? "" : `${place} has `}unknown ${issue.keys.map((key) => `"${key}"`).join(", ")}`;
    case "too_small":
      return `${subject} is too short`;
    case "too_big":
      return `${subject} is too long`;
    case "invalid_value":
      return `${subject} should be one of ${issue.values.map(String).join(", ")}`;
    case "custom":
      return `${subject} is ${issue.message ?? "not valid"}`;
    default:
      return `${subject} is not valid`;
  }
}
