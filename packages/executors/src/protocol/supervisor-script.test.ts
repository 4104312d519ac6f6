import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { SUPERVISOR_SCRIPT } from "./supervisor-script.ts";

it("ends rather than spins where it has no owner and there is no `sleep`", async () => {
  const root = mkdtempSync(join(tmpdir(), "waybill-script-"));
  try {
    mkdirSync(join(root, "control"));
    const args = ["-c", SUPERVISOR_SCRIPT, "supervisor", "/bin/sh", join(root, "control")];
    const child = spawn("/bin/sh", args, { stdio: "ignore", env: { PATH: root } });
    const [code] = (await once(child, "exit")) as [number | null];
    expect(code).toBe(1);
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
});
