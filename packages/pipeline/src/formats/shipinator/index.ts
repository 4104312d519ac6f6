import type { PipelineFormat } from "../format.ts";
import { readShipinator } from "./read.ts";

export const shipinatorFormat: PipelineFormat = {
  id: "shipinator",
  title: "Shipinator",
  fileNames: [".shipinator.yaml", ".shipinator.yml"],
  read: readShipinator,
};
