import { SETTINGS } from "@waybill/server";
import { expect, test } from "vitest";
import { serverCommand } from "./command.ts";

test("has an option for each setting of the server, which names its variable", () => {
  const options = serverCommand(() => Promise.resolve()).options.filter(({ long }) => long !== "--config");
  expect(options.map(({ long }) => long)).toEqual(Object.keys(SETTINGS).map((name) => `--${name}`));
  for (const option of options) {
    const { variables, defaultText } = SETTINGS[(option.long ?? "").slice(2) as keyof typeof SETTINGS];
    expect(option.description).toContain(variables[0]);
    expect(option.description).toContain(`(default: ${defaultText.split(",")[0] ?? ""}`);
  }
});
