import { Popover, Radio, TextInput } from '@mantine/core';

import { day } from '@/lib/format';
import { components } from '@/locales';

import { FilterButton } from './filter-menu';
import classes from './filters.module.css';
import { SPANS, type TimesSearch } from './times';

const t = components.filters;
const ANY = 'any';

/** When: a span that ends now, or days. */
export function TimeFilter(props: { search: TimesSearch; onSearch: (change: TimesSearch) => void }) {
  const { search, onSearch } = props;
  const pick = (value: string) => {
    const span = SPANS.find((each) => each === value);
    onSearch({ time: span, since: undefined, until: undefined });
  };
  const setDay = (which: 'since' | 'until', value: string) => {
    onSearch({ time: undefined, [which]: value || undefined });
  };
  return (
    <Popover position="bottom-start" width={240} trapFocus>
      <Popover.Target>
        <FilterTarget value={shown(search)} />
      </Popover.Target>
      <Popover.Dropdown>
        <Radio.Group
          aria-label={t.time}
          value={search.time ?? (search.since || search.until ? '' : ANY)}
          onChange={pick}
        >
          <div className={classes.spans}>
            <Radio size="sm" value={ANY} label={t.anyTime} />
            {SPANS.map((span) => (
              <Radio key={span} size="sm" value={span} label={t.spans[span]} />
            ))}
          </div>
        </Radio.Group>
        <div className={classes.days}>
          <TextInput
            size="xs"
            type="date"
            label={t.from}
            value={search.since ?? ''}
            onChange={(event) => setDay('since', event.currentTarget.value)}
          />
          <TextInput
            size="xs"
            type="date"
            label={t.to}
            value={search.until ?? ''}
            onChange={(event) => setDay('until', event.currentTarget.value)}
          />
        </div>
      </Popover.Dropdown>
    </Popover>
  );
}

function FilterTarget(props: { value: string | null }) {
  return <FilterButton name={t.time} {...props} />;
}

function shown({ time, since, until }: TimesSearch): string | null {
  if (time) return t.spans[time];
  if (since && until) return t.between({ since: day(`${since}T12:00`), until: day(`${until}T12:00`) });
  if (since) return t.after({ since: day(`${since}T12:00`) });
  return until ? t.before({ until: day(`${until}T12:00`) }) : null;
}
