import type { LiveEvent } from "./live-event.ts";

/** Events of a text of the event stream format that may end anywhere, and what of it is still to be completed. */
export function parseStream(text: string): { readonly events: readonly LiveEvent[]; readonly rest: string } {
  const blocks = text.split("\n\n");
  const rest = blocks.pop() ?? "";
  const events: LiveEvent[] = [];
  for (const block of blocks) {
    const fields = new Map(block.split("\n").map(fieldOf));
    const kind = fields.get("event");
    const data = fields.get("data");
    if (kind === undefined || data === undefined) continue;
    const parsed: unknown = JSON.parse(data);
    if (typeof parsed !== "object" || parsed === null) continue;
    events.push({ id: fields.get("id") ?? "", kind, data: parsed as LiveEvent["data"] });
  }
  return { events, rest };
}

function fieldOf(line: string): readonly [string, string] {
  const colon = line.indexOf(":");
  return colon < 0 ? [line, ""] : [line.slice(0, colon), line.slice(colon + 1).replace(/^ /, "")];
}
