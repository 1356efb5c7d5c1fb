import { Button } from '@mantine/core';
import { IconMapQuestion } from '@tabler/icons-react';
import { Link, useRouter, type ErrorComponentProps } from '@tanstack/react-router';

import { Empty, ErrorState } from '@/components/feedback';
import { usePageTitle } from '@/components/page';
import { shell } from '@/locales';

import { PageNotLoaded } from './lazy-page';
import { NotLoaded } from './not-loaded';

const t = shell.route;

export function NotFound() {
  usePageTitle(t.notFoundTitle);
  return (
    <main>
      <Empty
        icon={IconMapQuestion}
        title={t.notFoundTitle}
        action={
          <Button component={Link} to="/" variant="default">
            {t.notFoundAction}
          </Button>
        }
      >
        {t.notFound}
      </Empty>
    </main>
  );
}

/** What is shown of a page that broke, or that could not be loaded; the frame around it stays. */
export function RouteError({ error, reset }: ErrorComponentProps) {
  const router = useRouter();
  if (error instanceof PageNotLoaded) return <NotLoaded reason={error.reason} />;
  const again = () => {
    reset();
    void router.invalidate();
  };
  return <ErrorState error={error} onRetry={again} />;
}
