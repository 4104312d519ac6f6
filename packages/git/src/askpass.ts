import { WaybillError } from "@waybill/core";
import type { GitCredentials } from "./ports.ts";

/**
 * Git asks for the user first and then for the password, each by a process of this. Both lie in the pipe that all of
 * them share; a shell's `read` takes no byte more than its line. Asked again, because the first answer was refused, it
 * finds nothing and fails.
 */
export const ASKPASS = `#!/bin/sh
IFS= read -r line <&3 || exit 1
printf '%s\\n' "$line"
`;

/** @throws WaybillError `GIT_ACCESS_DENIED` for what Git could not be told */
export function checkCredentials(credentials: GitCredentials, url: string): void {
  const text = credentials.username + credentials.password;
  // eslint-disable-next-line no-control-regex -- what ends the line, or the text
  if (/[\u0000\r\n]/.test(text) || credentials.username === "") {
    throw new WaybillError("GIT_ACCESS_DENIED", { url, detail: "a user or password with a line break, or no user" });
  }
}
