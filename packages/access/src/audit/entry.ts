import { createHash } from "node:crypto";
import { WaybillError } from "@waybill/core";
import type { AuditAction } from "./actions.ts";
import { canonicalJson, type Json } from "./canonical-json.ts";

/** What somebody did. Never the value of a secret, a password or a token. */
export interface NewAuditEntry {
  readonly time: number;
  /** `type:identifier`: `user:ann`, `machine:deploy-bot`, `system:scheduler`. */
  readonly actorId: string;
  readonly action: AuditAction;
  /** `type:identifier` of what was changed. */
  readonly resource: string;
  /** Where it belongs to one. */
  readonly projectId: string | null;
  readonly context: Readonly<Record<string, Json>>;
}

/** An entry in its place. */
export interface AuditEntry extends Omit<NewAuditEntry, "action"> {
  /** Its number, from 1 and without gaps. */
  readonly seq: number;
  readonly eventId: string;
  /** A newer Waybill may have written actions that this one does not know. */
  readonly action: string;
  /** `integrityHash` of the entry before it. */
  readonly previousHash: string;
  readonly integrityHash: string;
}

/** Entries from `afterSeq` on that fit everything that is given, in their order. */
export interface AuditQuery {
  readonly afterSeq: number;
  /** Where it is given: only entries below it, the newest first. */
  readonly beforeSeq?: number;
  readonly limit: number;
  readonly projectId?: string;
  readonly actorId?: string;
  readonly action?: string;
  readonly resource?: string;
}

/** What the first entry follows. */
export const GENESIS_HASH = "0".repeat(64);

/** An entry is a line about something, not the thing. */
export const MAX_ENTRY_BYTES = 8192;

/**
 * The entry that follows `previous`.
 *
 * @throws WaybillError `AUDIT_ENTRY_TOO_LARGE`
 */
export function chainEntry(previous: AuditEntry | null, entry: NewAuditEntry, eventId: string): AuditEntry {
  const placed = {
    seq: (previous?.seq ?? 0) + 1,
    eventId,
    time: entry.time,
    actorId: storable(entry.actorId),
    action: entry.action,
    resource: storable(entry.resource),
    projectId: entry.projectId,
    context: entry.context,
    previousHash: previous?.integrityHash ?? GENESIS_HASH,
  };
  if (Buffer.byteLength(canonicalJson(wireForm(placed))) > MAX_ENTRY_BYTES) {
    throw new WaybillError("AUDIT_ENTRY_TOO_LARGE", { limit: MAX_ENTRY_BYTES });
  }
  return { ...placed, integrityHash: hashOf(placed) };
}

/** SHA-256 of the hash before it, a line feed and the entry's canonical JSON, in hexadecimal. */
export function hashOf(entry: Omit<AuditEntry, "integrityHash">): string {
  return createHash("sha256")
    .update(`${entry.previousHash}\n${canonicalJson(wireForm(entry))}`)
    .digest("hex");
}

/** The fields that an entry's hash is made of, as an export names them. */
function wireForm(entry: Omit<AuditEntry, "integrityHash" | "previousHash">): { readonly [name: string]: Json } {
  return {
    seq: entry.seq,
    event_id: entry.eventId,
    timestamp: new Date(entry.time).toISOString(),
    actor_id: entry.actorId,
    action: entry.action,
    resource: entry.resource,
    project_id: entry.projectId,
    context: entry.context,
  };
}

/** One line of an export, without its end: with it alone, anybody can compute the hashes again. */
export function exportLine(entry: AuditEntry): string {
  return canonicalJson({
    ...wireForm(entry),
    previous_hash: entry.previousHash,
    integrity_hash: entry.integrityHash,
  });
}

/** Databases hold neither NUL nor half a character, and a text that comes back otherwise would break the chain. */
function storable(text: string): string {
  return text.replaceAll("\0", "\uFFFD").toWellFormed();
}
