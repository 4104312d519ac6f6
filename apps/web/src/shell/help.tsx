import { useSyncExternalStore, type ReactElement } from "react";
import { Dialog } from "../components/dialog.tsx";
import { KeyHint } from "../components/key-hint.tsx";
import { boundKeys, watchKeys, type KeyBinding } from "./keyboard.ts";
import styles from "./help.module.css";

export interface HelpProps {
  readonly isOpen: boolean;
  readonly onClose: () => void;
}

/** The keys of the page that is shown. */
export function Help({ isOpen, onClose }: HelpProps): ReactElement {
  const bindings = useSyncExternalStore(watchKeys, boundKeys);
  const groups = (["This page", "Everywhere"] as const).map(
    (group) => [group, unique(bindings.filter((binding) => binding.group === group))] as const,
  );
  return (
    <Dialog isOpen={isOpen} onClose={onClose} title="Keys" width="wide">
      <div className={styles.groups}>
        {groups.map(([group, own]) =>
          own.length === 0 ? null : (
            <section key={group}>
              <h3 className={styles.group}>{group}</h3>
              <dl className={styles.list}>
                {own.map(({ keys, label }) => (
                  <div key={keys} className={styles.row}>
                    <dt>{label}</dt>
                    <dd>
                      <KeyHint keys={keys.replace(/^Ctrl (.)$/, (_, key: string) => `Ctrl ${key.toUpperCase()}`)} />
                    </dd>
                  </div>
                ))}
              </dl>
            </section>
          ),
        )}
      </div>
    </Dialog>
  );
}

function unique(bindings: readonly KeyBinding[]): readonly KeyBinding[] {
  return [...new Map(bindings.map((binding) => [binding.keys, binding])).values()];
}
