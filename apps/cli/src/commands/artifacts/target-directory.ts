import { WaybillError } from "@waybill/core";
import { mkdir, readdir } from "node:fs/promises";
import { reasonOf } from "../../files/read-bounded.ts";

/**
 * Whatever is in the way of the artifact would be replaced, so the directory has to be empty.
 *
 * @returns whether it was made
 */
export async function prepareTarget(directory: string, mayReplace: boolean): Promise<boolean> {
  try {
    const made = await mkdir(directory, { recursive: true });
    const isEmpty = (await readdir(directory)).length === 0;
    if (!isEmpty && !mayReplace) throw new WaybillError("CLI_DIRECTORY_NOT_EMPTY", { directory });
    return made !== undefined;
  } catch (error) {
    if (error instanceof WaybillError) throw error;
    throw new WaybillError("CLI_FILE_UNWRITABLE", { file: directory, reason: reasonOf(error) }, { cause: error });
  }
}
