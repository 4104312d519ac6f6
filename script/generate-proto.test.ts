import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { GENERATED, generateProto } from "./proto/generate.ts";

test("the generated types are those of api/v1/waybill.proto (write them anew with `node script/generate-proto.ts`)", async () => {
  expect(await readFile(GENERATED, "utf8")).toBe(await generateProto());
});
