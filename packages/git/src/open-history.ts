import { existsSync } from "node:fs";
import { join } from "node:path";
import { GitHistory } from "./git-history.ts";
import { gitEnvironment } from "./git-environment.ts";
import type { History } from "./ports.ts";

/**
 * The history of a repository or checkout that lies on this machine, whoever made it. Nothing is fetched; nothing that
 * its own configuration names is started.
 *
 * @param directory absolute
 */
export function openHistory(
  directory: string,
  host: Readonly<Record<string, string | undefined>> = process.env,
): History {
  const inside = join(directory, ".git");
  return new GitHistory({
    directory: existsSync(inside) ? inside : directory,
    // Read by Git in place of files: of a checkout that belongs to another user, too, only the history is read.
    environment: {
      ...gitEnvironment(host),
      GIT_CONFIG_GLOBAL: "/dev/null",
      GIT_CONFIG_COUNT: "1",
      GIT_CONFIG_KEY_0: "safe.directory",
      GIT_CONFIG_VALUE_0: "*",
    },
    isConfigurationOurs: false,
  });
}
