/**
 * Several writers at once on one slip:
 * `WAYBILL_TEST_STORE=<file or address> node slip-writer.ts <correlation id> <first> <count>`.
 */
import { writeSlips } from "@waybill/slip/testing/write-slips";
import { openSlipStore } from "../open-slip-store.ts";

const [, , correlationId = "", first = "0", count = "0"] = process.argv;
const store = await openSlipStore(process.env["WAYBILL_TEST_STORE"] ?? "");
await writeSlips(store, correlationId, Number(first), Number(count));
await store.close();
