import { useState, type ReactElement } from "react";
import { Button } from "../../components/button.tsx";
import { ConfirmButton } from "../../components/confirm-button.tsx";
import { FactList } from "../../components/fact-list.tsx";
import { AreaField, SelectField } from "../../components/field.tsx";
import { FilterBar } from "../../components/filter-bar.tsx";
import { Meter } from "../../components/meter.tsx";
import { Pager } from "../../components/pager.tsx";
import { Panel } from "../../components/panel.tsx";
import { ShownOnce } from "../../components/shown-once.tsx";
import { TimeUntil } from "../../components/time-ago.tsx";

const HOUR_MS = 3_600_000;
const MARKS = [80, 90, 95, 98];

function noop(): void {
  // Nothing happens on this page.
}

/** What pages of lists and settings share. */
export function MoreComponents(): ReactElement {
  const [isShown, setShown] = useState(false);
  const [filter, setFilter] = useState<{ readonly name?: string; readonly job?: string }>({ name: "package" });
  return (
    <>
      <Panel title="Facts, meter">
        <div className="stack">
          <FactList
            facts={[
              ["Kind", "SQLite 3.53"],
              ["A long one", "a-name-that-never-ends-".repeat(8)],
              ["Ends", <TimeUntil key="ends" time={new Date(Date.now() + 5 * HOUR_MS).toISOString()} />],
            ]}
          />
          <Meter label="Empty" percent={0} marks={MARKS} />
          <Meter label="Some" percent={37} marks={MARKS} />
          <Meter label="Tight" percent={91} tone="held" marks={MARKS} />
          <Meter label="Full" percent={99} tone="failed" marks={MARKS} />
        </div>
      </Panel>
      <Panel title="Filters, pages">
        <FilterBar
          label="Example"
          fields={[
            { name: "name", label: "Name holds" },
            { name: "job", label: "Job", placeholder: "build" },
          ]}
          value={filter}
          onChange={setFilter}
        >
          <SelectField label="Project" options={[{ value: "", label: "All projects" }]} />
        </FilterBar>
        <Pager onBack={noop} onNext={noop} />
      </Panel>
      <Panel title="What asks first, what is shown once">
        <div className="stack">
          <AreaField label="Comment" hint="For the record." />
          <AreaField label="Value" isCode error="It has nothing in it." />
          <div className="row">
            <ConfirmButton
              title="Delete production?"
              effect="Jobs that name it run without its rules from then on."
              confirm="Delete the environment"
              command="waybill environments delete shop production"
              isBusy={false}
              onConfirm={() => Promise.resolve()}
            >
              Delete
            </ConfirmButton>
            <ConfirmButton
              title=""
              effect=""
              confirm=""
              isBusy={false}
              disabledReason="This needs the role admin in the project."
              onConfirm={() => Promise.resolve()}
            >
              Delete
            </ConfirmButton>
            <Button onClick={() => setShown(true)}>Shown once</Button>
          </div>
          {isShown ? (
            <ShownOnce
              title="Token laptop"
              text="wbp_an-example-that-is-no-token"
              label="The token"
              onClose={() => setShown(false)}
            >
              <p>It ends in 90 days.</p>
            </ShownOnce>
          ) : null}
        </div>
      </Panel>
    </>
  );
}
