import { problemOf, unreachable } from '@/lib/api';
import { reportAnswer, reportSilence } from '@/lib/connection';

// What is larger goes straight to the disk; by then the platform has said that it may.
const MOST_IN_MEMORY = 128 * 1024 * 1024;

/** Hand data to the browser's downloads. */
export function saveBlob(blob: Blob, name: string): void {
  const url = URL.createObjectURL(blob);
  saveFrom(url, name);
  // The browser has taken it over by then.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

/** Download what the platform serves. Throws a ProblemError when it refuses. */
export async function download(address: string, name: string): Promise<void> {
  const response = await fetched(address);
  if (Number(response.headers.get('Content-Length') ?? 0) > MOST_IN_MEMORY) {
    await response.body?.cancel();
    saveFrom(address, name);
  } else {
    saveBlob(await response.blob(), name);
  }
}

/** The bytes at an address of the platform. Throws a ProblemError when it refuses or does not answer. */
export async function fetchBlob(address: string, signal: AbortSignal): Promise<Blob> {
  const response = await fetched(address, signal);
  return await response.blob();
}

async function fetched(address: string, signal?: AbortSignal): Promise<Response> {
  const url = new URL(address, window.location.origin);
  const response = await fetch(url, { credentials: 'same-origin', ...(signal ? { signal } : {}) }).catch(
    (error: unknown) => {
      if (error instanceof DOMException && error.name === 'AbortError') throw error;
      reportSilence();
      throw unreachable();
    },
  );
  reportAnswer(response.status);
  if (!response.ok) throw problemOf(await response.json().catch(() => null), response);
  return response;
}

function saveFrom(url: string, name: string): void {
  const link = document.createElement('a');
  link.href = url;
  link.download = name.split('/').at(-1) ?? name;
  link.click();
}
