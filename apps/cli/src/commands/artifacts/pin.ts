import { write, writeJson, type CommandContext } from "../../context.ts";
import { SUCCESS, type ExitCode } from "../../exit-codes.ts";
import { safeName } from "../../text/safe-line.ts";
import { findArtifact, openArtifacts } from "./project-artifacts.ts";

export interface PinOptions {
  readonly reason?: string;
  readonly json?: boolean;
}

/** Pins that people set by hand. */
const OWNER = "user";

export async function pin(
  context: CommandContext,
  reference: string,
  job: string,
  name: string,
  options: PinOptions,
): Promise<ExitCode> {
  await using artifacts = await openArtifacts(context);
  const { run, artifact } = await findArtifact(artifacts, reference, job, name);
  // A pin on what is gone would promise what nobody can keep.
  await artifacts?.store.manifestOf(artifact);
  const createdAt = context.clock.now();
  const pinned = { ref: artifact.ref, owner: OWNER, reason: options.reason ?? "", createdAt };
  const isNew = (await artifacts?.records.pin(pinned)) === true;
  const text = isNew ? "is kept until it is unpinned" : "was pinned already";
  return await tell(context, options, { run: run.number, job, name, hash: artifact.ref, pinned: true }, text);
}

export async function unpin(
  context: CommandContext,
  reference: string,
  job: string,
  name: string,
  options: PinOptions,
): Promise<ExitCode> {
  await using artifacts = await openArtifacts(context);
  const { run, artifact } = await findArtifact(artifacts, reference, job, name);
  const wasPinned = (await artifacts?.records.unpin(artifact.ref, OWNER, context.clock.now())) === true;
  const text = wasPinned ? "is kept as long as others are" : "was not pinned";
  return await tell(context, options, { run: run.number, job, name, hash: artifact.ref, pinned: false }, text);
}

async function tell(
  context: CommandContext,
  options: PinOptions,
  result: {
    readonly run: number;
    readonly job: string;
    readonly name: string;
    readonly hash: string;
    readonly pinned: boolean;
  },
  text: string,
): Promise<ExitCode> {
  if (options.json) await writeJson(context, result);
  else await write(context.stdout, `${safeName(result.name)} of ${safeName(result.job)}, run ${result.run}, ${text}\n`);
  return SUCCESS;
}
