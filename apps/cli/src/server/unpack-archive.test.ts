import { lstat, mkdtemp, readFile, readlink, realpath, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pack, type Pack } from "tar-stream";
import { expect, onTestFinished, test } from "vitest";
import { unpackArchive } from "./unpack-archive.ts";

async function directory(): Promise<string> {
  const path = await realpath(await mkdtemp(join(tmpdir(), "waybill-unpack-")));
  onTestFinished(() => rm(path, { recursive: true, force: true }));
  return path;
}

async function unpack(to: string, fill: (archive: Pack) => void): Promise<{ readonly files: number }> {
  const archive = pack();
  fill(archive);
  archive.finalize();
  return await unpackArchive(archive as AsyncIterable<Uint8Array>, to, "http://server");
}

test("files, directories and links come out as they went in", async () => {
  const to = await directory();
  const { files } = await unpack(to, (archive) => {
    archive.entry({ name: "bin/", type: "directory" });
    archive.entry({ name: "bin/run", mode: 0o755 }, "#!/bin/sh\n");
    archive.entry({ name: "deep/er/file" }, "x");
    archive.entry({ name: "latest", type: "symlink", linkname: "bin/run" });
  });
  expect(files).toBe(3);
  expect((await lstat(join(to, "bin/run"))).mode & 0o777).toBe(0o755);
  expect(await readFile(join(to, "deep/er/file"), "utf8")).toBe("x");
  expect(await readlink(join(to, "latest"))).toBe("bin/run");
});

test.each<[string, (archive: Pack) => void]>([
  ["a name that leads out", (archive) => archive.entry({ name: "../evil" }, "x")],
  ["an absolute name", (archive) => archive.entry({ name: "/tmp/evil" }, "x")],
  ["a link that leads out", (archive) => archive.entry({ name: "l", type: "symlink", linkname: "../../etc" })],
  ["an absolute link", (archive) => archive.entry({ name: "l", type: "symlink", linkname: "/etc" })],
  ["a device", (archive) => archive.entry({ name: "d", type: "character-device" })],
  ["a hard link", (archive) => archive.entry({ name: "h", type: "link", linkname: "x" })],
])("%s is refused", async (_, fill) => {
  await expect(unpack(await directory(), fill)).rejects.toMatchObject({ code: "SERVER_ANSWER_INVALID" });
});

test("nothing is written through a link that is in the way", async () => {
  const to = await directory();
  const outside = await directory();
  await symlink(outside, join(to, "dir"));
  await symlink(join(outside, "file"), join(to, "file"));
  await expect(unpack(to, (archive) => archive.entry({ name: "dir/file" }, "x"))).rejects.toMatchObject({
    code: "SERVER_ANSWER_INVALID",
  });
  await unpack(to, (archive) => archive.entry({ name: "file" }, "mine"));
  await expect(lstat(join(outside, "file"))).rejects.toMatchObject({ code: "ENOENT" });
  expect(await readFile(join(to, "file"), "utf8")).toBe("mine");
});

test("half an archive is none", async () => {
  const archive = pack();
  archive.entry({ name: "file" }, "x".repeat(5_000));
  archive.finalize();
  const chunks: Uint8Array[] = [];
  for await (const chunk of archive as AsyncIterable<Uint8Array>) chunks.push(chunk);
  const whole = Buffer.concat(chunks);
  async function* half(): AsyncGenerator<Uint8Array> {
    yield whole.subarray(0, 2_000);
    await Promise.resolve();
  }
  await expect(unpackArchive(half(), await directory(), "http://server")).rejects.toMatchObject({
    code: "SERVER_ANSWER_INVALID",
  });
});
