import fc from "fast-check";
import { expect, test } from "vitest";
import { formatManifest, ManifestError, parseManifest } from "./format.ts";
import { contentsOf, type Manifest } from "./manifest.ts";

const HASH = "ab".repeat(32);
const hash = fc
  .array(fc.integer({ min: 0, max: 15 }), { minLength: 64, maxLength: 64 })
  .map((digits) => digits.map((digit) => digit.toString(16)).join(""));
const name = fc
  .string({ unit: "grapheme", minLength: 1, maxLength: 8 })
  .filter((text) => !/[/\0]/.test(text) && text !== "." && text !== ".." && text.isWellFormed());

/** A tree of names: what is in a directory comes behind it. */
const manifest: fc.Arbitrary<Manifest> = fc
  .record({
    directories: fc.uniqueArray(name, { maxLength: 4 }),
    names: fc.uniqueArray(name, { maxLength: 8 }),
    hashes: fc.array(hash, { minLength: 8, maxLength: 8 }),
    packSize: fc.nat(1000),
    links: fc.nat(2),
  })
  .map(({ directories, names, hashes, packSize, links }) => {
    const paths = names.map((each, index) =>
      directories.length === 0 ? each : `${directories[index % directories.length]}/${each}`,
    );
    const free = paths.filter((path) => !directories.includes(path));
    return {
      directories,
      links: free.slice(0, links).map((path) => ({ path, target: "somewhere" })),
      packs: [{ hash: hashes[7] ?? HASH, size: packSize }],
      files: free.slice(links).map((path, index) => ({
        path,
        executable: index % 2 === 0,
        size: index % 3 === 0 ? Math.min(index, packSize) : index * 1000,
        hash: hashes[index % 7] ?? HASH,
        packed: index % 3 === 0 ? { pack: 0, offset: packSize - Math.min(index, packSize) } : null,
      })),
    };
  });

test("a manifest comes back as it was, and the same one has the same text", () => {
  fc.assert(
    fc.property(manifest, (each) => {
      const text = formatManifest(each);
      expect(parseManifest(text)).toEqual(each);
      expect(formatManifest(parseManifest(text))).toBe(text);
      expect(contentsOf(each).size).toBeLessThanOrEqual(each.files.length + 1);
    }),
  );
});

test("whatever a text holds, it is refused or keeps inside the workspace", () => {
  const hostilePath = fc.oneof(
    name,
    fc.array(fc.constantFrom("..", ".", "", "a", "b"), { minLength: 1, maxLength: 5 }).map((parts) => parts.join("/")),
    fc.constantFrom("/etc/passwd", "a\0b", "x".repeat(5000)),
  );
  const hostile = fc.record({
    version: fc.constantFrom(1, 1, 1, 2, "1"),
    directories: fc.array(hostilePath, { maxLength: 3 }),
    links: fc.array(fc.record({ path: hostilePath, target: hostilePath }), { maxLength: 2 }),
    packs: fc.array(fc.record({ hash: fc.constantFrom(HASH, "../x", ""), size: fc.oneof(fc.nat(10), fc.double()) }), {
      maxLength: 2,
    }),
    files: fc.array(
      fc.record(
        {
          path: hostilePath,
          mode: fc.constantFrom("644", "755", "4755", 420),
          size: fc.oneof(fc.nat(10), fc.double(), fc.constant(-1)),
          hash: fc.constantFrom(HASH, HASH.toUpperCase(), "x"),
          pack: fc.integer({ min: -1, max: 3 }),
          offset: fc.integer({ min: -1, max: 20 }),
        },
        { requiredKeys: ["path", "mode", "size", "hash"] },
      ),
      { maxLength: 3 },
    ),
  });
  fc.assert(
    fc.property(fc.oneof(hostile, fc.jsonValue()), (value) => {
      let parsed: Manifest;
      try {
        parsed = parseManifest(JSON.stringify(value));
      } catch (error) {
        expect(error).toBeInstanceOf(ManifestError);
        return;
      }
      const paths = [...parsed.directories, ...[...parsed.files, ...parsed.links].map(({ path }) => path)];
      for (const path of paths) {
        expect(path).not.toMatch(/^\/|\0/);
        expect(path.split("/").filter((part) => part === ".." || part === "." || part === "")).toEqual([]);
      }
      for (const { target } of parsed.links) expect(target.startsWith("/")).toBe(false);
      for (const { packed, size } of parsed.files) {
        if (packed !== null) expect(packed.offset + size).toBeLessThanOrEqual(parsed.packs[packed.pack]?.size ?? -1);
      }
    }),
    { numRuns: 2000 },
  );
});

const BASE = {
  version: 1,
  directories: ["d"],
  links: [],
  packs: [],
  files: [{ path: "d/f", mode: "644", size: 1, hash: HASH }],
};

test.each<[string, object]>([
  ["is in no directory", { directories: [] }],
  ["is there twice", { directories: ["d", "d"] }],
  ["is there twice", { files: [...BASE.files, ...BASE.files] }],
  ["is there twice", { links: [{ path: "d/f", target: "x" }] }],
  ["is in no directory", { directories: ["d"], links: [{ path: "d/f/g", target: "x" }] }],
  ["out of the workspace", { links: [{ path: "d/l", target: "../../x" }] }],
  ["absolute", { links: [{ path: "d/l", target: "/x" }] }],
  ["outside its pack", { packs: [{ hash: HASH, size: 3 }], files: [{ ...BASE.files[0], pack: 0, offset: 3 }] }],
  ["more than", { packs: [{ hash: HASH, size: 1e9 }] }],
  ["version", { version: 2 }],
  ["no list", { files: {} }],
])("refuses what %s", (detail, change) => {
  expect(parseManifest(JSON.stringify(BASE)).files).toHaveLength(1);
  expect(() => parseManifest(JSON.stringify({ ...BASE, ...change }))).toThrow(detail);
});
