import { executorConformance } from "@waybill/engine/testing";
import { describeWith } from "../../../../test/support/requires.ts";

describeWith("docker", "docker", () => {
  executorConformance("docker", new URL("docker-executor.fixture.ts", import.meta.url));
});
