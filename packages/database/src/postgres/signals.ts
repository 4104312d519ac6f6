import type { Clock, Timer } from "@waybill/core";
import { Client } from "pg";
import type { StoreSignals } from "../runs/store-signals.ts";
import type { PostgresAddress } from "./address.ts";
import { sessionConfig, sessionSettings } from "./session.ts";

/** One for all schemas of a database: what is meant for others is looked for in vain, and that is all. */
const CHANNEL = "waybill";
/** What is sent in so short a time goes in one message. */
const GATHER_MS = 20;
/** PostgreSQL takes messages below 8000 bytes. */
const MAX_MESSAGE = 7_500;
/** What waits to be sent is forgotten beyond this: whoever is that late looks by itself. */
const MAX_WAITING = 5_000;
const FIRST_DELAY_MS = 500;
const LONGEST_DELAY_MS = 30_000;
const ANSWER_MS = 10_000;
const LIMITS = { connectMs: 10_000, statementMs: ANSWER_MS, lockMs: ANSWER_MS };

/**
 * Signals through `LISTEN` and `NOTIFY`, over a connection of their own. They are not sent in the transaction they are
 * about: PostgreSQL lets transactions with a notification end one by one, and commits of many runs would wait in line.
 */
export class PostgresSignals implements StoreSignals {
  readonly #address: PostgresAddress;
  readonly #clock: Clock;
  readonly #listeners: ((signal: string | null) => void)[] = [];
  readonly #waiting = new Set<string>();
  #client: Client | null = null;
  #connecting: Promise<void>;
  #sending: Promise<void> = Promise.resolve();
  #gathering: Timer | null = null;
  #retry: Timer | null = null;
  #failures = 0;
  #isClosed = false;

  constructor(address: PostgresAddress, clock: Clock) {
    this.#address = address;
    this.#clock = clock;
    this.#connecting = this.#connect();
  }

  get isLive(): boolean {
    return this.#client !== null;
  }

  send(signal: string): void {
    if (this.#isClosed || this.#waiting.size >= MAX_WAITING) return;
    this.#waiting.add(signal);
    this.#gathering ??= this.#clock.setTimer(GATHER_MS, () => this.#flush());
  }

  listen(listener: (signal: string | null) => void): void {
    this.#listeners.push(listener);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#gathering?.cancel();
    this.#flush();
    this.#retry?.cancel();
    await this.#connecting;
    await this.#sending;
    const client = this.#client;
    this.#client = null;
    await client?.end().catch(() => undefined);
  }

  #flush(): void {
    this.#gathering = null;
    const messages = messagesOf(this.#waiting);
    this.#waiting.clear();
    this.#sending = this.#notifyAll(this.#sending, messages);
  }

  async #notifyAll(before: Promise<void>, messages: readonly string[]): Promise<void> {
    await before;
    for (const message of messages) await this.#notify(message);
  }

  async #notify(message: string): Promise<void> {
    const client = this.#client;
    try {
      await client?.query({ name: "notify", text: "select pg_notify($1, $2)", values: [CHANNEL, message] });
    } catch {
      // Others find what it was about when they look.
      if (client !== null) this.#lose(client);
    }
  }

  async #connect(): Promise<void> {
    const client = new Client({ ...sessionConfig(this.#address, LIMITS), application_name: "waybill signals" });
    client.on("error", () => this.#lose(client));
    client.on("end", () => this.#lose(client));
    client.on("notification", ({ payload, processId }) => {
      // What we sent ourselves we know.
      if (payload === undefined || processId === processOf(client)) return;
      for (const signal of payload.split(" ")) this.#tell(signal);
    });
    try {
      await client.connect();
      const { text, values } = sessionSettings(LIMITS);
      await client.query(text, [...values]);
      await client.query(`listen ${CHANNEL}`);
    } catch {
      void client.end().catch(() => undefined);
      this.#later();
      return;
    }
    if (this.#isClosed) return void client.end().catch(() => undefined);
    this.#client = client;
    this.#failures = 0;
    this.#tell(null);
  }

  #lose(client: Client): void {
    if (this.#client !== client) return;
    this.#client = null;
    void client.end().catch(() => undefined);
    this.#later();
  }

  #later(): void {
    if (this.#isClosed) return;
    const delay = Math.min(FIRST_DELAY_MS * 2 ** this.#failures, LONGEST_DELAY_MS);
    this.#failures = Math.min(this.#failures + 1, 10);
    this.#retry = this.#clock.setTimer(delay, () => {
      this.#connecting = this.#connect();
    });
  }

  #tell(signal: string | null): void {
    for (const listener of this.#listeners) listener(signal);
  }
}

/** The server's process behind a connection: the driver has it, its types do not say so. */
function processOf(client: Client): number | undefined {
  return (client as Client & { readonly processID?: number }).processID;
}

function messagesOf(signals: Iterable<string>): readonly string[] {
  const messages: string[] = [];
  let message = "";
  for (const signal of signals) {
    if (message.length + signal.length >= MAX_MESSAGE) {
      messages.push(message);
      message = "";
    }
    message += message === "" ? signal : ` ${signal}`;
  }
  return message === "" ? messages : [...messages, message];
}
