import { write, writeJson, type CommandContext } from "../../context.ts";
import { SUCCESS, type ExitCode } from "../../exit-codes.ts";
import { openRuns } from "../../files/find-run.ts";
import { findProject } from "../../files/pipeline-file.ts";
import { projectPaths } from "../../files/project.ts";
import { renderRuns, runJson } from "../../run/run-table.ts";
import { styleFor } from "../../text/style.ts";

export interface RunsOptions {
  readonly limit: number;
  readonly json?: boolean;
}

export async function runs(context: CommandContext, options: RunsOptions): Promise<ExitCode> {
  const store = await openRuns(projectPaths(findProject(context, "run")));
  try {
    const records = (await store?.list(options.limit)) ?? [];
    if (options.json) await writeJson(context, { runs: records.map(runJson) });
    else if (records.length === 0)
      await write(context.stderr, "There are no runs yet; `waybill run` makes the first.\n");
    else await write(context.stdout, renderRuns(records, context.clock.now(), styleFor(context.stdout, context.env)));
  } finally {
    await store?.close();
  }
  return SUCCESS;
}
