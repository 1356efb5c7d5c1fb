import { useMutation } from '@tanstack/react-query';

import { allauth, isDeclined, usePasskey as askForPasskey, type Answer, type RequestOptions } from '@/lib/allauth';
import { ProblemError } from '@/lib/api';
import { session as t } from '@/locales';

/** Prove possession of a passkey at a door: fetch its challenge, let the browser answer, hand the answer in. */
export function usePasskeyAttempt(path: string, onAnswer: (answer: Answer) => void) {
  const attempt = useMutation({
    mutationFn: async (): Promise<Answer> => {
      const offered = await allauth<{ request_options?: RequestOptions }>('GET', path);
      if (!offered.data?.request_options) return offered;
      const credential = await askForPasskey(offered.data.request_options);
      return allauth('POST', path, { credential });
    },
    onSuccess: (answer) => answer.status !== 400 && onAnswer(answer),
  });
  return {
    mutate: () => attempt.mutate(),
    reset: attempt.reset,
    isPending: attempt.isPending,
    complaint: complaint(attempt.error, attempt.data),
  };
}

function complaint(error: Error | null, answer: Answer | undefined): string | null {
  if (isDeclined(error)) return t.passkeyDeclined;
  if (error instanceof ProblemError) return error.message;
  if (error) return t.passkeyFailed;
  return answer?.status === 400 ? t.passkeyFailed : null;
}
