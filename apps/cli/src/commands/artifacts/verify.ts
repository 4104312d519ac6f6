import { contentsOf, isContentHash, type VerificationRecord } from "@waybill/artifacts";
import { WaybillError } from "@waybill/core";
import { write, writeJson, type CommandContext } from "../../context.ts";
import { FAILED, SUCCESS, type ExitCode } from "../../exit-codes.ts";
import { plural } from "../../text/duration.ts";
import { ProgressLine } from "../../text/progress-line.ts";
import { styleFor } from "../../text/style.ts";
import { artifactsOfRun, openArtifacts, type ProjectArtifacts } from "./project-artifacts.ts";

export interface VerifyOptions {
  readonly json?: boolean;
}

export async function verify(
  context: CommandContext,
  target: string | undefined,
  options: VerifyOptions,
): Promise<ExitCode> {
  await using artifacts = await openArtifacts(context);
  const progress = new ProgressLine(context);
  const bad: VerificationRecord[] = [];
  let count = 0;
  try {
    for await (const hash of hashesOf(artifacts, target)) {
      const record = await artifacts?.store.backend.verify(hash);
      count += 1;
      if (record !== undefined && record.verification_result !== "valid") bad.push(record);
      progress.show(() => `${plural(count, "content")} verified`);
    }
  } finally {
    progress.clear();
  }
  if (options.json) {
    await writeJson(context, { verified: count, valid: count - bad.length, problems: bad });
  } else {
    const style = styleFor(context.stdout, context.env);
    const lines = bad.map(
      ({ verification_result: result, expected_hash: hash, error_details: detail }) =>
        `${style.paint("red", result)}  ${hash}  ${detail}\n`,
    );
    const all = `${plural(count, "content")} verified, ${bad.length === 0 ? "all as they were kept" : `${bad.length} not as kept`}`;
    await write(context.stdout, `${lines.join("")}${all}\n`);
    if (bad.some(({ verification_result: result }) => result === "corrupted")) {
      await write(
        context.stderr,
        "Damaged contents are in quarantine: no job gets them. Run the jobs that built them again to put them back.\n",
      );
    }
  }
  return bad.length === 0 ? SUCCESS : FAILED;
}

async function* hashesOf(artifacts: ProjectArtifacts | null, target: string | undefined): AsyncGenerator<string> {
  if (target === undefined) {
    if (artifacts === null) return;
    const seen = new Set<string>();
    for await (const hash of artifacts.store.backend.list()) {
      seen.add(hash);
      yield hash;
    }
    // What was found damaged before is no longer among the others.
    for (const hash of await artifacts.store.backend.quarantined()) if (!seen.has(hash)) yield hash;
  } else if (isContentHash(target)) {
    yield target;
  } else {
    const { list } = await artifactsOfRun(artifacts, target);
    const seen = new Set<string>();
    for (const artifact of list) {
      seen.add(artifact.ref);
      for (const hash of await contentsIn(artifacts, artifact)) seen.add(hash);
    }
    yield* seen;
  }
}

/** What cannot be read as an artifact is told of when its own content is verified. */
async function contentsIn(
  artifacts: ProjectArtifacts | null,
  artifact: Parameters<ProjectArtifacts["store"]["manifestOf"]>[0],
): Promise<ReadonlySet<string>> {
  try {
    return artifacts === null ? new Set() : contentsOf(await artifacts.store.manifestOf(artifact));
  } catch (error) {
    if (error instanceof WaybillError) return new Set();
    throw error;
  }
}
