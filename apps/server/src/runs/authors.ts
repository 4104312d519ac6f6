import type { AccessStore } from "@waybill/access";
import type { RunOrigin } from "@waybill/engine";

/** Beside the event in `pipeline_runs.trigger_event`: who had it run again, as the audit log names them. */
const RERUN_BY = "rerun_by";

export function rerunBy(actorId: string): Readonly<Record<string, string>> {
  return { [RERUN_BY]: actorId };
}

/**
 * Users whose change a run is: who asked for it, pushed it, or had it run again. Of a push the forge's name of whoever
 * pushed is known, and taken for the user of that name: to be taken for an author gives nobody anything.
 */
export async function authorsOf(
  { tables }: Pick<AccessStore, "tables">,
  { triggerEvent }: Pick<RunOrigin, "triggerEvent">,
): Promise<readonly string[]> {
  const actors = [triggerEvent["actor"], triggerEvent[RERUN_BY]].filter((actor) => typeof actor === "string");
  const ids = new Set<string>();
  for (const actor of actors) {
    const user = await tables.users.findByName(actor.replace(/^user:/, "").toLowerCase());
    if (user !== null) ids.add(user.id);
  }
  return [...ids];
}
