/** The process that the conformance suite kills: `WAYBILL_TEST_STORE=<file or address> node writer.ts <run id>`. */
import { commitUntilKilled } from "@waybill/engine/testing/commit-until-killed";
import { openRunStore } from "../open-run-store.ts";

const [, , runId = ""] = process.argv;
await commitUntilKilled(await openRunStore(process.env["WAYBILL_TEST_STORE"] ?? ""), runId);
