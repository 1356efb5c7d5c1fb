import {
  ActionIcon,
  Alert,
  Anchor,
  Badge,
  Button,
  Checkbox,
  Code,
  Loader,
  NumberInput,
  PasswordInput,
  Progress,
  Radio,
  SegmentedControl,
  Select,
  Stack,
  Switch,
  Table,
  Tabs,
  Text,
  Textarea,
  TextInput,
  Title,
} from '@mantine/core';
import { IconPlus, IconSettings } from '@tabler/icons-react';

import { Row, type Specimens } from '@/lib/specimens';
import classes from '@/lib/specimens/specimens.module.css';
import { TONES } from '@/lib/theme';

const GROUNDS = ['canvas', 'rail', 'surface', 'raised', 'sunken', 'hover', 'accent-soft', 'selection'];

function Colours() {
  return (
    <>
      <Row>
        {GROUNDS.map((ground) => (
          <div key={ground} className={classes.swatch} style={{ background: `var(--bw-${ground})` }}>
            <div>{ground}</div>
            <div style={{ color: 'var(--bw-muted)' }}>muted</div>
            <div style={{ color: 'var(--bw-accent)' }}>accent</div>
          </div>
        ))}
      </Row>
      <Row>
        {TONES.map((tone) => (
          <div
            key={tone}
            data-tone={tone}
            className={classes.swatch}
            style={{
              background: 'var(--tone-fill)',
              borderColor: 'var(--tone-line)',
              borderLeft: '4px solid var(--tone-solid)',
              color: 'var(--tone-text)',
            }}
          >
            {tone}
          </div>
        ))}
      </Row>
    </>
  );
}

export const specimens: Specimens = {
  section: 'Foundations',
  cases: [
    { name: 'Colours', wide: true, show: Colours },
    {
      name: 'Headings',
      show: () => (
        <>
          {' '}
          <Title order={1}>Run the analysis again</Title>
          <Title order={2}>Inputs and packages</Title>
          <Title order={3}>What policy says</Title>
          <Title order={4}>Limits</Title>
        </>
      ),
    },
    {
      name: 'Text',
      show: () => (
        <>
          {' '}
          <Text size="lg">Large: a sentence that is read first.</Text>
          <Text>Body: 344 rows, 17 columns, 0O 1lI.</Text>
          <Text size="sm" c="dimmed">
            Small and quiet: the facts beside it.
          </Text>
          <Text size="xs" c="dimmed">
            Smallest: a label.
          </Text>
          <Anchor href="#">A link</Anchor> <Code>SELECT 0 AS zero</Code>
        </>
      ),
    },
    {
      name: 'Buttons',
      show: () => (
        <>
          {' '}
          {(['filled', 'light', 'default', 'subtle', 'outline'] as const).map((variant) => (
            <Row key={variant}>
              <Button variant={variant}>Run</Button>
              <Button variant={variant} size="xs" leftSection={<IconPlus size={14} />}>
                Add
              </Button>
              <Button variant={variant} disabled>
                Off
              </Button>
              <Button variant={variant} loading>
                Busy
              </Button>
            </Row>
          ))}
          <Row>
            <Button color="red">End run</Button>
            <ActionIcon aria-label="Settings">
              <IconSettings size={18} />
            </ActionIcon>
            <Loader size="sm" />
          </Row>
        </>
      ),
    },
    {
      name: 'Fields',
      show: () => (
        <>
          {' '}
          <Stack gap="sm">
            <TextInput label="Purpose" description="Stands in the log." placeholder="Why this is run" />
            <TextInput label="Purpose" error="purpose: say in a few words what this is for." defaultValue="x" />
            <TextInput label="Purpose" disabled defaultValue="Cannot be changed" />
            <PasswordInput label="Password" />
            <NumberInput label="Memory, GB" defaultValue={4} />
            <Select label="Environment" data={['python', 'python-geo']} defaultValue="python" />
            <Textarea label="Prompt" defaultValue={'Two lines\nof it'} />
          </Stack>
        </>
      ),
    },
    {
      name: 'Choices',
      show: () => (
        <>
          {' '}
          <Stack gap="sm">
            <Checkbox label="Keep artifacts" defaultChecked />
            <Checkbox label="Off" disabled />
            <Radio label="A program of mine" description="May do what you may." defaultChecked />
            <Switch label="Follow output" defaultChecked />
            <SegmentedControl data={['Python', 'SQL', 'bash']} />
            <Tabs defaultValue="a">
              <Tabs.List>
                <Tabs.Tab value="a">Output</Tabs.Tab>
                <Tabs.Tab value="b">Artifacts</Tabs.Tab>
              </Tabs.List>
            </Tabs>
            <Progress value={64} aria-label="Upload" />
          </Stack>
        </>
      ),
    },
    {
      name: 'Words',
      show: () => (
        <>
          {' '}
          <Stack gap="sm">
            <Row>
              <Badge variant="light">light</Badge>
              <Badge variant="light" color="green">
                green
              </Badge>
              <Badge variant="light" color="red">
                red
              </Badge>
              <Badge variant="outline" color="gray">
                outline
              </Badge>
            </Row>
            <Alert color="red">Name and password do not belong together.</Alert>
            <Alert color="yellow">The output was cut.</Alert>
            <Table>
              <Table.Thead>
                <Table.Tr>
                  <Table.Th>island</Table.Th>
                  <Table.Th>n</Table.Th>
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                <Table.Tr>
                  <Table.Td>Biscoe</Table.Td>
                  <Table.Td>168</Table.Td>
                </Table.Tr>
              </Table.Tbody>
            </Table>
          </Stack>
        </>
      ),
    },
  ],
};
