import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { program, runCommand } from "../../support/waybill.ts";
import { tokenOf } from "./server-process.ts";

/** A bare repository with a post-receive hook that tells a server, and a clone to push from. */
export interface PushedRepository {
  readonly url: string;
  /** Commits the files and pushes them. @returns the commit, and what the push printed */
  push(files: Readonly<Record<string, string>>): Promise<{ readonly sha: string; readonly printed: string }>;
}

export async function pushedRepository(root: string, server: () => string): Promise<PushedRepository> {
  const bare = join(root, "shop.git");
  const clone = join(root, "clone");
  mkdirSync(clone);
  const git = async (...args: readonly string[]): Promise<{ readonly stdout: string; readonly stderr: string }> => {
    const identity = ["-c", "user.name=T", "-c", "user.email=t@example.com"];
    const result = await runCommand("git", [...identity, ...args], { cwd: clone });
    if (result.exitCode !== 0) throw new Error(`git ${args.join(" ")}: ${result.stderr}`);
    return result;
  };
  await git("init", "-q", "--bare", "-b", "main", bare);
  await git("init", "-q", "-b", "main", ".");
  await git("remote", "add", "origin", bare);
  return {
    url: `file://${bare}`,
    async push(files) {
      const hook = join(bare, "hooks/post-receive");
      const token = join(root, "hook-token");
      writeFileSync(token, tokenOf(server()), { mode: 0o600 });
      const options = `--server ${server()} --token-file '${token}'`;
      writeFileSync(hook, `#!/bin/sh\nexec '${process.execPath}' -- '${program}' hook post-receive ${options}\n`);
      chmodSync(hook, 0o755);
      for (const [path, text] of Object.entries(files)) {
        mkdirSync(dirname(join(clone, path)), { recursive: true });
        writeFileSync(join(clone, path), text);
      }
      await git("add", "--all");
      await git("commit", "-qm", "x");
      const { stderr } = await git("push", "origin", "HEAD");
      return { sha: (await git("rev-parse", "HEAD")).stdout.trim(), printed: stderr };
    },
  };
}
