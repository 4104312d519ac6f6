import { WaybillError } from "../errors/waybill-error.ts";
import { Automaton } from "./automaton.ts";
import { ByteQueue } from "./byte-queue.ts";
import { MIN_SECRET_LENGTH, secretForms } from "./secret-forms.ts";

/** What stands in the place of a secret. */
export const MASK = "***";

/** Bytes of all secrets together: their forms take some hundred times as much memory. */
export const MAX_SECRETS_BYTES = 128 * 1024;

const MASK_BYTES = Buffer.from(MASK);

/** Secrets made ready to be found. May be shared by any number of maskers. */
export class SecretPatterns {
  readonly automaton: Automaton;

  /** @throws WaybillError `MASKING_SECRET_TOO_SHORT`, `MASKING_SECRETS_TOO_LARGE`; secrets are named by their position */
  constructor(secrets: readonly string[]) {
    let bytes = 0;
    for (const [index, secret] of secrets.entries()) {
      const length = [...secret.slice(0, 2 * MIN_SECRET_LENGTH)].length;
      if (length < MIN_SECRET_LENGTH) {
        throw new WaybillError("MASKING_SECRET_TOO_SHORT", { position: index + 1, length, limit: MIN_SECRET_LENGTH });
      }
      bytes += Buffer.byteLength(secret);
    }
    if (bytes > MAX_SECRETS_BYTES) {
      throw new WaybillError("MASKING_SECRETS_TOO_LARGE", { bytes, limit: MAX_SECRETS_BYTES });
    }
    this.automaton = new Automaton([...new Set(secrets)].flatMap((secret) => secretForms(secret)));
  }
}

/** Masked bytes, and where in the source they come from. */
export interface MaskedChunk {
  readonly bytes: Buffer;
  /** In order, without gaps; empty where there are no bytes. */
  readonly segments: readonly MaskedSegment[];
}

/** A stretch of masked bytes: either bytes of the source as they are, or one `***`. */
export interface MaskedSegment {
  /** Where it begins in the masked bytes. It ends where the next one begins. */
  readonly start: number;
  /** Where in the source it, or the secret it stands for, begins. */
  readonly source: number;
  readonly masked: boolean;
}

/** A filter for a stream of bytes. */
export interface Masker {
  /** Bytes that went in and have not come out: fewer than the longest form of a secret has. */
  readonly pending: number;
  /** @returns what can be said for certain by now; possibly empty */
  write(chunk: Uint8Array): Uint8Array;
  /** @returns the rest; nothing may be written behind it */
  end(): Uint8Array;
  /**
   * As `write`. Behind a byte that came out as it is, no secret is under way: a new masker that is given the source
   * from there on puts out what this one would.
   */
  writeMapped(chunk: Uint8Array): MaskedChunk;
  /** As `end`. */
  endMapped(): MaskedChunk;
}

/**
 * Replaces secrets by `***`, also where they come in pieces, span lines, or are encoded: see `secretForms`. Places that
 * overlap become one `***`. The output does not depend on how the stream is cut into chunks. Linear time.
 *
 * @param from - where in the source the first byte stands; counts in `MaskedSegment.source`
 * @throws WaybillError see `SecretPatterns`
 */
export function createMasker(secrets: readonly string[] | SecretPatterns, from = 0): Masker {
  return new StreamMasker(secrets instanceof SecretPatterns ? secrets : new SecretPatterns(secrets), from);
}

/** The whole of a text at once. */
export function maskText(text: string, secrets: readonly string[] | SecretPatterns): string {
  const masker = createMasker(secrets);
  return Buffer.concat([masker.write(Buffer.from(text)), masker.end()]).toString();
}

/** Bytes of a secret that have not left the queue: positions in the queue, the end exclusive. */
interface Region {
  start: number;
  readonly end: number;
  /** Its `***` has been put out already, as its beginning was certain before its end. */
  readonly masked: boolean;
}

class StreamMasker implements Masker {
  readonly #automaton: Automaton;
  readonly #queue = new ByteQueue();
  /** Where in the source the first byte of the queue stands. */
  #source: number;
  #node = 0;
  /** In order, without overlaps. */
  #regions: Region[] = [];

  constructor(patterns: SecretPatterns, from: number) {
    this.#automaton = patterns.automaton;
    this.#source = from;
  }

  get pending(): number {
    return this.#queue.length;
  }

  write(chunk: Uint8Array): Uint8Array {
    return this.writeMapped(chunk).bytes;
  }

  end(): Uint8Array {
    return this.endMapped().bytes;
  }

  writeMapped(chunk: Uint8Array): MaskedChunk {
    const seen = this.#queue.length;
    this.#queue.append(chunk);
    this.#search(this.#queue.view(), seen);
    // What comes may complete a pattern that has begun, but none that begins further back.
    return this.#take(this.#queue.length - this.#automaton.open(this.#node));
  }

  endMapped(): MaskedChunk {
    this.#node = 0;
    return this.#take(this.#queue.length);
  }

  #search(bytes: Uint8Array, from: number): void {
    const automaton = this.#automaton;
    let node = this.#node;
    for (let index = from; index < bytes.length; index += 1) {
      if (node === 0) {
        index = automaton.skip(bytes, index);
        if (index === bytes.length) break;
      }
      node = automaton.next(node, bytes[index] as number);
      const length = automaton.matched(node);
      if (length > 0) this.#found(index + 1 - length, index + 1);
    }
    this.#node = node;
  }

  #found(start: number, end: number): void {
    let from = start;
    let masked = false;
    for (let last = this.#regions.at(-1); last !== undefined && last.end > start; last = this.#regions.at(-1)) {
      from = Math.min(from, last.start);
      masked ||= last.masked;
      this.#regions.pop();
    }
    this.#regions.push({ start: from, end, masked });
  }

  /** Takes the first bytes out of the queue, masked. */
  #take(count: number): MaskedChunk {
    const bytes = this.#queue.view();
    const parts: Uint8Array[] = [];
    const segments: MaskedSegment[] = [];
    let length = 0;
    const put = (part: Uint8Array, from: number, masked: boolean): void => {
      if (part.length === 0) return;
      parts.push(part);
      segments.push({ start: length, source: this.#source + from, masked });
      length += part.length;
    };
    const rest: Region[] = [];
    let position = 0;
    for (const { start, end, masked } of this.#regions) {
      if (start >= count) {
        rest.push({ start: start - count, end: end - count, masked });
        continue;
      }
      put(bytes.subarray(position, start), position, false);
      if (!masked) put(MASK_BYTES, start, true);
      position = Math.min(end, count);
      if (end > count) rest.push({ start: 0, end: end - count, masked: true });
    }
    put(bytes.subarray(position, count), position, false);
    // A copy: the queue uses its memory again.
    const taken = Buffer.concat(parts, length);
    this.#queue.drop(count);
    this.#source += count;
    this.#regions = rest;
    return { bytes: taken, segments };
  }
}
