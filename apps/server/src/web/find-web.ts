import { existsSync } from "node:fs";
import { join } from "node:path";

/**
 * Where the built pages are: beside the packed program, else in this checkout. @returns null: they are not built
 */
export function findWeb(): string | null {
  const here = import.meta.dirname;
  const places = [join(here, "web"), join(here, "../../../web/dist")];
  return places.find((place) => existsSync(join(place, "index.html"))) ?? null;
}
