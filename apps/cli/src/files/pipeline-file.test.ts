import { pipelineFormats } from "@waybill/pipeline";
import { expect, test } from "vitest";
import { PIPELINE_FILE_NAMES } from "./pipeline-file.ts";

test("commands find the files of every format, those of waybill.yaml first", () => {
  expect(PIPELINE_FILE_NAMES).toEqual(pipelineFormats.flatMap((format) => format.fileNames));
});
