import { ManualClock } from "@waybill/core/testing";
import { describe, expect, test } from "vitest";
import { Limiter } from "./limiter.ts";
import { hashPassword, needsRehash, SCRYPT_PARAMETERS, verifyPassword } from "./password-hash.ts";
import { Passwords } from "./passwords.ts";
import { placeOf, Throttle } from "./throttle.ts";

/** Cheap, so that many can be tried. */
const CHEAP = { ln: 4, r: 8, p: 1 };
const PASSWORD = "correct horse battery staple";

function code(name: string): unknown {
  return expect.objectContaining({ code: name });
}

describe("a password's hash", () => {
  test("is of the parameters that are recommended, and known by them", async () => {
    const stored = await hashPassword(PASSWORD);
    expect(stored).toMatch(/^\$scrypt\$ln=15,r=8,p=3\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/);
    expect(await verifyPassword(PASSWORD, stored)).toBe(true);
    expect(await verifyPassword(`${PASSWORD} `, stored)).toBe(false);
    expect(needsRehash(stored)).toBe(false);
  });

  test("is another one each time, and the same for each way to write an accent", async () => {
    const stored = await hashPassword("caf\u00E9 caf\u00E9 caf\u00E9", CHEAP);
    expect(await hashPassword("caf\u00E9 caf\u00E9 caf\u00E9", CHEAP)).not.toBe(stored);
    expect(await verifyPassword("cafe\u0301 cafe\u0301 cafe\u0301", stored)).toBe(true);
    expect(needsRehash(stored)).toBe(true);
  });

  test.each([
    "",
    PASSWORD,
    "$scrypt$ln=30,r=8,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
    "$scrypt$ln=4,r=8,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAA",
    "$scrypt$ln=0,r=8,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
  ])("that is none is nobody's: %s", async (stored) => {
    expect(await verifyPassword(PASSWORD, stored)).toBe(false);
    expect(needsRehash(stored)).toBe(true);
  });
});

describe("passwords", () => {
  test.each(["short", "aaaaaaaaaaaaaaaa", "Annabella-secret", "x".repeat(2000), "ababababababababab"])(
    "that are easy to find out are not taken: %s",
    async (password) => {
      const passwords = new Passwords({ parameters: CHEAP });
      await expect(passwords.hash(password, "annabella")).rejects.toThrow(code("PASSWORD_UNSUITABLE"));
    },
  );

  test("are hashed anew while they are known, when hashes are to cost more", async () => {
    const stored = await new Passwords({ parameters: CHEAP }).hash(PASSWORD, "ann");
    const later = new Passwords({ parameters: { ...CHEAP, ln: 5 } });
    const { isRight, rehashed } = await later.check("ann", "192.0.2.1", PASSWORD, stored);
    expect(isRight).toBe(true);
    expect(rehashed).toContain("ln=5,");
    expect(await later.check("ann", "192.0.2.1", PASSWORD, rehashed)).toEqual({ isRight: true, rehashed: null });
    expect(await later.check("ann", "192.0.2.1", "wrong", stored)).toEqual({ isRight: false, rehashed: null });
  });

  test("of nobody take as long as anybody's", async () => {
    const passwords = new Passwords({ parameters: { ln: 13, r: 8, p: 1 } });
    const stored = await passwords.hash(PASSWORD, "ann");
    const times = { known: [] as number[], unknown: [] as number[] };
    await passwords.check("warm", "192.0.2.250", "wrong", null);
    for (let round = 0; round < 15; round += 1) {
      for (const [kind, hash] of [
        ["known", stored],
        ["unknown", null],
      ] as const) {
        const startedAt = performance.now();
        await passwords.check(`${kind}${round}`, `192.0.2.${round}`, "wrong", hash);
        times[kind].push(performance.now() - startedAt);
      }
    }
    // The quickest of many is what the work itself takes; nothing at all would be a hundredth of it.
    expect(Math.min(...times.unknown)).toBeGreaterThan(Math.min(...times.known) / 2);
  });

  test("are guessed ever more slowly, and an owner is kept out for a minute at most", async () => {
    const clock = new ManualClock();
    const passwords = new Passwords({ clock, parameters: CHEAP });
    const stored = await passwords.hash(PASSWORD, "ann");
    let guesses = 0;
    for (let second = 0; second < 3600; second += 1) {
      // Each from an address of its own.
      const address = `10.0.${second >> 8}.${second & 255}`;
      const result = await passwords.check("ann", address, "wrong", stored).catch((error: unknown) => error);
      if (!(result instanceof Error)) guesses += 1;
      else expect(result).toEqual(code("AUTH_THROTTLED"));
      clock.advance(1000);
    }
    expect(guesses).toBeLessThan(80);
    clock.advance(60_000);
    expect((await passwords.check("ann", "192.0.2.1", PASSWORD, stored)).isRight).toBe(true);
    expect((await passwords.check("ann", "192.0.2.1", "wrong", stored)).isRight).toBe(false);
  });

  test("are guessed ever more slowly from one address, whatever the names", async () => {
    const clock = new ManualClock();
    const passwords = new Passwords({ clock, parameters: CHEAP });
    const results = await Promise.allSettled(
      Array.from({ length: 40 }, (_, index) => passwords.check(`user${index}`, "192.0.2.1", "wrong", null)),
    );
    expect(results.filter(({ status }) => status === "fulfilled")).toHaveLength(31);
    await expect(passwords.check("ann", "192.0.2.1", "wrong", null)).rejects.toThrow(code("AUTH_THROTTLED"));
    await expect(passwords.check("ann", "192.0.2.2", "wrong", null)).resolves.toBeDefined();
  });
});

