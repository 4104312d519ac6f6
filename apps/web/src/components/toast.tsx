import { Toast as Primitive } from "@base-ui/react/toast";
import type { ReactElement, ReactNode } from "react";
import { problemOf } from "../api/api-error.ts";
import { classNames } from "./class-names.ts";
import { Icon } from "./icon.tsx";
import styles from "./toast.module.css";

const manager = Primitive.createToastManager();
const SHOWN_MS = 6_000;

/** Says that something was done. */
export function tell(title: string, description?: string): void {
  manager.add({ title, description, timeout: SHOWN_MS, type: "done" });
}

/** Says why something was not done, until it is put away. */
export function tellError(what: string, error: unknown): void {
  const { code, detail, remedy, request_id: id } = problemOf(error);
  const trace = id === "" ? code : `${code} · ${id}`;
  manager.add({
    title: what,
    description: `${detail} ${remedy} (${trace})`,
    timeout: 0,
    type: "error",
    priority: "high",
  });
}

export interface ToastsProps {
  readonly children: ReactNode;
}

/** Holds what `tell` and `tellError` say, in a corner. Once, around all pages. */
export function Toasts({ children }: ToastsProps): ReactElement {
  return (
    <Primitive.Provider toastManager={manager} limit={4}>
      {children}
      <Primitive.Portal>
        <Primitive.Viewport className={styles.viewport}>
          <ToastList />
        </Primitive.Viewport>
      </Primitive.Portal>
    </Primitive.Provider>
  );
}

function ToastList(): ReactElement {
  const { toasts } = Primitive.useToastManager();
  return (
    <>
      {toasts.map((toast) => (
        <Primitive.Root key={toast.id} toast={toast} className={classNames(styles.toast, toast.type === "error" && styles.error)}>
          <div className={styles.text}>
            <Primitive.Title className={styles.title} />
            <Primitive.Description className={styles.description} />
          </div>
          <Primitive.Close className={styles.close} aria-label="Put away">
            <Icon name="close" size={12} />
          </Primitive.Close>
        </Primitive.Root>
      ))}
    </>
  );
}
