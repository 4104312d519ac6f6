import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, Outlet, useNavigate } from "@tanstack/react-router";
import { lazy, Suspense, useEffect, useState, type ReactElement } from "react";
import { meQuery } from "../api/queries/access.ts";
import { Button } from "../components/button.tsx";
import { Dialog } from "../components/dialog.tsx";
import { Icon } from "../components/icon.tsx";
import { KeyHint } from "../components/key-hint.tsx";
import { Menu } from "../components/menu.tsx";
import { tellError } from "../components/toast.tsx";
import { leave } from "../session/session.ts";
import { ConnectionMark } from "./connection-mark.tsx";
import { Help } from "./help.tsx";
import { listenToKeys, moveRow } from "./keyboard.ts";
import { DESTINATIONS } from "./navigation.ts";
import { Notifications } from "./notifications.tsx";
import { chooseTheme, storedTheme, THEME_WORDS, THEMES } from "./theme.ts";
import { useKey } from "./use-key.ts";
import styles from "./shell.module.css";

const Palette = lazy(async () => ({ default: (await import("./palette.tsx")).Palette }));

type Overlay = "palette" | "help" | "navigation" | null;

/** Around every page: navigation, palette, what waits, the connection, the theme, who one is. */
export function Shell(): ReactElement {
  const [overlay, setOverlay] = useState<Overlay>(null);
  const close = (): void => setOverlay(null);
  useEffect(listenToKeys, []);
  useKey("Ctrl k", "Find anything", () => setOverlay("palette"), "Everywhere");
  useKey("/", "Search", () => setOverlay("palette"), "Everywhere");
  useKey("?", "Show the keys", () => setOverlay("help"), "Everywhere");
  useKey("j", "Next row", () => moveRow(1), "Everywhere");
  useKey("k", "Previous row", () => moveRow(-1), "Everywhere");
  return (
    <div className={styles.shell}>
      <a href="#content" className={styles.skip}>
        Skip to the content
      </a>
      <header className={styles.bar}>
        <Button
          kind="quiet"
          icon="menu"
          label="Navigation"
          className={styles.hamburger}
          onClick={() => setOverlay("navigation")}
        />
        <Link to="/" className={styles.brand} aria-label="Waybill: activity">
          <Mark />
          <span>Waybill</span>
        </Link>
        <nav className={styles.nav} aria-label="Pages">
          <Destinations isBar />
        </nav>
        <button type="button" className={styles.search} onClick={() => setOverlay("palette")}>
          <Icon name="search" size={14} />
          <span>Find a run, commit, project…</span>
          <KeyHint keys="Ctrl K" />
        </button>
        <div className={styles.tools}>
          <ConnectionMark />
          <Notifications />
          <Button
            kind="quiet"
            icon="help"
            label="Keys"
            className={styles.helpButton}
            onClick={() => setOverlay("help")}
          />
          <UserMenu />
        </div>
      </header>
      <main id="content" className={styles.content} tabIndex={-1}>
        <Outlet />
      </main>
      {overlay === "palette" ? (
        <Suspense>
          <Palette onClose={close} />
        </Suspense>
      ) : null}
      <Help isOpen={overlay === "help"} onClose={close} />
      <Dialog isOpen={overlay === "navigation"} onClose={close} title="Waybill">
        <nav className={styles.phoneNav} aria-label="Pages" onClick={close}>
          <Destinations />
        </nav>
      </Dialog>
    </div>
  );
}

interface DestinationsProps {
  /** The bar has no room for pages that are within another. */
  readonly isBar?: boolean;
}

function Destinations({ isBar = false }: DestinationsProps): ReactElement {
  const shown = isBar
    ? DESTINATIONS.filter(({ within }) => within === undefined)
    : DESTINATIONS.filter(({ to }) => to !== "/settings");
  return (
    <>
      {shown.map(({ label, to, icon }) => (
        <Link key={to} to={to} className={styles.link} activeOptions={{ exact: to === "/", includeSearch: false }}>
          <Icon name={icon} size={14} />
          {label}
        </Link>
      ))}
    </>
  );
}

function UserMenu(): ReactElement {
  const { data: me } = useQuery(meQuery());
  const client = useQueryClient();
  const navigate = useNavigate();
  const [theme, setTheme] = useState(storedTheme);
  const name = me?.actor.replace(/^user:/, "") ?? "";
  const signOut = async (): Promise<void> => {
    try {
      await leave(client);
      await navigate({ to: "/sign-in", search: {} });
      client.clear();
    } catch (error) {
      tellError("You could not be signed out", error);
    }
  };
  const themes = THEMES.map((each) => ({
    label: THEME_WORDS[each],
    isChecked: each === theme,
    onSelect: () => {
      chooseTheme(each);
      setTheme(each);
    },
  }));
  const trigger = (
    <button type="button" className={styles.user} aria-label={`${name}: theme, sign out`}>
      <span className={styles.initial} aria-hidden="true">
        {name.slice(0, 1).toUpperCase()}
      </span>
    </button>
  );
  return (
    <Menu
      trigger={trigger}
      items={[
        { label: "Profile", icon: "user", onSelect: () => void navigate({ to: "/settings/profile", search: {} }) },
        ...themes,
        { label: `Sign out ${name}`, icon: "external", onSelect: () => void signOut() },
      ]}
    />
  );
}

function Mark(): ReactElement {
  return (
    <svg width="20" height="20" viewBox="0 0 32 32" aria-hidden="true">
      <rect width="32" height="32" rx="7" fill="var(--accent)" />
      <path
        d="M6 10l4.5 13L16 12l5.5 11L26 10"
        fill="none"
        stroke="var(--on-accent)"
        strokeWidth="3"
        strokeLinecap="round"
        strokeLinejoin="round"
      />
    </svg>
  );
}
