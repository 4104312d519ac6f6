import { execFileSync } from "node:child_process";

/** Node can make no FIFO by itself. */
export function mkfifo(path: string): void {
  execFileSync("mkfifo", [path]);
}
