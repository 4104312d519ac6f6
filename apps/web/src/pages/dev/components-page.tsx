import { useState, type ReactElement, type ReactNode } from "react";
import { ApiError } from "../../api/api-error.ts";
import { Badge } from "../../components/badge.tsx";
import { Button } from "../../components/button.tsx";
import { CodeBlock } from "../../components/code-block.tsx";
import { CommandHint } from "../../components/command-hint.tsx";
import { Dialog } from "../../components/dialog.tsx";
import { Duration } from "../../components/duration.tsx";
import { EmptyState } from "../../components/empty-state.tsx";
import { ErrorPanel } from "../../components/error-panel.tsx";
import { CheckField, SelectField, TextField } from "../../components/field.tsx";
import { KeyHint } from "../../components/key-hint.tsx";
import { Menu } from "../../components/menu.tsx";
import { Panel } from "../../components/panel.tsx";
import { Sha } from "../../components/sha.tsx";
import { Skeleton } from "../../components/skeleton.tsx";
import { StatusMark } from "../../components/status-mark.tsx";
import { STATUS_WORDS, type Status } from "../../components/status.ts";
import { Table } from "../../components/table.tsx";
import { Tabs } from "../../components/tabs.tsx";
import { TimeAgo } from "../../components/time-ago.tsx";
import { tell, tellError } from "../../components/toast.tsx";
import { Tooltip } from "../../components/tooltip.tsx";
import { Page } from "../../shell/page.tsx";
import { MoreComponents } from "./more-components.tsx";
import styles from "./components-page.module.css";

const STATUSES = Object.keys(STATUS_WORDS) as readonly Status[];
const LONG = "a-name-that-never-ends-".repeat(13);
const RTL = "اسم طويل جدا يبدأ من اليمين";
const HTML = `<img src=x onerror="alert(1)">`;
const ERROR = new ApiError({
  type: "urn:waybill:error:GIT_UNREACHABLE",
  title: "A repository cannot be reached",
  status: 502,
  detail: "The repository at https://git.example.com/team/project.git does not answer.",
  code: "GIT_UNREACHABLE",
  remedy: "Check its address, and that this server may reach it.",
  request_id: "01a1f99c-8cc9-720b-8460-2dca7139c785",
});
function noop(): void {
  // Nothing happens on this page.
}

/** Every shared component in every state: what is changed there is looked at here, in both themes. */
export function ComponentsPage(): ReactElement {
  const [tab, setTab] = useState<"one" | "two">("one");
  const [isOpen, setOpen] = useState(false);
  const now = new Date().toISOString();
  return (
    <Page title="Components" command="script/server --dev">
      <div className={styles.grid}>
        <Section title="Status mark">
          {(["both", "icon", "pill"] as const).map((show) => (
            <Row key={show}>
              {STATUSES.map((status) => (
                <StatusMark key={status} status={status} show={show} />
              ))}
            </Row>
          ))}
        </Section>
        <Section title="Button">
          {(["plain", "primary", "danger", "quiet"] as const).map((kind) => (
            <Row key={kind}>
              <Button kind={kind}>{kind}</Button>
              <Button kind={kind} icon="rerun">
                With an icon
              </Button>
              <Button kind={kind} icon="more" label="An icon alone" />
              <Button
                kind={kind}
                disabledReason="This needs the role developer in the project; you are a viewer there."
              >
                Not allowed
              </Button>
              <Button kind={kind} isBusy>
                Busy
              </Button>
            </Row>
          ))}
        </Section>
        <Section title="Badge, time, duration, commit, keys, command">
          <Row>
            {(["plain", "accent", "failed", "held", "person"] as const).map((tone) => (
              <Badge key={tone} tone={tone} icon="branch">
                {tone}
              </Badge>
            ))}
            <Badge>{LONG}</Badge>
          </Row>
          <Row>
            <TimeAgo time={now} /> <TimeAgo time="2020-01-01T00:00:00Z" />
            <Duration from={now} to={null} />
            <Duration from="2026-01-01T00:00:00Z" to="2026-01-01T00:01:32Z" />
            <Sha sha="0123456789abcdef0123456789abcdef01234567" />
            <KeyHint keys="Ctrl K" />
            <CommandHint command="waybill status latest" />
          </Row>
        </Section>
        <Section title="Fields">
          <TextField label="Text" placeholder="main" hint="The branch that is built." />
          <TextField label="Wrong" defaultValue="../x" error="A relative path within the repository." isCode />
          <SelectField
            label="Choice"
            options={[
              { value: "a", label: "The first" },
              { value: "b", label: LONG },
            ]}
          />
          <CheckField label="Rerun failed jobs alone" defaultChecked />
        </Section>
        <Section title="Table">
          <Table
            label="Example"
            keyOf={({ name }) => name}
            rows={[{ name: LONG }, { name: RTL }, { name: HTML }, { name: "short" }]}
            columns={[
              { id: "name", head: "Name", isWide: true, cell: ({ name }) => name },
              { id: "status", head: "Status", cell: () => <StatusMark status="success" /> },
              { id: "number", head: "Runs", isNumber: true, cell: () => "1,204" },
            ]}
            isSelected={({ name }) => name === "short"}
          />
        </Section>
        <Section title="Tabs, menu, tooltip, dialog, toasts">
          <Tabs
            label="Example"
            value={tab}
            onChange={setTab}
            tabs={[
              { id: "one", label: "One", count: 3 },
              { id: "two", label: "Two" },
            ]}
          >
            <p className={styles.padded}>Tab {tab}</p>
          </Tabs>
          <Row>
            <Menu
              trigger={<Button icon="down">Menu</Button>}
              items={[
                { label: "Rerun", icon: "rerun", onSelect: noop },
                { label: "Chosen", isChecked: true, onSelect: noop },
                { label: "Delete", isDangerous: true, icon: "close", onSelect: noop },
                { label: "Not now", disabledReason: "Runs are going on.", onSelect: noop },
              ]}
            />
            <Tooltip text="Words about it">
              <Button>Tooltip</Button>
            </Tooltip>
            <Button onClick={() => setOpen(true)}>Dialog</Button>
            <Button onClick={() => tell("Run #12 begins", "of main")}>Toast</Button>
            <Button onClick={() => tellError("The run was not started", ERROR)}>Error toast</Button>
          </Row>
          <Dialog
            isOpen={isOpen}
            onClose={() => setOpen(false)}
            title="Cancel run #12?"
            actions={<Button onClick={() => setOpen(false)}>Let it run</Button>}
          >
            3 jobs that run get SIGTERM now and SIGKILL after 30 s.
          </Dialog>
        </Section>
        <Section title="Error, empty, skeleton, code">
          <ErrorPanel error={ERROR} onRetry={noop} />
          <ErrorPanel error={new Error("cannot read properties of undefined")} />
          <EmptyState title="There are no artifacts yet">
            <CodeBlock label="the recipe" code={"artifacts:\n  - name: package\n    paths: [build/]"} />
          </EmptyState>
          <Skeleton />
        </Section>
        <MoreComponents />
      </div>
    </Page>
  );
}

function Section({ title, children }: { readonly title: string; readonly children: ReactNode }): ReactElement {
  return (
    <Panel title={title}>
      <div className={styles.section}>{children}</div>
    </Panel>
  );
}

function Row({ children }: { readonly children: ReactNode }): ReactElement {
  return <div className={styles.row}>{children}</div>;
}
