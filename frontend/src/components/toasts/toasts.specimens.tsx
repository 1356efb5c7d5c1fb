import { useEffect } from 'react';

import type { Specimens } from '@/lib/specimens';
import { toast } from '@/lib/toasts';

import { Toasts } from '.';

/** Kept until they are dismissed, or a picture would come too late. */
function ToastsCase() {
  useEffect(() => {
    const made = [
      toast({ tone: 'good', title: 'The token is revoked.', stays: true }),
      toast({
        tone: 'wait',
        title: 'The run ends in two minutes.',
        detail: 'It reaches the limit of its life.',
        action: { label: 'Go there', run: () => undefined },
        stays: true,
      }),
      toast({ tone: 'bad', title: 'The browser refused; select the text and copy it.', stays: true }),
    ];
    return () => made.forEach((take) => take());
  }, []);
  return (
    <div style={{ height: '22rem' }}>
      <Toasts />
    </div>
  );
}

export const specimens: Specimens = { section: 'Toasts', pages: { toasts: ToastsCase } };
