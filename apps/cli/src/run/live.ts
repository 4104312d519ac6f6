import type { EngineNotice } from "@waybill/engine";
import type { Clock } from "@waybill/core";
import { createLogUpdate } from "log-update";
import type { Style } from "../text/style.ts";
import { fitsWhole, renderFrame, type FrameOptions } from "./live-frame.ts";
import type { Renderer } from "./renderer.ts";
import type { RunState } from "./run-state.ts";
import type { TreeEntry } from "./tree-order.ts";

/** Twelve frames a second: smooth for a spinner, nothing for a processor. */
const FRAME_MS = 80;

/**
 * Draws the run into the terminal again and again. Notices only change the state; drawing follows the timer, so a
 * job that prints a million lines costs no more than one that prints ten.
 *
 * @param state - folded by the caller: this view only draws it
 */
export function createLiveRenderer(
  stdout: NodeJS.WriteStream,
  state: RunState,
  options: { readonly tree: readonly TreeEntry[]; readonly clock: Clock; readonly style: Style },
): Renderer {
  const log = createLogUpdate(stdout);
  let tick = 0;
  let message = "";
  const frame = (): FrameOptions => {
    const { columns, rows } = stdout;
    return { ...options, columns, rows, now: options.clock.now(), tick, message };
  };
  const draw = (): void => log(renderFrame(state, frame()));
  const timer = setInterval(() => {
    tick += 1;
    draw();
  }, FRAME_MS);
  stdout.on("resize", draw);
  return {
    notice: (_notice: EngineNotice) => undefined,
    message(text) {
      message = text;
      draw();
    },
    close() {
      clearInterval(timer);
      stdout.off("resize", draw);
      message = "";
      const staysOnScreen = fitsWhole(state, frame());
      if (staysOnScreen) draw();
      else log.clear();
      log.done();
      return staysOnScreen;
    },
  };
}
