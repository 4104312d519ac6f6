import type { Clock, Timer } from "@waybill/core";
import { Client, DatabaseError } from "pg";
import type { PostgresAddress } from "./address.ts";
import { connectionError } from "./errors.ts";
import { sessionConfig, sessionSettings } from "./session.ts";

/** How often the connection is asked whether it is still there. */
const HEARTBEAT_MS = 5_000;

/** A server that does not answer for so long is taken for gone. */
const ANSWER_MS = 10_000;

const LIMITS = { connectMs: 10_000, statementMs: ANSWER_MS, lockMs: ANSWER_MS };

/**
 * The connection whose life is that of our claims: locks of a session are freed by the server when the session ends,
 * however it ends. One statement at a time goes over it, and a heartbeat while there are none.
 */
export class ClaimSession {
  readonly #client: Client;
  readonly #path: string;
  readonly #clock: Clock;
  readonly #onLost: (error: unknown) => void;
  #last: Promise<unknown> = Promise.resolve();
  #heartbeat: Timer | null = null;
  #isOver = false;

  /** @param onLost called once, when the connection is gone without having been closed */
  constructor(address: PostgresAddress, clock: Clock, onLost: (error: unknown) => void) {
    this.#client = new Client({ ...sessionConfig(address, LIMITS), application_name: "waybill claims" });
    this.#path = address.path;
    this.#clock = clock;
    this.#onLost = onLost;
  }

  /** @throws WaybillError `STORE_*` */
  async open(): Promise<void> {
    this.#client.on("error", (error) => this.#lose(error));
    this.#client.on("end", () => this.#lose(new Error("the connection was closed")));
    try {
      await this.#client.connect();
    } catch (error) {
      this.#isOver = true;
      void this.#client.end().catch(() => undefined);
      throw connectionError(error, this.#path);
    }
    const { text, values } = sessionSettings(LIMITS);
    await this.query(text, values);
    this.#beat();
  }

  /** Waits for the statements before it. @throws WaybillError `STORE_UNREACHABLE`, or what the server says */
  async query<Row extends object>(text: string, values: readonly unknown[]): Promise<readonly Row[]> {
    const result = this.#last.then(async () => {
      try {
        return (await this.#client.query<Row>(text, [...values])).rows;
      } catch (error) {
        if (error instanceof DatabaseError) throw error;
        this.#lose(error);
        throw connectionError(error, this.#path);
      }
    });
    this.#last = result.catch(() => undefined);
    return await result;
  }

  /** The connection is gone, and what it held free. */
  get isOver(): boolean {
    return this.#isOver;
  }

  async close(): Promise<void> {
    this.#isOver = true;
    this.#heartbeat?.cancel();
    await this.#last;
    await this.#client.end();
  }

  #beat(): void {
    this.#heartbeat = this.#clock.setTimer(HEARTBEAT_MS, () => {
      // What goes wrong is told by `#lose`.
      void this.query("select 1", []).then(
        () => this.#isOver || this.#beat(),
        (error: unknown) => this.#lose(error),
      );
    });
  }

  #lose(error: unknown): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#heartbeat?.cancel();
    // The server may have it open still, with our locks.
    void this.#client.end().catch(() => undefined);
    this.#onLost(error);
  }
}
