/** Opens a database, which may not be there yet, and stores a run: `node open-and-create.ts <database> <run id>`. */
import { sampleRun } from "@waybill/engine/testing/sample-run";
import { openRunStore } from "../open-run-store.ts";

const [, , path = "", runId = ""] = process.argv;
const store = await openRunStore(path);
await store.create(sampleRun(runId));
await store.close();
