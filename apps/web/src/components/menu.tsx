import { cloneElement, lazy, Suspense, useState, type ReactElement } from "react";
import type { IconName } from "./icon.tsx";

const MenuPopup = lazy(async () => ({ default: (await import("./menu-popup.tsx")).MenuPopup }));

export interface MenuItem {
  readonly label: string;
  readonly onSelect: () => void;
  readonly icon?: IconName;
  readonly isDangerous?: boolean;
  /** Why it cannot be chosen; shown below its label. */
  readonly disabledReason?: string | null | undefined;
  /** One of several that excludes the others, and whether it is the one. */
  readonly isChecked?: boolean;
}

export interface MenuProps {
  /** What opens it. */
  readonly trigger: ReactElement;
  readonly items: readonly MenuItem[];
  readonly align?: "start" | "end";
}

/** Several things that can be done, behind one button. Its code is loaded when it is first opened. */
export function Menu(props: MenuProps): ReactElement {
  const [isWanted, setWanted] = useState(false);
  const trigger = cloneElement(props.trigger as ReactElement<Record<string, unknown>>, {
    "aria-haspopup": "menu",
    "aria-expanded": false,
    onClick: () => setWanted(true),
  });
  if (!isWanted) return trigger;
  return (
    <Suspense fallback={trigger}>
      <MenuPopup {...props} />
    </Suspense>
  );
}
