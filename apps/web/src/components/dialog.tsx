import { lazy, Suspense, type ReactElement, type ReactNode } from "react";

const DialogPopup = lazy(async () => ({ default: (await import("./dialog-popup.tsx")).DialogPopup }));

export interface DialogProps {
  readonly isOpen: boolean;
  readonly onClose: () => void;
  readonly title: string;
  readonly children: ReactNode;
  /** What can be done: buttons, the one that does it last. */
  readonly actions?: ReactNode;
  readonly width?: "narrow" | "wide";
}

/** Asks or tells something before anything else can be done. Its code is loaded when one is opened. */
export function Dialog(props: DialogProps): ReactElement | null {
  if (!props.isOpen) return null;
  return (
    <Suspense>
      <DialogPopup {...props} />
    </Suspense>
  );
}
