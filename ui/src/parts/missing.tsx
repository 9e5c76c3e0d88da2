import { Button, Stack, Text, Title } from '@mantine/core'
import { Link } from 'react-router'
import { useI18n } from '../app/context'

/** The page for an address that leads nowhere. */
export function Missing() {
  const { t } = useI18n()
  return (
    <Stack align="flex-start">
      <Title order={1}>{t('app.missing.title')}</Title>
      <Text>{t('app.missing.text')}</Text>
      <Button component={Link} to="/">
        {t('app.home')}
      </Button>
    </Stack>
  )
}
