import { serve } from "@waybill/server";
import type { CommandContext } from "../../context.ts";
import { SUCCESS, type ExitCode } from "../../exit-codes.ts";

export interface ServerOptions {
  readonly data?: string;
  readonly database?: string;
  readonly artifacts?: string;
  readonly listen?: string;
  readonly executor?: string;
  readonly maxRuns?: string;
  readonly maxJobs?: string;
  readonly config?: string;
}

/** @throws WaybillError `SERVER_*`, `STORE_*` */
export async function server(context: CommandContext, options: ServerOptions): Promise<ExitCode> {
  const { config = null, maxRuns, maxJobs, ...same } = options;
  await serve({
    flags: {
      ...same,
      ...(maxRuns === undefined ? {} : { "max-runs": maxRuns }),
      ...(maxJobs === undefined ? {} : { "max-jobs": maxJobs }),
    },
    config,
    environment: context.env,
    cwd: context.cwd,
    print: (text) => void context.stdout.write(text),
    log: (line) => void context.stderr.write(line),
  });
  return SUCCESS;
}
