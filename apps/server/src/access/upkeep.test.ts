import { newKeyText, parseKeyRing, systemPrincipal } from "@waybill/access";
import { systemIds } from "@waybill/core";
import { ManualClock } from "@waybill/core/testing";
import { openRunStore } from "@waybill/database";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { createServerLog } from "../server-log.ts";
import { openAccess } from "./open-access.ts";
import { keepUpAccess } from "./upkeep.ts";

const TEST = systemPrincipal("test");
const HOUR_MS = 3_600_000;

test("settles approvals when their end has come, and forgets links and sessions that are over", async () => {
  const directory = mkdtempSync(join(tmpdir(), "waybill-upkeep-"));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  const clock = new ManualClock(Date.UTC(2026, 0, 1));
  const runs = await openRunStore(join(directory, "waybill.db"));
  onTestFinished(() => runs.close());
  const store = await runs.accessStore();
  const ring = parseKeyRing(newKeyText(), "a test");
  const access = openAccess({ store, ring, clock, ids: systemIds, publicUrl: null, oidc: null });
  const logged: string[] = [];
  const upkeep = keepUpAccess(
    access,
    clock,
    createServerLog(clock, (line) => logged.push(line)),
  );

  await access.users.create(TEST, { name: "ann" });
  const { token } = await access.signIn.issueLink(TEST, "ann");
  const { session } = await access.signIn.withLink(token, { address: "192.0.2.1", userAgent: "" });
  await access.signIn.issueLink(TEST, "ann");
  const waits = { projectId: "p1", runId: "r1", kind: "job", digest: "x", authorIds: [] } as const;
  const { id } = await access.approvals.request(TEST, { ...waits, expiresAt: clock.now() + 90_000 });
  const stored = async (): Promise<unknown> => (await store.tables.approvals.find(id))?.status;

  await minutes(1);
  expect(await stored()).toBe("pending");
  await minutes(1);
  expect(await stored()).toBe("expired");
  const sessions = async (): Promise<readonly string[]> =>
    (await store.tables.sessions.ofUser(session.userId)).map((each) => each.id);
  await minutes(60);
  expect(await sessions()).toEqual([session.id]);
  clock.advance(13 * HOUR_MS);
  await minutes(60);
  expect(await sessions()).toEqual([]);
  await upkeep[Symbol.asyncDispose]();
  expect(logged).toEqual([]);

  /** Each look is over before the next one is due. */
  async function minutes(count: number): Promise<void> {
    for (let minute = 0; minute < count; minute += 1) {
      clock.advance(60_000);
      await vi.waitFor(() => expect(clock.pendingDelays()).not.toEqual([]), { interval: 1 });
    }
  }
});
