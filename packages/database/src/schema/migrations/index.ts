import type { Migration } from "kysely/migration";
import { runsMigration } from "./0001-runs.ts";
import { resumeMigration } from "./0002-resume.ts";
import { outputsAndCancellationMigration } from "./0003-outputs-and-cancellation.ts";
import { artifactsMigration } from "./0004-artifacts.ts";
import { runClaimsMigration } from "./0005-run-claims.ts";
import { projectsMigration } from "./0006-projects.ts";
import { accessMigration } from "./0007-access.ts";
import { triggersMigration } from "./0008-triggers.ts";
import { webhookSecretsMigration } from "./0009-webhook-secrets.ts";
import { apiMigration } from "./0010-api.ts";
import { environmentsMigration } from "./0011-environments.ts";
import { eventPositionsMigration } from "./0014-event-positions.ts";
import { webMigration } from "./0015-web.ts";
import { serverEventsMigration } from "./0017-server-events.ts";
import { slipsMigration } from "./0016-slips.ts";

/**
 * Every change of the schema, in order, by name. Append only: a name that was released is never edited or removed.
 *
 * A name that contains `breaking` tells older versions of Waybill that they must not touch the database any more
 * (a column they need is gone, say). Any other migration only adds, and older versions go on working beside it.
 */
export const migrations: Readonly<Record<string, Migration>> = {
  "0001_runs": runsMigration,
  "0002_resume": resumeMigration,
  "0003_outputs_and_cancellation": outputsAndCancellationMigration,
  "0004_artifacts": artifactsMigration,
  "0005_run_claims": runClaimsMigration,
  "0006_projects": projectsMigration,
  "0007_access": accessMigration,
  "0008_triggers": triggersMigration,
  "0009_webhook_secrets": webhookSecretsMigration,
  "0010_api": apiMigration,
  "0011_environments": environmentsMigration,
  "0014_event_positions_breaking": eventPositionsMigration,
  "0015_web": webMigration,
  "0017_server_events": serverEventsMigration,
  "0016_slips": slipsMigration,
};

export function isBreaking(migrationName: string): boolean {
  return migrationName.includes("breaking");
}
