import { spawn, type ChildProcess } from "node:child_process";
import { fileURLToPath } from "node:url";

/**
 * Starts a program of this folder in a process of its own.
 *
 * @param place of the store; in the environment, as an address has a password in it
 */
export function spawnProgram(
  name: "audit-writer" | "open-and-create" | "slip-writer" | "writer",
  place: string,
  ...args: string[]
): ChildProcess {
  return spawn(process.execPath, [fileURLToPath(new URL(`${name}.ts`, import.meta.url)), ...args], {
    stdio: ["ignore", "ignore", "inherit"],
    env: { ...process.env, WAYBILL_TEST_STORE: place },
  });
}
