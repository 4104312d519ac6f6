import { Dialog as Primitive } from "@base-ui/react/dialog";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useRouter } from "@tanstack/react-router";
import { useEffect, useId, useState, type KeyboardEvent, type ReactElement } from "react";
import { meQuery } from "../api/queries/access.ts";
import { runsQuery } from "../api/queries/runs.ts";
import { searchQuery } from "../api/queries/search.ts";
import { classNames } from "../components/class-names.ts";
import { Icon } from "../components/icon.tsx";
import { paletteItems, type PaletteItem } from "./palette-items.ts";
import { recentItems, rememberItem } from "./recent.ts";
import styles from "./palette.module.css";

const RECENT = 100;
/** The server is asked once somebody pauses. */
const PAUSE_MS = 120;

export interface PaletteProps {
  readonly onClose: () => void;
}

/** One box that leads everywhere. */
export function Palette({ onClose }: PaletteProps): ReactElement {
  const [text, setText] = useState("");
  const [at, setAt] = useState(0);
  const id = useId();
  const router = useRouter();
  const runs = useQuery(runsQuery({ limit: RECENT })).data?.items ?? [];
  const userId = useQuery(meQuery()).data?.id ?? "";
  const [recent] = useState(() => recentItems(userId));
  const asked = usePaused(text.trim());
  const isAsked = asked !== "" && text.trim() !== "";
  const search = useQuery({ ...searchQuery(asked), enabled: isAsked, placeholderData: keepPreviousData, gcTime: 0 });
  const items = paletteItems(text, { runs, hits: isAsked ? (search.data?.items ?? []) : [], recent });
  const isSearching = text.trim() !== asked || (isAsked && search.isFetching);
  const selected = Math.min(at, items.length - 1);
  const open = (item: PaletteItem | undefined): void => {
    if (item === undefined) return;
    onClose();
    rememberItem(userId, item);
    void router.navigate({ href: item.href });
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const moves: Readonly<Record<string, number>> = { ArrowDown: 1, ArrowUp: -1 };
    const by = moves[event.key];
    if (by !== undefined) {
      event.preventDefault();
      setAt((selected + by + items.length) % Math.max(1, items.length));
    } else if (event.key === "Enter") {
      event.preventDefault();
      open(items[selected]);
    }
  };
  return (
    <Primitive.Root open onOpenChange={(isOpen) => (isOpen ? undefined : onClose())}>
      <Primitive.Portal>
        <Primitive.Backdrop className={styles.backdrop} />
        <Primitive.Popup className={styles.popup} aria-label="Find anything">
          <div className={styles.box}>
            <Icon name="search" />
            <input
              className={styles.input}
              role="combobox"
              aria-label="Find anything"
              aria-expanded="true"
              aria-controls={`${id}-list`}
              aria-activedescendant={items.length === 0 ? undefined : `${id}-${selected}`}
              placeholder="A project, run (#12), job, commit, branch, page…"
              value={text}
              spellCheck={false}
              onChange={(event) => {
                setText(event.target.value);
                setAt(0);
              }}
              onKeyDown={onKeyDown}
            />
          </div>
          <ul className={styles.list} role="listbox" id={`${id}-list`} aria-label="Found">
            {items.map((item, index) => (
              <li
                key={item.id}
                id={`${id}-${index}`}
                role="option"
                aria-selected={index === selected}
                className={classNames(styles.item, index === selected && styles.selected)}
                onClick={() => open(item)}
                onPointerMove={() => setAt(index)}
                ref={index === selected ? scrollIn : undefined}
              >
                <Icon name={item.icon} size={14} />
                <span className={classNames("cut", styles.title)}>{item.title}</span>
                <span className={classNames("cut", styles.subtitle)}>{item.subtitle}</span>
                <span className={styles.kind}>{item.kind}</span>
              </li>
            ))}
          </ul>
          {items.length > 0 ? null : (
            <p className={styles.none}>{isSearching ? "Searching…" : `Nothing matches “${text}”.`}</p>
          )}
          {search.error === null ? null : (
            <p className={styles.none} role="alert">
              The server’s search did not answer: {search.error.message}
            </p>
          )}
        </Primitive.Popup>
      </Primitive.Portal>
    </Primitive.Root>
  );
}

/** What the text was when it last stood still for a moment. */
function usePaused(text: string): string {
  const [paused, setPaused] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => setPaused(text), text === "" ? 0 : PAUSE_MS);
    return () => clearTimeout(timer);
  }, [text]);
  return paused;
}

function scrollIn(element: HTMLElement | null): void {
  element?.scrollIntoView({ block: "nearest" });
}
