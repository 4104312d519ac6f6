/** The process that the conformance suite kills: `node writer.ts <database> <run id>`. */
import { commitUntilKilled } from "@waybill/engine/testing/commit-until-killed";
import { openRunStore } from "../open-run-store.ts";

const [, , path = "", runId = ""] = process.argv;
await commitUntilKilled(await openRunStore(path), runId);
