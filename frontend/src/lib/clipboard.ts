/** Put text on the clipboard; tells whether it is there. Works over plain HTTP, where browsers hide their interface. */
export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copyBySelection(text);
  }
}

function copyBySelection(text: string): boolean {
  const before = document.activeElement;
  const area = document.createElement('textarea');
  area.value = text;
  area.style.position = 'fixed';
  area.style.opacity = '0';
  // Inside an open dialog focus is held; the element has to be where it is held.
  (document.querySelector('[role="dialog"]') ?? document.body).append(area);
  area.select();
  // Deprecated, and the only way where `navigator.clipboard` does not exist.
  // eslint-disable-next-line @typescript-eslint/no-deprecated
  const done = document.execCommand('copy');
  area.remove();
  if (before instanceof HTMLElement) before.focus();
  return done;
}
