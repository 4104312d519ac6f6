/** What fits a name: an id, a repository, a branch, a component. */
export const MAX_NAME = 1000;
/** What fits a message; longer ones are cut. */
export const MAX_MESSAGE = 10_000;

/** Text that every store can hold: no NUL, no half characters, no longer than `length` code units. */
export function storable(text: string, length: number): string {
  // eslint-disable-next-line no-control-regex -- PostgreSQL has no text with it
  const whole = text.toWellFormed().replaceAll(/\u0000/g, "\ufffd");
  return whole.length <= length ? whole : `${whole.slice(0, length - 1).replace(/\p{Surrogate}$/u, "")}…`;
}

/** A list as messages have it. */
export function bracketed(names: readonly string[]): string {
  return `[${names.join(" ")}]`;
}
