import type { Artifact } from '@/lib/api';

export type ArtifactKind = 'table' | 'image' | 'pdf' | 'json' | 'text' | 'other';

const TABLES = /\.(?:csv|tsv|parquet|xlsx|jsonl|ndjson)$/i;
const IMAGES = /\.(?:png|jpe?g|gif|webp|svg)$/i;
const TEXTS = /\.(?:txt|log|md|py|sql|sh|r|js|ts|css|html?|xml|ya?ml|toml|ini|tex|rst)$/i;

/** How a file can be shown, by its name: the name is what the platform goes by too. */
export function kindOf({ name, media_type: mediaType }: Pick<Artifact, 'name' | 'media_type'>): ArtifactKind {
  if (TABLES.test(name)) return 'table';
  if (IMAGES.test(name)) return 'image';
  if (/\.pdf$/i.test(name)) return 'pdf';
  if (/\.(?:json|geojson|ipynb)$/i.test(name)) return 'json';
  if (TEXTS.test(name) || mediaType.startsWith('text/')) return 'text';
  return 'other';
}

const PICTURES: Record<string, string> = {
  png: 'image/png',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  gif: 'image/gif',
  webp: 'image/webp',
  svg: 'image/svg+xml',
};

/** The type of a picture that an `img` may show; in there even SVG runs nothing and fetches nothing. */
export function pictureType(name: string): string {
  return PICTURES[name.split('.').at(-1)?.toLowerCase() ?? ''] ?? 'image/png';
}
