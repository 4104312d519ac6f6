import type { PipelineFormat } from "../format.ts";
import { readWaybill } from "./read.ts";

export const waybillFormat: PipelineFormat = {
  id: "waybill",
  title: "Waybill",
  fileNames: ["waybill.yaml", "waybill.yml", ".waybill.yaml", ".waybill.yml"],
  read: readWaybill,
};
