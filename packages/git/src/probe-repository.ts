import { WaybillError } from "@waybill/core";
import { mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { checkCredentials } from "./askpass.ts";
import { GitMirror, transferError, type GitMirrorOptions } from "./git-mirror.ts";
import type { GitCredentials, RepositoryProbe } from "./ports.ts";
import { checkResolvedHost } from "./refused-hosts.ts";
import { runGit, type GitCall } from "./run-git.ts";

/** A person waits for the answer. */
const LIST_TIMEOUT_MS = 20_000;
const FETCH_TIMEOUT_MS = 60_000;
/** One commit of a repository that is worth looking at. */
const MAX_PACK_BYTES = 256 * 1024 * 1024;
const MAX_LIST_BYTES = 64 * 1024;

/**
 * @param scratch where what is fetched may lie meanwhile; absolute
 * @throws WaybillError `GIT_*`
 */
export async function probeRepository(
  { address, environment, clock }: Pick<GitMirrorOptions, "address" | "environment" | "clock">,
  scratch: string,
  credentials?: GitCredentials,
): Promise<RepositoryProbe> {
  const { url } = address;
  if (credentials !== undefined) checkCredentials(credentials, url);
  if (address.protocol !== "file") await checkResolvedHost(new URL(url).hostname);
  const git = async (call: Pick<GitCall, "args" | "timeoutMs">): Promise<string> => {
    const common = { what: `looking at ${url}`, environment, credentials, maxFileBytes: MAX_PACK_BYTES };
    const outcome = await runGit({ maxOutputBytes: MAX_LIST_BYTES, ...common, ...call });
    if (outcome.exitCode !== 0) throw transferError(url, outcome);
    return outcome.stdout.toString();
  };
  const listed = await git({ args: ["ls-remote", "--symref", "--", url, "HEAD"], timeoutMs: LIST_TIMEOUT_MS });
  const defaultBranch = /^ref: refs\/heads\/([^\s]+)\tHEAD$/m.exec(listed)?.[1] ?? null;
  const sha = /^([0-9a-f]{40}|[0-9a-f]{64})\tHEAD$/m.exec(listed)?.[1] ?? null;
  const nothing = {
    url,
    defaultBranch,
    sha: null,
    paths: () => Promise.resolve([]),
    readFile: () => Promise.resolve(null),
  };
  if (sha === null) return { ...nothing, [Symbol.asyncDispose]: () => Promise.resolve() };
  const directory = await mkdtemp(join(scratch, "probe-"));
  const dispose = (): Promise<void> => rm(directory, { recursive: true, force: true });
  try {
    const format = sha.length === 64 ? "sha256" : "sha1";
    const args = ["init", "--quiet", "--bare", `--object-format=${format}`, "--template=", directory];
    await git({ args, timeoutMs: LIST_TIMEOUT_MS });
    const how = ["fetch", "--quiet", "--depth", "1", "--no-tags", "--no-write-fetch-head"];
    const fetched = ["--git-dir", directory, ...how, "--", url, "+HEAD:refs/heads/probed"];
    await git({ args: fetched, timeoutMs: FETCH_TIMEOUT_MS });
    const limits = { fetchTimeoutMs: FETCH_TIMEOUT_MS, maxPackBytes: MAX_PACK_BYTES };
    const mirror = new GitMirror({ address, directory, environment, clock, ...limits });
    // It may have moved since it was listed.
    const head = await mirror.resolve("refs/heads/probed");
    if (head === null) throw new WaybillError("GIT_NO_COMMIT", { ref: "HEAD", url });
    return {
      ...{ url, defaultBranch, sha: head },
      paths: () => mirror.changedPaths(null, head),
      readFile: (path, maxBytes) => mirror.readFile(head, path, maxBytes),
      [Symbol.asyncDispose]: dispose,
    };
  } catch (error) {
    await dispose();
    throw error;
  }
}
