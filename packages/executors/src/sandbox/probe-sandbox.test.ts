import { chmodSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { describeWith } from "../../../../test/support/requires.ts";
import { probeSandbox } from "./probe-sandbox.ts";

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "waybill-probe-"));
});

afterEach(() => rmSync(root, { recursive: true, force: true }));

function bubblewrapThat(script: string): string {
  const path = join(root, "bwrap");
  writeFileSync(path, `#!/bin/sh\n${script}\n`);
  chmodSync(path, 0o755);
  return path;
}

describe("probing for sandboxes", () => {
  it("says that bubblewrap is not installed, and how to", async () => {
    const probe = await probeSandbox({ program: join(root, "none") });
    const reason = /^bubblewrap is not installed\. Install it: apt-get install bubblewrap/;
    expect(probe).toMatchObject({ available: false, reason: expect.stringMatching(reason) as string });
  });

  it("tells forbidden user namespaces from a missing program", async () => {
    const program = bubblewrapThat(`[ "$1" = --version ] && { echo bubblewrap 9.9; exit; }
echo "bwrap: setting up uid map: Permission denied" >&2; exit 1`);
    const probe = await probeSandbox({ program });
    expect(probe).toMatchObject({ available: false, reason: expect.stringContaining("user namespaces") as string });
  });

  it("passes on what else bubblewrap complains about", async () => {
    const program = bubblewrapThat(`[ "$1" = --version ] && exit; echo "bwrap: no space left" >&2; exit 1`);
    const probe = await probeSandbox({ program });
    expect(probe).toMatchObject({
      available: false,
      reason: expect.stringContaining("bwrap: no space left") as string,
    });
  });

  if (process.getuid?.() === 0) {
    it("names the tool that root needs besides", async () => {
      const program = bubblewrapThat("echo bubblewrap 9.9");
      symlinkSync("/bin/sh", join(root, "sh"));
      const probe = await probeSandbox({ program, path: root });
      expect(probe).toMatchObject({ available: false, reason: expect.stringContaining("setpriv") as string });
    });
  }
});

describeWith("bubblewrap", "probing where bubblewrap works", () => {
  it("finds it and its version", async () => {
    expect(await probeSandbox()).toMatchObject({ available: true, version: expect.stringMatching(/^\d/) as string });
  });
});
