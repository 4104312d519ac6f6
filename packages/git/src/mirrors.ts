import { systemClock, WaybillError, type Clock } from "@waybill/core";
import { createHash } from "node:crypto";
import { mkdirSync, writeFileSync, renameSync } from "node:fs";
import { join } from "node:path";
import { PROTOCOLS, repositoryAddress, type Protocol, type RepositoryAddress } from "./address.ts";
import { ASKPASS } from "./askpass.ts";
import { checkFileAddress } from "./file-address.ts";
import { gitEnvironment } from "./git-environment.ts";
import { GitMirror } from "./git-mirror.ts";
import type { Mirror, Mirrors } from "./ports.ts";
import { probeRepository } from "./probe-repository.ts";

export interface MirrorsOptions {
  /** Default: https, ssh, file. */
  readonly protocols?: readonly Protocol[];
  /** Absolute: where repositories of this machine may be; default: anywhere. */
  readonly fileDirectories?: readonly string[];
  readonly clock?: Clock;
  /** Absolute: where repositories that are but looked at may lie meanwhile; default: among the mirrors. */
  readonly scratchDirectory?: string;
  /** How long a fetch may take, the wait for another process included; default 15 minutes. */
  readonly fetchTimeoutMs?: number;
  /** How large a pack may be; default 8 GiB. */
  readonly maxPackBytes?: number;
  /** Where the program and the keys of SSH are looked for; default: the environment of this process. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
}

const FETCH_TIMEOUT_MS = 15 * 60_000;
const MAX_PACK_BYTES = 8 * 1024 ** 3;

/**
 * What Git reads in place of the user's and the system's configuration. A repository named by `file://` may belong to
 * another user; serving it runs nothing that its own configuration could name. A redirect would lead past all that is
 * asked of an address.
 */
const CONFIGURATION = "[safe]\n\tdirectory = *\n[http]\n\tfollowRedirects = false\n";

/**
 * Mirrors below `directory`, which is made with the first of them, each in a folder of its own.
 *
 * @param directory absolute
 */
export function openMirrors(directory: string, options: MirrorsOptions = {}): Mirrors {
  const { protocols = PROTOCOLS, clock = systemClock } = options;
  const limits = {
    fetchTimeoutMs: options.fetchTimeoutMs ?? FETCH_TIMEOUT_MS,
    maxPackBytes: options.maxPackBytes ?? MAX_PACK_BYTES,
  };
  const opened = new Map<string, Mirror>();
  let environment: Readonly<Record<string, string>> | null = null;
  const checked = (url: string): RepositoryAddress => {
    const address = repositoryAddress(url, protocols);
    if (address.protocol === "file") checkFileAddress(address.url, options.fileDirectories ?? ["/"]);
    return address;
  };
  const environmentOf = (): Readonly<Record<string, string>> =>
    (environment ??= prepare(directory, protocols, options.environment ?? process.env));
  return {
    address: (url) => checked(url).url,
    async probe(url, credentials) {
      const address = checked(url);
      const scratch = options.scratchDirectory ?? directory;
      return await probeRepository({ address, environment: environmentOf(), clock }, scratch, credentials);
    },
    of(url, scope = "") {
      const address = checked(url);
      // No address has a line feed.
      const key = scope === "" ? address.url : `${scope}\n${address.url}`;
      let mirror = opened.get(key);
      if (mirror === undefined) {
        const name = createHash("sha256").update(key).digest("hex").slice(0, 32);
        mirror = new GitMirror({
          ...limits,
          address,
          directory: join(directory, `${name}.git`),
          environment: environmentOf(),
          clock,
        });
        opened.set(key, mirror);
      }
      return mirror;
    },
  };
}

/** @returns the whole environment of every call */
function prepare(
  directory: string,
  protocols: readonly Protocol[],
  host: Readonly<Record<string, string | undefined>>,
): Readonly<Record<string, string>> {
  const configuration = join(directory, "gitconfig");
  const askpass = join(directory, "askpass.sh");
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    replaceFile(configuration, CONFIGURATION, 0o600);
    replaceFile(askpass, ASKPASS, 0o700);
  } catch (cause) {
    const detail = cause instanceof Error ? cause.message : String(cause);
    throw new WaybillError("GIT_FAILED", { what: "making the directory of mirrors", detail }, { cause });
  }
  return {
    ...gitEnvironment(host),
    GIT_CONFIG_GLOBAL: configuration,
    GIT_ASKPASS: askpass,
    GIT_ALLOW_PROTOCOL: protocols.join(":"),
    // Unknown host keys are refused, not learnt; nothing is asked.
    GIT_SSH_COMMAND: "ssh -o BatchMode=yes -o StrictHostKeyChecking=yes -o ConnectTimeout=20",
    GIT_SSH_VARIANT: "ssh",
  };
}

/** Another process may read it at any moment. */
function replaceFile(path: string, text: string, mode: number): void {
  const unfinished = `${path}.${process.pid}`;
  writeFileSync(unfinished, text, { mode });
  renameSync(unfinished, path);
}
