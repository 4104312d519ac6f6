import { styleText } from "node:util";

type Format = Parameters<typeof styleText>[0];

/** Adds colour where colour is wanted, and nothing elsewhere. */
export interface Style {
  readonly colour: boolean;
  paint(format: Format, text: string): string;
}

export function createStyle(colour: boolean): Style {
  return {
    colour,
    // `validateStream: false`: whether there is colour was decided by `wantsColour`, for the right stream.
    paint: (format, text) => (colour ? styleText(format, text, { validateStream: false }) : text),
  };
}

/**
 * Whether a stream gets colours. FORCE_COLOR (anything but empty, `0` and `false`) wins over NO_COLOR (anything but
 * empty), as in Node itself; without either a terminal gets them, unless it calls itself `dumb`.
 */
export function wantsColour(
  stream: { readonly isTTY?: boolean },
  env: Readonly<Record<string, string | undefined>>,
): boolean {
  const forced = env["FORCE_COLOR"];
  if (forced !== undefined && forced !== "") return forced !== "0" && forced !== "false";
  if (env["NO_COLOR"] !== undefined && env["NO_COLOR"] !== "") return false;
  return stream.isTTY === true && env["TERM"] !== "dumb";
}

/** The style for a stream of a command. */
export function styleFor(
  stream: { readonly isTTY?: boolean },
  env: Readonly<Record<string, string | undefined>>,
): Style {
  return createStyle(wantsColour(stream, env));
}
