import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  importTestImage,
  removeDaemonDirectory,
  startDaemon,
  stopDaemon,
  type TestDaemon,
} from "../../support/docker-daemon.ts";
import { nameSecondImage } from "../support/crash-images.ts";

/** Containers ignore SIGTERM: there is nothing to wait for. */
const OPTIONS = ["--shutdown-timeout", "1"];

const START_TRIES = 3;

/** A Docker daemon of the soak run, which may stop it as it likes. */
export class OwnDaemon {
  readonly #directory: string;
  #daemon: TestDaemon;
  /** How often it was stopped. */
  stops = 0;
  #restarting: Promise<void> = Promise.resolve();

  /** @throws where none can be started */
  static async start(): Promise<OwnDaemon> {
    const directory = mkdtempSync(join(realpathSync(tmpdir()), "waybill-soak-docker-"));
    try {
      const daemon = await startDaemon(join(directory, "d"), OPTIONS);
      await importTestImage(daemon.socketPath);
      process.env["DOCKER_HOST"] = `unix://${daemon.socketPath}`;
      await nameSecondImage(process.env["DOCKER_HOST"]);
      return new OwnDaemon(directory, daemon);
    } catch (error) {
      await removeDaemonDirectory(directory);
      throw error;
    }
  }

  private constructor(directory: string, daemon: TestDaemon) {
    this.#directory = directory;
    this.#daemon = daemon;
  }

  /** Resolves when a daemon that is being restarted answers again. */
  async answering(): Promise<void> {
    await this.#restarting;
  }

  /** Stops it in order or kills it, and starts it again. */
  async restart(signal: "SIGTERM" | "SIGKILL"): Promise<void> {
    this.stops += 1;
    this.#restarting = this.#stopAndStart(signal);
    await this.#restarting;
  }

  async #stopAndStart(signal: "SIGTERM" | "SIGKILL"): Promise<void> {
    await stopDaemon(this.#daemon.pid, signal);
    for (let tries = 1; ; tries += 1) {
      try {
        this.#daemon = await startDaemon(join(this.#directory, "d"), OPTIONS);
        return;
      } catch (error) {
        if (tries === START_TRIES) throw error;
        // Docker 20.10 that was killed over a network may not get over its own records of it: without them it starts.
        rmSync(join(this.#directory, "d/data/network/files"), { recursive: true, force: true });
      }
    }
  }

  async end(): Promise<void> {
    await this.#restarting.catch(() => undefined);
    await stopDaemon(this.#daemon.pid);
    await removeDaemonDirectory(this.#directory);
  }
}
