/** Longer names do not exist. */
const MAX_LENGTH = 253;

/** Host of the first address in a text, without user, password and port; null: there is no address. */
export function hostOfAddress(text: string): string | null {
  return /https?:\/\/(?:[^\s/]{0,200}@)?([A-Za-z0-9][A-Za-z0-9.-]*)/i.exec(text)?.[1] ?? null;
}

/**
 * The name under which failures of a service are counted. What only means something inside one job is none: its own
 * machine, and names without a dot, which are those of its network.
 */
export function serviceName(host: string | null | undefined): string | null {
  const name = (host ?? "").toLowerCase().replaceAll(/^[.-]+|[.-]+$/g, "");
  if (!name.includes(".") || name.length > MAX_LENGTH) return null;
  return /^(?:127\.|0\.0\.0\.0$)|\.(?:localhost|local|internal)$/.test(name) ? null : name;
}
