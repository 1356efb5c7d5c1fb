import { Button } from '@mantine/core';
import { IconMapQuestion, IconRefresh } from '@tabler/icons-react';
import { Link, useRouter, type ErrorComponentProps } from '@tanstack/react-router';

import { Empty, ErrorState } from '@/components/feedback';
import { usePageTitle } from '@/components/page';
import { shell } from '@/locales';

const t = shell.route;

export function NotFound() {
  usePageTitle(t.notFoundTitle);
  return (
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
  );
}

/** What is shown of a page that broke, or that could not be loaded; the frame around it stays. */
export function RouteError({ error, reset }: ErrorComponentProps) {
  const router = useRouter();
  if (isStale(error)) {
    return (
      <Empty
        icon={IconRefresh}
        title={t.updatedTitle}
        action={<Button onClick={() => window.location.reload()}>{t.updatedAction}</Button>}
      >
        {t.updated}
      </Empty>
    );
  }
  const again = () => {
    reset();
    void router.invalidate();
  };
  return <ErrorState error={error} onRetry={again} />;
}

/** Whether a part of the page is gone from the server, as after an update. */
function isStale(error: unknown): boolean {
  return (
    error instanceof TypeError && /dynamically imported module|module script|Importing a module/i.test(error.message)
  );
}
