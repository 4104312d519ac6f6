export { FakeCommitGraph } from "./fake-commit-graph.ts";
export { FakeSlipStore } from "./fake-slip-store.ts";
export { sampleEvent, sampleHeader, shaOf } from "./fixtures.ts";
export { RecordedLog } from "./recorded-log.ts";
export { componentOfWriter, ENTRIES_PER_WRITER, writeSlips } from "./write-slips.ts";
