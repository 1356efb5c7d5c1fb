import { Empty } from '@/components/feedback';
import { Section } from '@/components/page';
import { Tag } from '@/components/state-badge';
import { useMe } from '@/lib/session';
import { account, shell } from '@/locales';
import { IconFolders } from '@tabler/icons-react';

import classes from './account.module.css';

const t = account.profile;

export function Profile() {
  const me = useMe();
  return (
    <>
      <Section title={t.title}>
        <dl className={classes.facts}>
          <div>
            <dt>{t.name}</dt>
            <dd>{me.display_name || me.username}</dd>
          </div>
          <div>
            <dt>{t.username}</dt>
            <dd>{me.username}</dd>
          </div>
        </dl>
      </Section>
      <Section title={t.projects}>
        {me.projects.length ? (
          <ul className={classes.rows}>
            {me.projects.map(({ id, name, roles }) => (
              <li key={id} className={classes.row}>
                <span className={classes.rowName}>{name}</span>
                <span className={classes.tags}>
                  {roles.map((role) => (
                    <Tag key={role}>{shell.roles[role]}</Tag>
                  ))}
                </span>
              </li>
            ))}
          </ul>
        ) : (
          <Empty icon={IconFolders} title={shell.project.none} size="part">
            {t.noProjects}
          </Empty>
        )}
      </Section>
    </>
  );
}
