import fc from "fast-check";
import { randomBytes } from "node:crypto";
import { zstdDecompressSync } from "node:zlib";
import { expect, test } from "vitest";
import { BLOCK_BYTES, compressBlock, decodeFrame } from "./frames.ts";
import { unwrapRawFrame } from "./raw-frame.ts";

test("what does not compress is unwrapped as it was, within the frame's own memory", async () => {
  const raw = randomBytes(BLOCK_BYTES);
  const frame = await compressBlock(raw);
  const unwrapped = unwrapRawFrame(frame, raw.length);
  expect(unwrapped?.equals(raw)).toBe(true);
  expect(unwrapped?.buffer).toBe(frame.buffer);
});

test("what is compressed in any part is left to the library, the frame untouched", async () => {
  const raw = Buffer.concat([randomBytes(BLOCK_BYTES / 2), Buffer.alloc(BLOCK_BYTES / 2, "text ")]);
  const frame = await compressBlock(raw);
  const before = Buffer.from(frame);
  expect(unwrapRawFrame(frame, raw.length)).toBeNull();
  expect(frame.equals(before)).toBe(true);
  expect((await decodeFrame(frame, raw.length))?.equals(raw)).toBe(true);
});

test("another length than the one promised is not believed", async () => {
  const frame = await compressBlock(randomBytes(1000));
  expect(unwrapRawFrame(frame, 999)).toBeNull();
  expect(unwrapRawFrame(frame, 1001)).toBeNull();
});

test("of any bytes, however damaged, it gives what the library gives, or leaves them to it", async () => {
  const damage = fc.array(fc.record({ at: fc.nat(300_000), value: fc.nat(255) }), { maxLength: 3 });
  const property = fc.asyncProperty(fc.nat(280_000), fc.nat(20), damage, async (size, cut, changes) => {
    const frame = Buffer.from(await compressBlock(randomBytes(size)));
    for (const { at, value } of changes) if (at < frame.length) frame[at] = value;
    const damaged = frame.subarray(0, Math.max(frame.length - cut, 0));
    const before = Buffer.from(damaged);
    const unwrapped = unwrapRawFrame(damaged, size);
    if (unwrapped === null) return;
    expect(unwrapped).toHaveLength(size);
    const inflated = inflate(before);
    // The library refuses some fields that say nothing of the content: a window too large, for example.
    if (inflated !== null) expect(unwrapped.equals(inflated)).toBe(true);
  });
  await fc.assert(property, { numRuns: 60 });
});

function inflate(frame: Buffer): Buffer | null {
  try {
    return zstdDecompressSync(frame);
  } catch {
    return null;
  }
}
