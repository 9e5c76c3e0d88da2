import { Button, Text, Title } from '@mantine/core'
import { useI18n } from '../../app/context'
import { words as sourcesWords } from '../sources/words'
import type { HookOut } from './api'
import { words } from './words'

const texts = words.with(sourcesWords)

/** A secret that has just been made; it is shown this once. */
export function Secret({ of: { name, secret }, done }: { of: HookOut & { secret: string }; done: () => void }) {
  const { t } = useI18n(texts)
  return (
    <section className="panel" aria-live="polite">
      <Title order={2} size="h4" mb="xs">
        {t('hooks.secret', { name })}
      </Title>
      <Text>{t('sources.made.secret')}</Text>
      <pre className="wrapped secret">{secret}</pre>
      <Text size="sm" className="quiet">
        {t('hooks.secret.use')}
      </Text>
      <Button variant="default" mt="sm" onClick={done}>
        {t('sources.rotated.noted')}
      </Button>
    </section>
  )
}
