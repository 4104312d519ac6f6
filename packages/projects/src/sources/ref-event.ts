import { isNoCommit, parseRef } from "../triggers/git-names.ts";
import type { EventRepository } from "../triggers/trigger-event.ts";
import { ignored, invalid } from "./request.ts";
import type { ParsedWebhook } from "./source.ts";

/** What git itself tells of a push: a ref went from one commit to another. */
export interface RefUpdate {
  readonly source: string;
  readonly repository: EventRepository;
  readonly actor: string;
  /** In full. */
  readonly ref: string;
  /** All zeros: the ref is new. */
  readonly before: string;
  /** All zeros: the ref is gone. */
  readonly after: string;
  /** Of a tag with a message: the commit it is of, where that is known. */
  readonly commit: string | null;
}

/** @throws WaybillError `WEBHOOK_PAYLOAD_INVALID` for the name of a branch or tag that git would not take */
export function refEvent({ source, repository, actor, ref, before, after, commit }: RefUpdate): ParsedWebhook {
  if (!/^refs\/(?:heads|tags)\//.test(ref)) return ignored("the ref is neither a branch nor a tag");
  const parsed = parseRef(ref);
  if (parsed === null) throw invalid(source, "ref is no valid name");
  const common = { source, repository, actor };
  if (isNoCommit(after)) {
    return { events: [{ kind: "deletion", ...common, of: parsed.kind, name: parsed.name }], ignored: null };
  }
  if (parsed.kind === "tag") {
    return { events: [{ kind: "tag", ...common, tag: parsed.name, sha: commit ?? after }], ignored: null };
  }
  const previous = isNoCommit(before) ? null : before;
  return { events: [{ kind: "push", ...common, branch: parsed.name, before: previous, sha: after }], ignored: null };
}
