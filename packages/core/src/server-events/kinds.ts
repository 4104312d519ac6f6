/** What one kind of event of the server tells. */
export interface ServerEventKindDefinition {
  /** One line for people. */
  readonly summary: string;
  /** Name of each field of its own, as on the wire, and what it holds. */
  readonly fields: Readonly<Record<string, string>>;
}

const DELIVERY = {
  delivery_id: "id of the delivery",
  source: "id of the webhook source",
  repository_id: "the repository it speaks for, or null",
} as const;

const APPROVAL = {
  approval_id: "id of the approval",
  kind: "what is asked for",
  environment: "the environment it is about; empty: none",
} as const;

const CHANGE = "`created`, `changed` or `removed`";

/**
 * Everything that happens beside runs and is told to those who follow. A name is never given to something else. No field
 * ever holds a secret, a password, a token or what a webhook says.
 */
export const SERVER_EVENT_KINDS = {
  "project.created": { summary: "A project was made", fields: { name: "its name" } },
  "project.changed": { summary: "A project was renamed", fields: { name: "its name now" } },
  "project.removed": { summary: "A project was removed", fields: { name: "the name it had" } },
  "pipeline.created": { summary: "A pipeline was made", fields: { name: "its name" } },
  "pipeline.changed": {
    summary: "A pipeline was changed",
    fields: { changed: "names of the fields that were given anew" },
  },
  "pipeline.removed": { summary: "A pipeline was removed", fields: { name: "the name it had" } },
  "delivery.received": {
    summary: "A webhook was verified and kept",
    fields: { ...DELIVERY, is_repeated: "whether it is looked at once more, after it failed or was replayed" },
  },
  "delivery.interpreted": {
    summary: "It was found out what a webhook is to start",
    fields: { ...DELIVERY, outcome: "`started`, `ignored` or `failed`", run_ids: "the runs that it started" },
  },
  "delivery.refused": { summary: "A webhook that was kept is of no use", fields: DELIVERY },
  "approval.requested": { summary: "People are asked for an approval", fields: APPROVAL },
  "approval.decided": {
    summary: "Somebody decided, or it is not asked for any more",
    fields: {
      ...APPROVAL,
      verdict: "`approve`, `reject` or `cancel`",
      status: "of the approval now: `pending` while others are still asked",
    },
  },
  "approval.expired": { summary: "Nobody decided in time", fields: APPROVAL },
  "artifact.stored": {
    summary: "A job's artifact is there to be fetched",
    fields: {
      artifact_id: "id of the artifact",
      job: "name of the job",
      name: "name of the artifact",
      content_hash: "SHA-256 of its list of files",
      size_bytes: "of its files, in bytes",
      file_count: "number of its files",
    },
  },
  "artifact.removed": {
    summary: "Retention removed the content of artifacts, once for each project that has one of it",
    fields: { content_hash: "SHA-256 of the content", reason: "in words" },
  },
  "artifact.quarantined": {
    summary: "Stored content was found damaged, once for each project that has an artifact of it",
    fields: { content_hash: "SHA-256 of the content, or of a part of one" },
  },
  "environment.changed": {
    summary: "An environment was made, changed or removed",
    fields: { name: "its name", change: CHANGE },
  },
  "secret.changed": {
    summary: "A secret was made, changed or removed; never what it is",
    fields: {
      name: "its name",
      environment: "its scope; empty: every environment",
      branch: "its scope; empty: every branch",
      change: CHANGE,
    },
  },
  "member.changed": {
    summary: "Somebody got another role in a project, or lost it",
    fields: { user: "name of the user", role: "the role, or null: none any more" },
  },
} as const satisfies Readonly<Record<string, ServerEventKindDefinition>>;

export type ServerEventKind = keyof typeof SERVER_EVENT_KINDS;
