import { useLayoutEffect, useState } from "react";

/** A part of a graph, in its own pixels. */
export interface Sight {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** So much around what is seen is drawn as well. */
const MARGIN_PX = 500;
const ALL: Sight = { left: -Infinity, top: -Infinity, right: Infinity, bottom: Infinity };
const FIRST: Sight = { left: 0, top: 0, right: 2_000, bottom: 1_000 };

/**
 * What of a frame's contents is in sight, and some more around it; told anew before somebody has come to its edge.
 *
 * @param isLarge of what is small all is in sight
 */
export function useSight(frame: { readonly current: HTMLElement | null }, scale: number, isLarge: boolean): Sight {
  const [sight, setSight] = useState(FIRST);
  useLayoutEffect(() => {
    const element = frame.current;
    if (element === null || !isLarge) return;
    const look = (): void => {
      const [left, top] = [element.scrollLeft / scale, element.scrollTop / scale];
      const [right, bottom] = [left + element.clientWidth / scale, top + element.clientHeight / scale];
      setSight((old) => {
        const near = MARGIN_PX / 2;
        const isInside =
          (left - near >= old.left || old.left <= 0) &&
          (top - near >= old.top || old.top <= 0) &&
          right + near <= old.right &&
          bottom + near <= old.bottom;
        if (isInside) return old;
        return {
          left: left - MARGIN_PX,
          top: top - MARGIN_PX,
          right: right + MARGIN_PX,
          bottom: bottom + MARGIN_PX,
        };
      });
    };
    look();
    element.addEventListener("scroll", look, { passive: true });
    const observer = new ResizeObserver(look);
    observer.observe(element);
    return () => {
      element.removeEventListener("scroll", look);
      observer.disconnect();
    };
  }, [frame, scale, isLarge]);
  return isLarge ? sight : ALL;
}
