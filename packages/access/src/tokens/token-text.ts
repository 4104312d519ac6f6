import { randomText, sha256 } from "../random-text.ts";

/** What a token begins with says to people and to scanners for leaked secrets what it is. */
const BEGINNINGS = { personal: "wbp_", machine: "wbm_" } as const;

/** 48 of its 256 random bits; a token is found by them and told by its hash, so no time depends on the others. */
const PREFIX_LENGTH = 4 + 8;

const TOKEN = /^wb[pm]_[A-Za-z0-9_-]{43}$/;

export interface TokenText {
  /** Shown once and kept nowhere. */
  readonly text: string;
  readonly prefix: string;
  readonly hash: string;
}

export function newTokenText(kind: keyof typeof BEGINNINGS): TokenText {
  return tokenText(BEGINNINGS[kind] + randomText());
}

/** @returns null: no token looks so */
export function parseTokenText(text: string): TokenText | null {
  return TOKEN.test(text) ? tokenText(text) : null;
}

function tokenText(text: string): TokenText {
  return { text, prefix: text.slice(0, PREFIX_LENGTH), hash: sha256(text) };
}
