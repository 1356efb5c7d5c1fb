export { FilterBar } from './filter-bar';
export { FilterButton, FilterMenu, Option } from './filter-menu';
export { focusSearch, SearchField } from './search-field';
export { TimeFilter } from './time-filter';
export { momentsOf, SPANS, timesIn, type Span, type TimesSearch } from './times';
