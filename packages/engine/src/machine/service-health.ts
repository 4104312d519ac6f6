/**
 * What the process knows of the external services that jobs fail of. Its memory, shared by its runs and lost with it: it
 * is no part of a run's state, so it may be told of what is not stored yet.
 */
export interface ServiceHealth {
  /**
   * An attempt failed of the service.
   *
   * @returns milliseconds for which nobody should try it again; 0: it is not known to be down
   */
  failed(service: string): number;
  /** Milliseconds for which nobody should try the service, be it for a step or for itself; 0: it is not known to be down. */
  waitMs(service: string): number;
  /** May a retry of the job begin that needs the service? Where it may, `answered` or `left` tells what came of it. */
  admit(jobId: string, service: string): Admission;
  /** The job got past where it had failed of the service. */
  answered(jobId: string): void;
  /** What became of the job says nothing good of the service. */
  left(jobId: string): void;
}

export interface Admission {
  /** Milliseconds until it is worth asking again; 0: go on. */
  readonly waitMs: number;
  /** The service is left alone; else others are trying it just now. */
  readonly isOpen: boolean;
}

/** Where nothing is executed, no service fails. */
export const NO_SERVICES: ServiceHealth = {
  failed: () => 0,
  waitMs: () => 0,
  admit: () => ({ waitMs: 0, isOpen: false }),
  answered: () => undefined,
  left: () => undefined,
};
