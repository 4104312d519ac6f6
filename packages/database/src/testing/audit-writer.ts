/**
 * Appends to the audit log, one transaction each, until it is killed or has appended so many:
 * `WAYBILL_TEST_STORE=<file or address> node audit-writer.ts <name> <count>`.
 */
import { openRunStore } from "../open-run-store.ts";

const [, , name = "", count = "0"] = process.argv;
const runs = await openRunStore(process.env["WAYBILL_TEST_STORE"] ?? "");
const store = await runs.accessStore();
for (let index = 0; index < Number(count); index += 1) {
  await store.transaction(async (tx) => {
    await tx.users.setRole({ projectId: `p${index % 5}`, userId: "u1", role: "viewer" });
    tx.audit({
      time: Date.now(),
      actorId: `user:${name}`,
      action: "ROLE_GRANTED",
      resource: "user:u1",
      projectId: `p${index % 5}`,
      context: { index },
    });
  });
}
await runs.close();
