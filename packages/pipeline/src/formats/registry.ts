import { WaybillError } from "@waybill/core";
import type { PipelineFormat } from "./format.ts";
import { shipinatorFormat } from "./shipinator/index.ts";
import { waybillFormat } from "./waybill/index.ts";

/** Every way to write a pipeline. A new one is a folder beside these and a line here. */
export const pipelineFormats: readonly PipelineFormat[] = [waybillFormat, shipinatorFormat];

/**
 * The format to read a file in: the one asked for, else the one the file's name belongs to, else Waybill's own.
 *
 * @param file - name or path of the file; only its last part counts
 * @throws WaybillError PIPELINE_UNKNOWN_FORMAT
 */
export function formatFor(file: string | null, id?: string): PipelineFormat {
  if (id !== undefined) {
    const asked = pipelineFormats.find((format) => format.id === id);
    if (asked !== undefined) return asked;
    const known = pipelineFormats.map((format) => format.id).join(", ");
    throw new WaybillError("PIPELINE_UNKNOWN_FORMAT", { format: id, known });
  }
  const name = file?.split(/[/\\]/).at(-1) ?? "";
  return pipelineFormats.find((format) => format.fileNames.includes(name)) ?? waybillFormat;
}
