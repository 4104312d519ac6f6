import { useNavigate, useSearch } from "@tanstack/react-router";
import type { ReactElement } from "react";
import { Tabs } from "../../components/tabs.tsx";
import { shellWord } from "../../components/shell-word.ts";
import { OfProject, ProjectSelect, useProjectChoice } from "../../session/project-choice.tsx";
import { Page } from "../../shell/page.tsx";
import { MachineTokens } from "./machine-tokens.tsx";
import { Members } from "./members.tsx";
import { Users } from "./users.tsx";
import styles from "./people-page.module.css";

const TABS = [
  { id: "roles", label: "Roles in a project" },
  { id: "machines", label: "Machine tokens" },
  { id: "users", label: "Users of the server" },
] as const;

type TabId = (typeof TABS)[number]["id"];

/** Who may do what: people with their roles, programs with their tokens, and all users there are. */
export function PeoplePage(): ReactElement {
  const search = useSearch({ from: "/app/settings/people" });
  const navigate = useNavigate({ from: "/settings/people" });
  const choice = useProjectChoice(search.project);
  const tab: TabId = TABS.find(({ id }) => id === search.tab)?.id ?? "roles";
  const ofProject = search.project === undefined ? {} : { project: search.project };
  const open = (isNew: boolean): void => {
    void navigate({ search: { ...ofProject, tab, ...(isNew ? { new: "1" } : {}) } });
  };
  const isNew = search.new !== undefined;
  const commands: Readonly<Record<TabId, string | undefined>> = {
    roles: undefined,
    machines: `waybill server token NAME --project ${shellWord(choice.project?.id ?? "ID")}`,
    users: "waybill server sign-in-link NAME",
  };
  const command = commands[tab];
  return (
    <Page title="People and tokens" {...(command === undefined ? {} : { command })}>
      <Tabs
        label="People and tokens"
        tabs={TABS}
        value={tab}
        onChange={(next) => void navigate({ search: { ...ofProject, tab: next } })}
      >
        <div className={styles.tab}>
          {tab === "users" ? (
            <Users isNew={isNew} onNew={open} />
          ) : (
            <>
              <div className={styles.project}>
                <ProjectSelect choice={choice} onChange={(name) => void navigate({ search: { tab, project: name } })} />
              </div>
              <OfProject choice={choice}>
                {(project) =>
                  tab === "roles" ? (
                    <Members key={project.id} project={project} isNew={isNew} onNew={open} />
                  ) : (
                    <MachineTokens key={project.id} project={project} isNew={isNew} onNew={open} />
                  )
                }
              </OfProject>
            </>
          )}
        </div>
      </Tabs>
    </Page>
  );
}
