// Served by the development server alone: the build begins at index.html and never comes here.
import '@/lib/theme/styles.css';

import { MantineProvider } from '@mantine/core';
import { QueryClientProvider } from '@tanstack/react-query';
import {
  createMemoryHistory,
  createRootRoute,
  createRouter,
  RouterContextProvider,
  type AnyRouter,
} from '@tanstack/react-router';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';

import { createQueryClient } from '@/lib/api';
import { meQuery } from '@/lib/session';
import { cssVariablesResolver, theme } from '@/lib/theme';

import { answerAlone, me } from '@/lib/specimens/samples';

import { Gallery } from './gallery';

answerAlone();
const queryClient = createQueryClient(() => undefined);
queryClient.setQueryData(meQuery.queryKey, me);
const router: AnyRouter = createRouter({
  routeTree: createRootRoute(),
  history: createMemoryHistory({ initialEntries: ['/'] }),
});
const wanted = new URLSearchParams(window.location.search);
const scheme = wanted.get('scheme') === 'dark' ? 'dark' : 'light';

const root = document.getElementById('root');
if (root) {
  createRoot(root).render(
    <StrictMode>
      <MantineProvider theme={theme} forceColorScheme={scheme} cssVariablesResolver={cssVariablesResolver}>
        <QueryClientProvider client={queryClient}>
          <RouterContextProvider router={router}>
            <Gallery only={wanted.get('only')} />
          </RouterContextProvider>
        </QueryClientProvider>
      </MantineProvider>
    </StrictMode>,
  );
}
