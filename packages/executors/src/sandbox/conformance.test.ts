import { executorConformance } from "@waybill/engine/testing";
import { describeWith } from "../../../../test/support/requires.ts";

describeWith("bubblewrap", "sandbox", () => {
  executorConformance("sandbox", new URL("sandbox-executor.fixture.ts", import.meta.url));
});
