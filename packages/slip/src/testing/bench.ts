import { constantRandom, ManualClock, sequentialIds } from "@waybill/core/testing";
import { SlipClient, type SlipClientOptions } from "../client.ts";
import type { PushOptions } from "../push.ts";
import type { Slip } from "../slip.ts";
import { FakeCommitGraph } from "./fake-commit-graph.ts";
import { FakeSlipStore } from "./fake-slip-store.ts";
import { shaOf } from "./fixtures.ts";
import { RecordedLog } from "./recorded-log.ts";

export const REPOSITORY = "octo-org/webshop";

/** A client with everything around it made up, and the time standing still. */
export class Bench {
  readonly clock = new ManualClock(1_000_000);
  readonly store = new FakeSlipStore();
  readonly graph = new FakeCommitGraph();
  readonly log = new RecordedLog();
  readonly client: SlipClient;

  constructor(options: Partial<SlipClientOptions> = {}) {
    this.client = new SlipClient({
      store: this.store,
      graph: this.graph,
      logger: this.log,
      clock: this.clock,
      random: constantRandom(0),
      slipIds: sequentialIds("slip"),
      eventIds: sequentialIds("event"),
      ...options,
    });
  }

  /** A push of a commit called `name`, with the correlation id `corr-NAME`. */
  async push(name: string, fields: Partial<PushOptions> = {}): Promise<Slip> {
    const options = { correlationId: `corr-${name}`, repository: REPOSITORY, commitSha: shaOf(name), branch: "main" };
    const slip = await this.client.createSlipForPush({ ...options, ...fields });
    if (slip === null) throw new Error("no slip was made");
    return slip;
  }

  async slip(name: string): Promise<Slip> {
    const slip = await this.client.load(`corr-${name}`);
    if (slip === null) throw new Error("there is no such slip");
    return slip;
  }

  /** The last entries of the history: `step[/component] status by actor: message`. */
  async history(name: string): Promise<readonly string[]> {
    return (await this.slip(name)).stateHistory.map(
      ({ step, component, status, actor, message }) =>
        `${step}${component === "" ? "" : `/${component}`} ${status} by ${actor}: ${message}`,
    );
  }
}

/** Lets what is waiting go on until it waits for the clock. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 50; turn += 1) await Promise.resolve();
}
