import type { SlipEvent, SlipHeader } from "../state/events.ts";

/** The same 40 digits for the same name. */
export function shaOf(name: string): string {
  let hash = 0x811c9dc5;
  let text = "";
  for (let round = 0; text.length < 40; round += 1) {
    for (const character of `${name}/${round}`) {
      hash = Math.imul(hash ^ character.charCodeAt(0), 0x01000193) >>> 0;
    }
    text += hash.toString(16).padStart(8, "0");
  }
  return text.slice(0, 40);
}

export function sampleHeader(name: string, fields: Partial<SlipHeader> = {}): SlipHeader {
  return {
    slipId: `slip-${name}`,
    correlationId: `corr-${name}`,
    repository: "octo-org/webshop",
    sourceRepository: fields.repository ?? "octo-org/webshop",
    branch: "main",
    commitSha: shaOf(name),
    createdAt: 1_000,
    components: [{ name: "svc-a", dockerfilePath: "a/Dockerfile" }],
    ancestry: [],
    ...fields,
  };
}

export function sampleEvent(id: string, fields: Partial<SlipEvent> = {}): SlipEvent {
  return {
    id,
    kind: "step",
    time: 2_000,
    step: "dev_deploy",
    component: "",
    status: "running",
    actor: "slippy-library",
    message: "",
    promotedTo: "",
    ...fields,
  };
}