test("a few work at once, a few wait, and the others are told", async () => {
  const limiter = new Limiter(2, 3);
  let running = 0;
  let most = 0;
  const gates: (() => void)[] = [];
  async function work(): Promise<void> {
    running += 1;
    most = Math.max(most, running);
    await new Promise<void>((resolve) => gates.push(resolve));
    running -= 1;
  }
  const all = Array.from({ length: 5 }, () => limiter.run(work));
  await expect(limiter.run(work)).rejects.toThrow(code("AUTH_BUSY"));
  while (running > 0) {
    gates.shift()?.();
    await new Promise((resolve) => setImmediate(resolve));
  }
  await Promise.all(all);
  expect(most).toBe(2);
  await expect(limiter.run(() => Promise.reject(new Error("defect")))).rejects.toThrow("defect");
  expect(await limiter.run(() => Promise.resolve("free again"))).toBe("free again");
});

describe("a throttle", () => {
  const policy = { free: 2, firstDelayMs: 100, longestDelayMs: 350, forgetMs: 1000, capacity: 3 };

  test("waits twice as long each time, up to the longest, and forgets", () => {
    const clock = new ManualClock();
    const throttle = new Throttle(policy, clock);
    const delays = Array.from({ length: 6 }, () => {
      throttle.fail("a");
      return throttle.delayOf("a");
    });
    expect(delays).toEqual([0, 0, 100, 200, 350, 350]);
    clock.advance(349);
    expect(throttle.delayOf("a")).toBe(1);
    clock.advance(1000);
    expect(throttle.delayOf("a")).toBe(0);
    throttle.fail("a");
    expect(throttle.delayOf("a")).toBe(0);
  });

  test("remembers so many keys and no more", () => {
    const throttle = new Throttle(policy, new ManualClock());
    for (let count = 0; count < 3; count += 1) throttle.fail("a");
    for (const key of ["b", "c"]) throttle.fail(key);
    expect(throttle.delayOf("a")).toBe(100);
    throttle.fail("d");
    expect(throttle.delayOf("a")).toBe(0);
  });
});

test.each([
  ["192.0.2.7", "192.0.2.7"],
  ["::ffff:192.0.2.7", "192.0.2.7"],
  ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"],
  ["2001:db8:1:2::9", "2001:db8:1:2::/64"],
  ["2001:0DB8:0001:0002::9", "2001:db8:1:2::/64"],
  ["2001:db8::1", "2001:db8:0:0::/64"],
  ["fe80::1%eth0", "fe80:0:0:0::/64"],
  ["::1", "0:0:0:0::/64"],
  ["unknown", "unknown"],
])("%s is one place: %s", (address, place) => {
  expect(placeOf(address)).toBe(place);
});

test("the parameters are at least those that are recommended for 32 MiB", () => {
  expect(SCRYPT_PARAMETERS).toEqual({ ln: 15, r: 8, p: 3 });
});
