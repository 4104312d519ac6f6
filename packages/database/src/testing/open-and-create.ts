/**
 * Opens a database, which may not be there yet, and stores a run:
 * `WAYBILL_TEST_STORE=<file or address> node open-and-create.ts <run id>`.
 */
import { sampleRun } from "@waybill/engine/testing/sample-run";
import { openRunStore } from "../open-run-store.ts";

const [, , runId = ""] = process.argv;
const store = await openRunStore(process.env["WAYBILL_TEST_STORE"] ?? "");
await store.create(sampleRun(runId));
await store.close();
