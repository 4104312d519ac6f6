import { visible } from "@waybill/core";

/**
 * Escape sequences (CSI, OSC and other strings, two-character ones) and single control characters. Strings (OSC, DCS
 * …) end at BEL or ST, or with the line. A C1 character is the one-byte form of an escape.
 */
const CONTROL =
  // oxlint-disable-next-line no-control-regex -- control characters are what this is about
  /(?:\u001b\[|\u009b)[0-?]*[ -/]*[@-~]?|(?:\u001b[\]PX^_]|[\u0090\u0098\u009d-\u009f])[^\u0007\u001b\u009c]*(?:\u0007|\u001b\\|\u009c)?|\u001b[ -/]*[0-~]?|[\u0000-\u0008\u000a-\u001f\u007f-\u009f]/g;

// oxlint-disable-next-line no-control-regex -- see above
const HAS_CONTROL = /[\u0000-\u0008\u000a-\u001f\u007f-\u009f]/;

// oxlint-disable-next-line no-control-regex -- see above
const COLOUR = /^\u001b\[[0-9;:]*m$/;

const RESET = "\u001b[0m";

/**
 * A line of a job's output made harmless for our own output: what would move the cursor, clear the screen, set the
 * title or ring the bell is left out. A line that overwrites itself by carriage returns (a progress bar) is shown as
 * a terminal would have left it: what came last.
 *
 * @param colour - keep colour sequences; they are closed at the end of the line, so they cannot run into ours
 */
export function safeLine(line: string, colour: boolean): string {
  if (!HAS_CONTROL.test(line)) return line;
  const shown = line.includes("\r") ? lastOverwrite(line) : line;
  let coloured = false;
  const safe = shown.replaceAll(CONTROL, (sequence) => {
    if (!colour || !COLOUR.test(sequence)) return "";
    coloured = true;
    return sequence;
  });
  return coloured ? safe + RESET : safe;
}

function lastOverwrite(line: string): string {
  return line.split("\r").findLast((part) => part !== "") ?? "";
}

/**
 * A name out of a pipeline file made harmless: it stays on its line, and what would steer a terminal or reorder its
 * text is shown as an escape (`\\x1b`), for in a name it is no decoration but a trick or a mistake.
 */
export function safeName(name: string): string {
  return visible(name.replaceAll(/[\r\n]+/g, " "));
}
