import { existsSync, readdirSync, readFileSync } from "node:fs";
import { setImmediate } from "node:timers/promises";

/*
 * Which processes belong to an execution. Two signs, because each alone can be lost: the session the supervisor leads
 * (a process leaves it with `setsid`), and a variable in the environment it was started with (lost with `env -i`).
 * CI servers find what jobs leave behind in the same two ways.
 *
 * Only Linux has `/proc`; elsewhere the process group is all that is known.
 */

/** The variable that marks every process of an execution. */
export const MARKER_VARIABLE = "WAYBILL_EXECUTION_ID";

export interface ProcessFilter {
  /** Session whose members belong to the execution; null: its number may be someone else's by now. */
  readonly session: number | null;
  /** The execution's id, as the marker has it. */
  readonly executionId: string;
  /** The process that is not meant: the supervisor. */
  readonly except: number | null;
  /** Sessions of other executions: their members are not looked at more closely. */
  readonly otherSessions?: ReadonlySet<number>;
}

/** After this many processes the event loop gets its turn: reading one takes about 20 microseconds. */
const SLICE_SIZE = 100;

/**
 * @param candidates process ids to look at; all of the system where left out
 * @returns ids of living processes; one that has ended and waits to be collected is not living
 */
export async function findProcesses(filter: ProcessFilter, candidates = allProcesses()): Promise<number[]> {
  const marker = Buffer.from(`${MARKER_VARIABLE}=${filter.executionId}\0`);
  const found: number[] = [];
  for (const [position, pid] of candidates.entries()) {
    if (position % SLICE_SIZE === SLICE_SIZE - 1) await setImmediate();
    if (pid === filter.except || pid === process.pid || filter.otherSessions?.has(pid) === true) continue;
    const status = readStatus(pid);
    if (status === null || status.isDead || filter.otherSessions?.has(status.session) === true) continue;
    if ((filter.session !== null && status.session === filter.session) || hasMarker(pid, marker)) found.push(pid);
  }
  return found;
}

/** A process and when it was started, in ticks since the host was: no other process ever has both. */
export interface ProcessIdentity {
  readonly pid: number;
  readonly startTime: string;
}

/** Null: there is no such process, or no `/proc`. */
export function identityOf(pid: number): ProcessIdentity | null {
  const status = readStatus(pid);
  return status === null || status.isDead ? null : { pid, startTime: status.startTime };
}

/** A supervisor's reference: from it a later process knows the process again. */
export function referenceTo(pid: number): string {
  return `${pid} ${identityOf(pid)?.startTime ?? ""}`;
}

/** The identity in a reference; null: a job has rewritten the file it comes from. */
export function parseReference(reference: string): ProcessIdentity | null {
  const [, pid, startTime] = /^([1-9]\d{0,9}) (\d*)$/.exec(reference) ?? [];
  return pid === undefined || startTime === undefined ? null : { pid: Number(pid), startTime };
}

/** Whether exactly this process lives. */
export function isAlive(identity: ProcessIdentity): boolean {
  return identityOf(identity.pid)?.startTime === identity.startTime;
}

/**
 * The living processes below `ancestor`, without itself. All that were ever started there, where it is the first of a
 * PID namespace: to it fall the children of those that ended.
 */
export async function descendantsOf(ancestor: number): Promise<number[]> {
  const children = new Map<number, { readonly pid: number; readonly isDead: boolean }[]>();
  for (const [position, pid] of allProcesses().entries()) {
    if (position % SLICE_SIZE === SLICE_SIZE - 1) await setImmediate();
    const status = readStatus(pid);
    if (status === null) continue;
    const siblings = children.get(status.parent);
    if (siblings === undefined) children.set(status.parent, [{ pid, isDead: status.isDead }]);
    else siblings.push({ pid, isDead: status.isDead });
  }
  const found: number[] = [];
  const open = [ancestor];
  for (let parent = open.pop(); parent !== undefined; parent = open.pop()) {
    for (const { pid, isDead } of children.get(parent) ?? []) {
      if (!isDead) found.push(pid);
      open.push(pid);
    }
  }
  return found;
}

/** Those of `candidates` that one of `parents` started. */
export function childrenOf(parents: readonly (number | null)[], candidates: readonly number[]): number[] {
  return candidates.filter((pid) => parents.includes(readStatus(pid)?.parent ?? Number.NaN));
}

/** Those of `candidates` that are not in the process group `group`; null: there is no such group. */
export function outsideOfGroup(group: number | null, candidates: readonly number[]): number[] {
  return candidates.filter((pid) => group === null || readStatus(pid)?.group !== group);
}

export function processExists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

/** The process id given out last: process ids go round, and `/proc/loadavg` ends with it. NaN: not known. */
export function latestProcess(): number {
  const text = readProcFile("/proc/loadavg");
  return text === null ? Number.NaN : Number(text.toString("latin1").trim().split(" ").at(-1));
}

/**
 * The processes started after `pid` was, where they are few and surely known; null: look at all.
 *
 * For a job of some milliseconds this finds at the price of one small file what a reading of the whole table would: on
 * a busy host a hundredfold.
 */
export function processesSince(pid: number): number[] | null {
  const latest = latestProcess();
  if (!(latest >= pid && latest - pid <= MAX_RECENT)) return null;
  const recent: number[] = [];
  for (let candidate = pid + 1; candidate <= latest; candidate += 1) {
    if (existsSync(`/proc/${candidate}`)) recent.push(candidate);
  }
  return recent;
}

const MAX_RECENT = 64;

function allProcesses(): number[] {
  try {
    return readdirSync("/proc")
      .map(Number)
      .filter((pid) => pid > 0);
  } catch {
    return [];
  }
}

export interface ProcessStatus {
  readonly parent: number;
  readonly group: number;
  readonly session: number;
  readonly startTime: string;
  readonly isDead: boolean;
}

/** Null: there is no such process, or no `/proc`. */
export function readStatus(pid: number): ProcessStatus | null {
  const text = readProcFile(`/proc/${pid}/stat`)?.toString("latin1");
  if (text === undefined) return null;
  // "PID (name) STATE PPID PGRP SESSION …": the name may hold spaces and parentheses, so count from its end.
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ", 20);
  return {
    parent: Number(fields[1]),
    group: Number(fields[2]),
    session: Number(fields[3]),
    startTime: fields[19] ?? "",
    isDead: fields[0] === "Z" || fields[0] === "X",
  };
}

function hasMarker(pid: number, marker: Buffer): boolean {
  const environment = readProcFile(`/proc/${pid}/environ`);
  if (environment === null) return false;
  const at = environment.indexOf(marker);
  return at === 0 || (at > 0 && (environment[at - 1] === 0 || environment.includes(Buffer.concat([NUL, marker]))));
}

const NUL = Buffer.from([0]);

/** Null: the process is gone or not ours to look at. */
export function readProcFile(path: string): Buffer | null {
  try {
    return readFileSync(path);
  } catch {
    return null;
  }
}
