import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { newKeyText } from "./key-ring.ts";
import { addKey, dropOldKeys, keyFilePath, loadKeyRing } from "./load-key-ring.ts";

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "waybill-key-ring-"));
});

afterEach(async () => {
  await rm(directory, { recursive: true });
});

const invalid = expect.objectContaining({ code: "SECRETS_KEY_INVALID" }) as unknown;

test("the first start makes a key that only its owner may read, and the next ones find it", async () => {
  const dataDirectory = join(directory, "data");
  const first = await loadKeyRing({ dataDirectory });
  expect((await stat(keyFilePath(dataDirectory))).mode & 0o777).toBe(0o600);
  expect((await loadKeyRing({ dataDirectory })).primary.id).toBe(first.primary.id);
});

test("servers that start at once have one key, and leave nothing else behind", async () => {
  const rings = await Promise.all(Array.from({ length: 20 }, () => loadKeyRing({ dataDirectory: directory })));
  expect(new Set(rings.map(({ primary }) => primary.id)).size).toBe(1);
  expect(await readdir(directory)).toEqual(["secrets.key"]);
});

test("the environment comes first, then the file it names, whatever its mode", async () => {
  const [text, other] = [newKeyText(), newKeyText()];
  const file = join(directory, "mounted");
  await writeFile(file, other, { mode: 0o444 });
  const fromText = await loadKeyRing({ text, file, dataDirectory: directory });
  expect(fromText.primary.bytes.toString("base64")).toBe(text);
  const fromFile = await loadKeyRing({ text: "", file, dataDirectory: directory });
  expect(fromFile.primary.bytes.toString("base64")).toBe(other);
  expect(await readdir(directory)).toEqual(["mounted"]);
});

test("a key that others may read, that is cut short or not there is refused, not replaced", async () => {
  const path = keyFilePath(directory);
  await loadKeyRing({ dataDirectory: directory });
  await chmod(path, 0o644);
  await expect(loadKeyRing({ dataDirectory: directory })).rejects.toThrow(invalid);
  await chmod(path, 0o600);
  await writeFile(path, "c2hvcnQ=");
  await expect(loadKeyRing({ dataDirectory: directory })).rejects.toThrow(invalid);
  expect(await readFile(path, "utf8")).toBe("c2hvcnQ=");
  await expect(loadKeyRing({ file: join(directory, "none"), dataDirectory: directory })).rejects.toThrow(invalid);
  await writeFile(path, "#".repeat(70_000));
  await expect(loadKeyRing({ dataDirectory: directory })).rejects.toThrow(invalid);
});

test("a new key comes first, the old ones decrypt until they are dropped", async () => {
  const path = keyFilePath(directory);
  const first = await loadKeyRing({ dataDirectory: directory });
  const second = await addKey(path);
  expect(second.primary.id).not.toBe(first.primary.id);
  expect((await loadKeyRing({ dataDirectory: directory })).find(first.primary.id)).toBeDefined();
  const third = await dropOldKeys(path);
  expect(third.primary.id).toBe(second.primary.id);
  expect((await loadKeyRing({ dataDirectory: directory })).find(first.primary.id)).toBeUndefined();
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  expect(await readdir(directory)).toEqual(["secrets.key"]);
});
