import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useState, type ReactElement } from "react";
import { keys } from "../../api/keys.ts";
import { meQuery } from "../../api/queries/access.ts";
import { projectsQuery } from "../../api/queries/projects.ts";
import { myTokensQuery } from "../../api/queries/settings.ts";
import { READ_WHEN_LOOKED_AT } from "../../api/query.ts";
import { Badge } from "../../components/badge.tsx";
import { CodeBlock } from "../../components/code-block.tsx";
import { EmptyState } from "../../components/empty-state.tsx";
import { Panel } from "../../components/panel.tsx";
import { TokenDialog } from "../../session/tokens/token-dialog.tsx";
import { TokenList } from "../../session/tokens/token-list.tsx";
import { useMay } from "../../session/use-may.ts";
import { Page } from "../../shell/page.tsx";
import { chooseTheme, storedTheme, THEME_WORDS, THEMES } from "../../shell/theme.ts";
import { PasswordPanel } from "./password-panel.tsx";
import { SessionPanel } from "./session-panel.tsx";
import styles from "./profile-page.module.css";

/** One's own: password, where one is signed in, tokens, theme. */
export function ProfilePage(): ReactElement {
  const search = useSearch({ from: "/app/settings/profile" });
  const navigate = useNavigate({ from: "/settings/profile" });
  const { data: me } = useQuery(meQuery());
  const { data: projects } = useQuery(projectsQuery());
  const may = useMay("createMyToken", null);
  const tokens = useQuery({ ...myTokensQuery(), ...READ_WHEN_LOOKED_AT });
  const roles = Object.entries(me?.roles ?? {});
  const open = (isNew: boolean): void => void navigate({ search: isNew ? { new: "token" } : {} });
  return (
    <Page
      title="Profile"
      heading={me?.actor.replace(/^user:/, "") ?? "Profile"}
      facts={
        <>
          {me?.server_admin === true ? <Badge tone="person">administrator of the server</Badge> : null}
          {roles.map(([id, role]) => (
            <Badge key={id}>
              {role} of {projects?.items.find((project) => project.id === id)?.name ?? "a project"}
            </Badge>
          ))}
          {roles.length === 0 && me?.server_admin === false
            ? "No role in any project yet: ask who administers one."
            : null}
        </>
      }
      command={`waybill login --server ${globalThis.location.origin}`}
    >
      <TokenList
        title="Tokens of your own"
        tokens={tokens.data?.items}
        error={tokens.error}
        queryKey={keys.myTokens}
        disabledReason={may.isAllowed ? null : may.reason}
        onNew={() => open(true)}
        empty={
          <EmptyState title="You have no token">
            <p>With a token the command waybill, and programs of your own, may on this server what you may:</p>
            <CodeBlock
              label="the command"
              code={`waybill login --server ${globalThis.location.origin} --token-file token.txt`}
            />
          </EmptyState>
        }
      />
      <SessionPanel />
      <div className={styles.columns}>
        <PasswordPanel />
        <ThemePanel />
      </div>
      {search.new === "token" ? <TokenDialog of={{ kind: "personal" }} onClose={() => open(false)} /> : null}
    </Page>
  );
}

function ThemePanel(): ReactElement {
  const [theme, setTheme] = useState(storedTheme);
  return (
    <Panel title="Theme">
      <fieldset className={styles.themes}>
        <legend className="unseen">Theme</legend>
        {THEMES.map((each) => (
          <label key={each} className={styles.theme}>
            <input
              type="radio"
              name="theme"
              checked={each === theme}
              onChange={() => {
                chooseTheme(each);
                setTheme(each);
              }}
            />
            {THEME_WORDS[each]}
          </label>
        ))}
        <p className="quiet">It is kept in this browser.</p>
      </fieldset>
    </Panel>
  );
}
