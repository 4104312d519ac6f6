import type { SlipStore } from "../ports/slip-store.ts";
import { MemorySlipStore } from "../stores/memory-store.ts";

type Method = Exclude<keyof SlipStore, "close">;

/** A store of this process that tells what it was asked, and fails where it is told to. */
export class FakeSlipStore extends MemorySlipStore {
  /** By method, the arguments of each call without signals. */
  readonly calls: { readonly method: Method; readonly args: readonly unknown[] }[] = [];
  readonly #errors = new Map<Method, Error>();

  /** Every further call of the method fails so; null: none does. */
  fail(method: Method, error: Error | null): void {
    if (error === null) this.#errors.delete(method);
    else this.#errors.set(method, error);
  }

  callsOf(method: Method): readonly (readonly unknown[])[] {
    return this.calls.filter((call) => call.method === method).map(({ args }) => args);
  }

  override create(...args: Parameters<SlipStore["create"]>): ReturnType<SlipStore["create"]> {
    return this.#call("create", args, () => super.create(...args));
  }

  override append(...args: Parameters<SlipStore["append"]>): ReturnType<SlipStore["append"]> {
    return this.#call("append", args, () => super.append(...args));
  }

  override load(...args: Parameters<SlipStore["load"]>): ReturnType<SlipStore["load"]> {
    return this.#call("load", args, () => super.load(...args));
  }

  override loadById(...args: Parameters<SlipStore["loadById"]>): ReturnType<SlipStore["loadById"]> {
    return this.#call("loadById", args, () => super.loadById(...args));
  }

  override loadByCommit(...args: Parameters<SlipStore["loadByCommit"]>): ReturnType<SlipStore["loadByCommit"]> {
    return this.#call("loadByCommit", args, () => super.loadByCommit(...args));
  }

  override findByCommit(...args: Parameters<SlipStore["findByCommit"]>): ReturnType<SlipStore["findByCommit"]> {
    return this.#call("findByCommit", args, () => super.findByCommit(...args));
  }

  override findAllByCommits(
    ...args: Parameters<SlipStore["findAllByCommits"]>
  ): ReturnType<SlipStore["findAllByCommits"]> {
    return this.#call("findAllByCommits", args, () => super.findAllByCommits(...args));
  }

  override version(...args: Parameters<SlipStore["version"]>): ReturnType<SlipStore["version"]> {
    return this.#call("version", args, () => super.version(...args));
  }

  override list(...args: Parameters<SlipStore["list"]>): ReturnType<SlipStore["list"]> {
    return this.#call("list", args, () => super.list(...args));
  }

  #call<Value>(method: Method, args: readonly unknown[], work: () => Promise<Value>): Promise<Value> {
    const told = args.filter((arg) => arg !== undefined && !(arg instanceof AbortSignal));
    this.calls.push({ method, args: structuredClone(told) });
    const error = this.#errors.get(method);
    return error === undefined ? work() : Promise.reject(error);
  }
}
