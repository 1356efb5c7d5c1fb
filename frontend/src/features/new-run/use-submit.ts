import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useRef } from 'react';

import { answer, api, type RunRequestRequest } from '@/lib/api';
import { randomId } from '@/lib/ids';

/** Ask for the run in earnest, and go to its page. `onAsked` is called when there is one. */
export function useSubmit(onAsked: () => void) {
  const client = useQueryClient();
  const navigate = useNavigate();
  // One key for one wish: a second press, or a try after silence, must not make a second run.
  const wish = useRef({ body: '', key: '' });
  return useMutation({
    mutationFn: (body: RunRequestRequest) => {
      const text = JSON.stringify(body);
      if (wish.current.body !== text) wish.current = { body: text, key: randomId() };
      const header = { 'Idempotency-Key': wish.current.key };
      return answer(api.POST('/api/v1/runs', { body, params: { header } }));
    },
    onSuccess: (run) => {
      onAsked();
      client.setQueryData(['runs', run.id], run);
      void client.invalidateQueries({ queryKey: ['runs', 'list'] });
      void navigate({ to: '/runs/$runId', params: { runId: run.id } });
    },
    onError: () => {
      // A refusal is the answer to this wish; the next press is another one.
      wish.current = { body: '', key: '' };
    },
  });
}
