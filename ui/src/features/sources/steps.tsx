import { Alert, Anchor, Button, CopyButton, Text, Title } from '@mantine/core'
import { useI18n } from '../../app/context'
import { words as syncWords } from '../sync/words'
import type { Step } from './api'
import { words } from './words'

const texts = words.with(syncWords)

/** What to do at the PBX or CRM, one thing after the other, with what goes there ready to copy. */
export function Steps({ of: { steps, files } }: { of: { steps: Step[]; files: { name: string; text: string }[] } }) {
  const i18n = useI18n(texts)
  return (
    <>
      <Title order={2} size="h4" mb="sm">
        {i18n.t('source.steps')}
      </Title>
      {steps.some(({ copy }) => leadsHere(copy)) && (
        <Alert color="yellow" variant="outline" mb="sm" role="note">
          <Text>{i18n.t('source.local')}</Text>
        </Alert>
      )}
      <ol className="steps">
        {steps.map(({ text, copy }) => (
          <li key={text.en}>
            <Text>{i18n.in(text)}</Text>
            {copy && <Copied text={copy} />}
          </li>
        ))}
      </ol>
      {files.map(({ name, text }) => (
        <Anchor key={name} download={name} href={`data:text/xml;charset=utf-8,${encodeURIComponent(text)}`}>
          {i18n.t('source.file', { name })}
        </Anchor>
      ))}
      {steps.some(({ veiled }) => veiled) && (
        <Text size="sm" className="quiet" mt="sm">
          {i18n.t('source.veiled')}
        </Text>
      )}
    </>
  )
}

/** Whether a text names an address that only this machine reaches. */
export const leadsHere = (text: string): boolean => /\/\/(127\.\d+\.\d+\.\d+|localhost|\[::1\])([:/]|$)/i.test(text)

/** A text to enter elsewhere, letter by letter: a press copies it. One that is shown this once is `loud`. Browsers let only pages under https do so; elsewhere a click selects it whole. */
export function Copied({ text, loud }: { text: string; loud?: boolean }) {
  const { t } = useI18n(texts)
  return (
    <div className="copied">
      <pre className={loud ? 'secret' : undefined}>{text}</pre>
      {window.isSecureContext && (
        <CopyButton value={text}>
          {({ copied, copy }) => (
            <Button
              size="compact-sm"
              variant="default"
              onClick={copy}
              aria-label={`${t(copied ? 'source.copied' : 'source.copy')}: ${text}`}
            >
              {t(copied ? 'source.copied' : 'source.copy')}
            </Button>
          )}
        </CopyButton>
      )}
    </div>
  )
}

/** The address that has to be written into the integration. */
export function ReturnAddress({ of }: { of: string }) {
  const { t } = useI18n(texts)
  return (
    <div>
      <Text size="sm" className="quiet">
        {t('consent.return')}
      </Text>
      <Copied text={of} />
    </div>
  )
}
