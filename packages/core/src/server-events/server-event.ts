import type { SERVER_EVENT_KINDS, ServerEventKind } from "./kinds.ts";

export type ServerEventValue = string | number | boolean | null | readonly string[];

type FieldsOf<Kind extends ServerEventKind> = Readonly<
  Record<keyof (typeof SERVER_EVENT_KINDS)[Kind]["fields"], ServerEventValue>
>;

/** What an event belongs to; what is not said is null. */
export interface ServerEventPlace {
  /** Whose members may see it; null: it is for administrators of the server. */
  readonly projectId: string | null;
  readonly pipelineId?: string | null;
  readonly runId?: string | null;
  readonly jobId?: string | null;
}

/** Something that happened beside runs, to be stored in the transaction of what it tells of. */
export type NewServerEvent = {
  readonly [Kind in ServerEventKind]: ServerEventPlace & {
    /** Given where it may be told twice: the second one is left out. */
    readonly id?: string;
    /** Milliseconds since the epoch. */
    readonly time: number;
    readonly type: Kind;
    readonly fields: FieldsOf<Kind>;
  };
}[ServerEventKind];

/** As it is read again. A newer Waybill may have stored kinds and fields that this one does not know. */
export interface StoredServerEvent extends Required<ServerEventPlace> {
  readonly time: number;
  readonly type: string;
  readonly fields: Readonly<Record<string, ServerEventValue>>;
}
