import { Menu } from '@mantine/core';

import { FilterMenu, Option } from '@/components/filters';
import type { EventEnum } from '@/lib/api';
import { own } from '@/lib/own';
import { audit } from '@/locales';

import { EVENTS_BY_ROOM, eventWords, kindsWords } from './events';

const t = audit.picker;

interface EventPickerProps {
  name: string;
  /** None: all of them. */
  chosen: readonly EventEnum[];
  onChoose: (chosen: readonly EventEnum[]) => void;
  /** Several may be chosen together. */
  many?: boolean;
}

/** Kinds of events, room by room. */
export function EventPicker({ name, chosen, onChoose, many = false }: EventPickerProps) {
  const pick = (event: EventEnum) => {
    if (!many) onChoose([event]);
    else onChoose(chosen.includes(event) ? chosen.filter((each) => each !== event) : [...chosen, event]);
  };
  return (
    <FilterMenu name={name} value={kindsWords(chosen)}>
      <Option chosen={!chosen.length} onPick={() => onChoose([])}>
        {t.any}
      </Option>
      {EVENTS_BY_ROOM.map(([room, events]) => (
        <div key={room} role="none">
          <Menu.Divider />
          <Menu.Label>{own(audit.rooms, room) ?? room}</Menu.Label>
          {events.map((event) => (
            <Option key={event} many={many} chosen={chosen.includes(event)} onPick={() => pick(event)}>
              {eventWords(event)}
            </Option>
          ))}
        </div>
      ))}
    </FilterMenu>
  );
}
