import { describe, expect, test } from "vitest";
import { completeEventText } from "./event-text.ts";

describe("a text about an event", () => {
  test.each([
    ["deploy", "deploy"],
    ["deploy-${event.branch}", "deploy-main"],
    ["${event.pull_request:-${event.branch}}", "main"],
    ["${{ event.branch == 'main' && inputs.deploy == true }}", "true"],
    ["${{ event.is_fork }}", ""],
    ["$${event.branch}", "${event.branch}"],
  ])("%s becomes %s", (text, expected) => {
    expect(completeEventText(text, { "event.branch": "main" }, { deploy: true })).toBe(expected);
  });

  test("takes what the event holds for text, whatever it looks like", () => {
    expect(completeEventText("${event.branch}", { "event.branch": "${event.actor}" })).toBe("${event.actor}");
  });

  test.each(["${HOME}", "${secrets.KEY}", "${inputs.other}", "${event.branch", "${{ event.branch - 1 }}"])(
    "%s fails with a coded error",
    (text) => {
      expect(() => completeEventText(text, { "event.branch": "main" })).toThrow(
        expect.objectContaining({ name: "WaybillError" }),
      );
    },
  );
});
