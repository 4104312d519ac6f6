import { DEFAULT_RULES, MAX_RULES_BYTES, parseRetentionRules, type RetentionRules } from "@waybill/artifacts";
import { hasSystemCode, WaybillError } from "@waybill/core";
import { open } from "node:fs/promises";
import { join } from "node:path";
import type { Settings } from "../settings/settings.ts";

const USUAL_NAME = "waybill-retention.yaml";

/**
 * The rules of the file that the settings name, which has to be there, else of the one in the data directory, if any.
 *
 * @throws WaybillError `ARTIFACT_RULES_INVALID`, `SERVER_SETTING_INVALID`
 */
export async function readRetentionRules({
  data,
  retention,
}: Pick<Settings, "data" | "retention">): Promise<RetentionRules> {
  const path = retention ?? join(data, USUAL_NAME);
  try {
    await using file = await open(path);
    const { bytesRead, buffer } = await file.read(Buffer.alloc(MAX_RULES_BYTES + 1), 0, MAX_RULES_BYTES + 1, 0);
    if (bytesRead > MAX_RULES_BYTES) {
      throw new WaybillError("ARTIFACT_RULES_INVALID", { file: path, problem: "it is longer than 64 KiB" });
    }
    return parseRetentionRules(buffer.toString("utf8", 0, bytesRead), path);
  } catch (error) {
    if (retention === null && hasSystemCode(error, "ENOENT")) return DEFAULT_RULES;
    if (error instanceof WaybillError) throw error;
    const problem = error instanceof Error ? error.message : String(error);
    throw new WaybillError("SERVER_SETTING_INVALID", { setting: "retention", source: path, problem }, { cause: error });
  }
}
