import { WaybillError } from "@waybill/core";
import { expect, test } from "vitest";
import { formatFor, pipelineFormats } from "./registry.ts";

test.each([
  ["waybill.yaml", "waybill"],
  ["/srv/project/.waybill.yml", "waybill"],
  ["C:\\project\\.shipinator.yaml", "shipinator"],
  ["ci.yaml", "waybill"],
  [null, "waybill"],
])("reads %s in the format %s", (file, id) => {
  expect(formatFor(file).id).toBe(id);
});

test("reads any file in the format asked for", () => {
  expect(formatFor("waybill.yaml", "shipinator").id).toBe("shipinator");
});

test("names the known formats for an unknown one", () => {
  expect(() => formatFor(null, "jenkins")).toThrow(WaybillError);
  expect(() => formatFor(null, "jenkins")).toThrow(
    expect.objectContaining({ remedy: "Known formats: waybill, shipinator." }),
  );
});

test("no two formats claim the same id or file name", () => {
  const names = pipelineFormats.flatMap((format) => [format.id, ...format.fileNames]);
  expect(new Set(names).size).toBe(names.length);
});
