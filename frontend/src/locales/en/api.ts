export const api = {
  unreachable: {
    title: 'No answer',
    detail: 'The platform did not answer.',
    remedy: 'Check the network; the console tries again by itself.',
  },
  unreadable: {
    title: 'Unreadable answer',
    detail: ({ status }: { status: number }) =>
      `Something between here and the platform answered with status ${status}.`,
    remedy: 'Try again in a moment; if it stays, tell an administrator.',
  },
  fault: {
    title: 'Fault of the console',
    detail: 'The console failed at something it should be able to do. Nothing was changed.',
    remedy: 'Reload the page; if it happens again, tell an administrator what you did.',
  },
} as const;
